"""What is unusual is reported with its count; what is usual is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import polars as pl

from credit_platform.portfolios.portfolio import ForeignKey
from credit_platform.quality import Finding, Severity, profile_table
from credit_platform.quality.findings import find
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
