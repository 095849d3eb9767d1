"""What is unusual is reported with its count; what is usual is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import polars as pl
import pytest

from credit_platform.portfolios.source_table import Column, ColumnType, Coverage, ForeignKey, SourceTable
from credit_platform.quality import Finding, Severity, profile_table
from credit_platform.quality.findings import explain_rejections, find, note_usual, summarise
from credit_platform_tests.unit.quality.tables import EVENTS, LOANS, ROWS, frame

CUSTOMERS = pl.LazyFrame({"customer_id": [10]}, schema={"customer_id": pl.Int32})


def loans(parents: Mapping[str, pl.LazyFrame], table: object = LOANS) -> list[Finding]:
    assert isinstance(table, type(LOANS))
    rows = frame(*ROWS).lazy()
    return [f for f in find(table, rows, profile_table(table, rows), parents) if f.rule == "orphans"]


def events(values: list[float | None], previous: list[float | None] | None = None) -> dict[str, Finding]:
    def lazy(numbers: list[float | None]) -> pl.LazyFrame:
        columns = {"value": numbers, "kind": [str(i) for i in range(len(numbers))]}
        return pl.LazyFrame(columns, schema={"value": pl.Float64, "kind": pl.String})

    profile = profile_table(EVENTS, lazy(values), None if previous is None else lazy(previous))
    return {f.rule: f for f in find(EVENTS, lazy(values), profile, {}) if f.column != "kind"}


def test_orphans_are_counted_and_null_is_none() -> None:
    (finding,) = loans({"customers": CUSTOMERS})
    assert (finding.severity, finding.column, finding.rows) == (Severity.WARNING, "customer", 1)
    assert "customers does not have" in finding.message


def test_unknown_parent_is_not_judged() -> None:
    assert loans({}) == []


def test_either_of_two_parents_will_do() -> None:
    key = ForeignKey(column="customer", parent="customers", parent_column="customer_id", also=("others",))
    table = dataclasses.replace(LOANS, foreign_keys=(key,))
    others = pl.LazyFrame({"customer_id": [11]}, schema={"customer_id": pl.Int32})
    assert loans({"customers": CUSTOMERS, "others": others}, table) == []
    assert loans({"customers": CUSTOMERS}, table) == []


def test_sentinels_are_noted() -> None:
    rows = frame(*ROWS).lazy()
    found = {f.rule: f for f in find(LOANS, rows, profile_table(LOANS, rows), {})}
    assert (found["sentinel"].rows, found["sentinel"].column) == (1, "days")
    assert "365243" in found["sentinel"].message


def test_many_nulls_are_a_warning_and_few_are_not() -> None:
    assert events([1.0, None, None])["nulls"].rows == 2
    assert "nulls" not in events([1.0, 2.0, None])


def of_nulls(usual: float, share: float) -> list[Finding]:
    column = Column(name="x", type=ColumnType.FLOAT64, description="", nullable=True, usual_null_share=usual)
    table = SourceTable(name="t", file_name="t.csv", description="", columns=(column,))
    rows = pl.LazyFrame({"x": [None] * round(share * 1000) + [1.0] * round((1 - share) * 1000)})
    return [f for f in find(table, rows, profile_table(table, rows), {}) if f.rule == "nulls"]


def test_as_many_nulls_as_usual_are_a_note_and_clearly_more_a_warning() -> None:
    (note,) = of_nulls(0.6, 0.65)
    assert note.severity is Severity.INFO
    assert note.message == "650 values of x (65%) are null, as usual (60%)."
    (warning,) = of_nulls(0.6, 0.75)
    assert warning.severity is Severity.WARNING
    assert warning.message == "750 values of x (75%) are null; usual is 60%."
    assert of_nulls(0.0, 0.2) == []
    assert of_nulls(0.0, 0.3)[0].severity is Severity.WARNING


KEYED = ForeignKey(
    column="who",
    parent="people",
    parent_column="who",
    also=("others",),
    usual_orphan_share=0.1,
    usual_coverage=Coverage(share=0.95, parents="applicants", rows="instalments"),
)
KEYED_TABLE = SourceTable(
    name="rows",
    file_name="rows.csv",
    description="",
    columns=(Column(name="who", type=ColumnType.INT64, description=""),),
    foreign_keys=(KEYED,),
)


def keyed(rows: list[int], people: int = 500, others: int = 500) -> dict[str, Finding]:
    frame = pl.LazyFrame({"who": rows})
    parents = {
        "people": pl.LazyFrame({"who": range(people)}),
        "others": pl.LazyFrame({"who": range(people, people + others)}),
    }
    return {f.rule: f for f in find(KEYED_TABLE, frame, profile_table(KEYED_TABLE, frame), parents)}


def test_few_applicants_with_rows_are_a_warning_in_the_words_of_the_contract() -> None:
    coverage = keyed([n % 16 for n in range(600)])["coverage"]
    assert coverage.message == (
        "1.6% of applicants have instalments; usual is 95%. Is the file whole, and of the same extract?"
    )
    assert (coverage.severity, coverage.rows) == (Severity.WARNING, 984)
    assert "coverage" not in keyed(list(range(475)))
    assert "coverage" in keyed(list(range(474)))


def test_applicants_of_either_file_count() -> None:
    assert "coverage" not in keyed(list(range(500, 1000)))
    assert keyed(list(range(100)))["coverage"].message.startswith("10% of applicants")


def test_orphans_do_not_cover_anybody() -> None:
    found = keyed([*range(400), *range(5_000, 5_600)])
    assert found["coverage"].message.startswith("40% of applicants")
    assert found["orphan_flood"].rows == 600


def test_as_many_orphans_as_usual_are_a_note() -> None:
    note = keyed([*range(900), *range(5_000, 5_100)])["orphans"]
    assert note.severity is Severity.INFO
    assert note.message.endswith("that people or others does not have, as usual (10%).")
    warning = keyed([*range(800), *range(5_000, 5_200)])["orphans"]
    assert warning.severity is Severity.WARNING
    assert warning.message.endswith("does not have; usual is 10%.")


@pytest.mark.parametrize(
    ("orphans", "said"),
    [(1, "(under 0.1%)"), (3, "(0.1%)"), (1_999, "(over 99.9%)"), (1_990, "(99.5%)"), (500, "(25%)")],
)
def test_few_are_not_said_to_be_none_and_nearly_all_not_all(orphans: int, said: str) -> None:
    found = keyed([*([0] * (2_000 - orphans)), *range(5_000, 5_000 + orphans)])
    (message,) = (f.message for rule, f in found.items() if rule.startswith("orphan"))
    assert f"rows {said} point at" in message.replace("1 rows", "rows")


def test_what_is_usual_is_told_in_one_sentence() -> None:
    usual = [
        dataclasses.replace(f, severity=Severity.INFO) for f in (finding("nulls", "a", 0.6), finding("nulls", "b", 0.7))
    ]
    told = dataclasses.replace(finding("description", "", 0.0), severity=Severity.INFO, message="The list lacks c.")
    assert note_usual(usual) == "Usual in this data: columns mostly null (2)."
    assert note_usual([*usual, told, finding("orphans", "k", 0.1)]) == (
        "The list lacks c. Usual in this data: columns mostly null (2)."
    )
    assert note_usual([]) == ""


def test_outliers_are_noted() -> None:
    found = events([*[float(i % 10) for i in range(100)], 1e6])
    assert found["outliers_iqr"].rows == found["outliers_zscore"].rows == 1
    assert found["outliers_iqr"].severity is Severity.INFO


def test_jumps_against_the_previous_version_are_warnings() -> None:
    before: list[float | None] = [float(i % 10) for i in range(200)]
    assert not {"row_jump", "distribution_jump"} & set(events(before, before))
    found = events([value and value + 9 for value in before * 2], before)
    assert (found["row_jump"].rows, found["row_jump"].share) == (200, 0.5)
    assert "+100%" in found["row_jump"].message
    assert "PSI" in found["distribution_jump"].message


def test_finding_is_json() -> None:
    (finding,) = loans({"customers": CUSTOMERS})
    assert finding.to_dict()["severity"] == "warning"


def test_a_flood_of_orphans_has_a_name_of_its_own() -> None:
    rows = pl.LazyFrame(
        {"id": range(10), "customer": [10] * 5 + [99] * 5}, schema={"id": pl.Int32, "customer": pl.Int32}
    )
    whole = rows.with_columns(amount=pl.lit(1.0), purpose=pl.lit("car"), days=pl.lit(0, dtype=pl.Int32))
    found = find(LOANS, whole, profile_table(LOANS, whole), {"customers": CUSTOMERS})
    assert (found[0].rule, found[0].rows, found[0].share) == ("orphan_flood", 5, 0.5)
    assert found[0].message.startswith(
        "Orphan flood: 5 rows (50%) point at a customer_id that customers does not have."
    )


def test_a_changed_unit_is_named_instead_of_a_jump() -> None:
    before: list[float | None] = [float(i % 50) + 1 for i in range(500)]
    found = events([value and value * 1000 for value in before], before)
    assert "its values are 1,000 times those of the previous version" in found["unit_change"].message
    assert "distribution_jump" not in found


def pairs(first: list[float], second: list[float]) -> pl.LazyFrame:
    return pl.LazyFrame({"id": range(len(first)), "first": first, "second": second}, schema_overrides={"id": pl.Int32})


PAIRS = SourceTable(
    name="pairs",
    file_name="pairs.csv",
    description="Two numbers.",
    primary_key=("id",),
    columns=(
        Column(name="id", type=ColumnType.INT32, description=""),
        Column(name="first", type=ColumnType.FLOAT64, description="", unit="DM", typical_median=(10, 100)),
        Column(name="second", type=ColumnType.FLOAT64, description=""),
    ),
)
SMALL, LARGE = [float(i % 60) for i in range(600)], [1000.0 + i % 70 for i in range(600)]


def of_pairs(first: list[float], second: list[float], *, compared: bool) -> dict[str, Finding]:
    now, before = pairs(first, second), pairs(SMALL, LARGE)
    return {f.rule: f for f in find(PAIRS, now, profile_table(PAIRS, now, before if compared else None), {})}


def test_exchanged_columns_are_named() -> None:
    found = of_pairs(LARGE, SMALL, compared=True)
    assert (
        found["exchanged_columns"].message
        == "Columns first and second seem exchanged: each is distributed as the other was before."
    )
    assert "exchanged_columns" not in of_pairs(SMALL, LARGE, compared=True)
    assert "exchanged_columns" not in of_pairs([x + 500 for x in SMALL], LARGE, compared=True)


def test_a_median_far_from_the_typical_asks_for_the_unit() -> None:
    found = of_pairs(LARGE, LARGE, compared=False)
    assert "is it in DM, and is it this column?" in found["atypical_median"].message
    assert "atypical_median" not in of_pairs(SMALL, LARGE, compared=False)


def finding(rule: str, column: str, share: float) -> Finding:
    return Finding(
        severity=Severity.WARNING, rule=rule, column=column, rows=1, share=share, message=f"{rule} of {column}."
    )


def test_many_findings_of_a_kind_become_one_sentence_and_grave_ones_come_first() -> None:
    nulls = [finding("nulls", f"c{n}", 0.6 + n / 100) for n in range(8)]
    said = summarise([*nulls, finding("orphans", "key", 0.1), finding("unit_change", "amount", 1.0)])
    assert said[0] == "unit_change of amount."
    assert (
        said[1] == "8 columns hold more nulls than usual: c7 (67%), c6 (66%), c5 (65%), c4 (64%), c3 (63%) and 3 more."
    )
    assert said[2] == "orphans of key."
    assert summarise([]) == []


def test_two_of_a_kind_that_has_no_common_sentence_are_both_told() -> None:
    assert summarise([finding("orphans", "a", 0.2), finding("orphans", "b", 0.1)]) == ["orphans of a. orphans of b."]


def test_a_rule_that_most_rows_break_speaks_of_the_file() -> None:
    assert explain_rejections({"range:x": 5, "allowed:y": 1}, 10) is None
    assert "was the unit of x changed" in str(explain_rejections({"range:x": 6}, 10))
    assert "are columns exchanged?" in str(explain_rejections({"allowed:y": 10}, 10))
