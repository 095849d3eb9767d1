"""Nothing of a file is lost: each row is kept with the contract's types or set aside with its text, rule and line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from credit_platform.errors import ContractError, RawFileError
from credit_platform.lakehouse import Lakehouse, StagedTable
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality import CheckedTable, Ingested, enforce, ingest
from credit_platform.quality import quarantine as quarantine_module
from credit_platform_tests.unit.quality.tables import EVENTS, GOOD, HEADER, LOANS, ROWS, frame, write


def read(path: Path, staging: Path | None = None, table: SourceTable = LOANS) -> Ingested:
    return ingest(table, path, {}, staging=staging)


@pytest.fixture(params=[False, True], ids=["lazy", "staged"])
def staging(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Both ways of reading must agree."""
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder if request.param else None


def test_clean_file_is_kept_whole(tmp_path: Path, staging: Path | None) -> None:
    ingested = read(write(tmp_path, *GOOD), staging)
    assert_frame_equal(ingested.kept.collect(), frame(*ROWS))
    rejected = ingested.rejected.collect()
    assert rejected.is_empty()
    assert rejected.columns == [*LOANS.column_names, "rule", "line"]
    assert (ingested.counts.rows_in, ingested.counts.kept, ingested.counts.rejected) == (3, 3, 0)
    assert ingested.counts.rejected_share == 0


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param("4,10,abc,car,-1", "type:amount", id="text in a number"),
        pytest.param("4,10,nan,car,-1", "type:amount", id="not a number"),
        pytest.param("4,10,inf,car,-1", "type:amount", id="infinite"),
        pytest.param("99999999999,10,1,car,-1", "type:id", id="number too large for its type"),
        pytest.param("4.5,10,1,car,-1", "type:id", id="fraction in a whole number"),
        pytest.param("4,10,1,boat,-1", "allowed:purpose", id="unknown category"),
        pytest.param("4,10,1,,-1", "not_null:purpose", id="null that may not be"),
        pytest.param(",10,1,car,-1", "not_null:id", id="null key"),
        pytest.param("4,10,-0.5,car,-1", "range:amount", id="below the range"),
        pytest.param("4,10,1000001,car,-1", "range:amount", id="above the range"),
        pytest.param("4,10,1,car,1", "range:days", id="above a maximum"),
        pytest.param("1,12,1,car,-1", "duplicate_key", id="duplicate id"),
        pytest.param("4,10,-1,boat,1", "range:amount; allowed:purpose; range:days", id="several rules"),
    ],
)
def test_wrong_row_is_set_aside_with_its_text(tmp_path: Path, staging: Path | None, line: str, rule: str) -> None:
    ingested = read(write(tmp_path, *GOOD, line), staging)
    assert_frame_equal(ingested.kept.collect(), frame(*ROWS))
    texts = tuple(text or None for text in line.split(","))
    assert ingested.rejected.collect().rows() == [(*texts, rule, 5)]
    assert ingested.counts.by_rule == dict.fromkeys(rule.split("; "), 1)
    assert (ingested.counts.rows_in, ingested.counts.kept, ingested.counts.rejected) == (4, 3, 1)
    enforce(LOANS, ingested.kept)


def test_first_valid_row_of_a_key_is_kept(tmp_path: Path, staging: Path | None) -> None:
    lines = ["1,10,1,boat,-1", "1,10,2,car,-1", "2,10,3,car,-1", "1,10,4,car,-1", "1,10,5,car,-1"]
    ingested = read(write(tmp_path, *lines), staging)
    assert ingested.kept.collect().select("id", "amount").rows() == [(1, 2.0), (2, 3.0)]
    found = ingested.rejected.select("line", "rule").collect().rows()
    assert found == [(2, "allowed:purpose"), (5, "duplicate_key"), (6, "duplicate_key")]


def test_line_numbers_count_line_breaks_in_fields(tmp_path: Path, staging: Path | None) -> None:
    ingested = read(write(tmp_path, '1,10,1,"car\nor tv",-1', "2,10,1,boat,-1"), staging)
    assert ingested.rejected.select("purpose", "line").collect().rows() == [("car\nor tv", 2), ("boat", 4)]


def test_blanks_before_a_number_are_read_on_both_paths(tmp_path: Path, staging: Path | None) -> None:
    clean = read(write(tmp_path, "1, 10, 2.5,car,-3"), staging).kept.collect()
    careful = read(write(tmp_path, "1, 10, 2.5,car,-3", "2,10,x,car,-1"), staging).kept.collect()
    assert_frame_equal(clean, careful)


def test_every_row_may_be_wrong(tmp_path: Path, staging: Path | None) -> None:
    ingested = read(write(tmp_path, "1,10,1,boat,-1"), staging)
    assert ingested.kept.collect().is_empty()
    assert ingested.kept.collect_schema() == frame().schema
    assert ingested.counts.rejected_share == 1


def test_file_level_failure_keeps_nothing(tmp_path: Path, staging: Path | None) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(HEADER + "\n" + GOOD[0])
    with pytest.raises(RawFileError, match="was cut off"):
        read(path, staging)


def test_lines_too_long_and_too_short_do_not_cancel_out(tmp_path: Path, staging: Path | None) -> None:
    with pytest.raises(RawFileError, match="has 6 fields on line 3"):
        read(write(tmp_path, GOOD[0], "2,10,1,car,-1,9", "3,10,1,car"), staging)


def test_rows_that_vanish_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine_module, "sorted_rows", lambda table, frame: frame.head(0))
    with pytest.raises(ContractError, match="has 2 rows, but 0 were kept and 1 rejected"):
        read(write(tmp_path, GOOD[0], "2,10,x,car,-1"))


def test_columns_in_another_order_are_read_by_name_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text("amount,id,customer,days,purpose\n2.5,1,10,-3,car\n")
    ingested = read(path)
    assert ingested.kept.collect().rows() == [ROWS[0]]
    assert [finding.rule for finding in ingested.findings] == ["column_order"]


def test_rows_are_sorted_as_declared(tmp_path: Path, staging: Path | None) -> None:
    table = dataclasses.replace(LOANS, sort_by=("customer", "id"))
    for extra in ([], ["9,1,x,car,-1"]):
        path = write(tmp_path, "3,12,1,car,-1", "2,11,1,car,-1", "1,12,1,car,-1", *extra)
        assert read(path, staging, table).kept.collect()["id"].to_list() == [2, 1, 3]


def test_table_without_a_key_keeps_repeated_rows(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("value,kind\n1,a\n1,a\nx,a\n")
    ingested = read(path, table=EVENTS)
    assert ingested.counts.kept == 2
    assert [(f.rule, f.rows) for f in ingested.findings] == [("duplicated_rows", 1)]


def test_what_is_storable_round_trips_through_the_lakehouse(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path / "lakehouse"))
    path = write(tmp_path, *GOOD, "4,10,1,boat,-1")
    hashes = []
    for staged in (True, False):
        with lakehouse.staging() as folder:
            ingested = read(path, folder if staged else None)
            version = lakehouse.write("t/raw/loans", ingested.storable, summary=ingested.summary())
            lakehouse.write("t/raw/loans__rejected", ingested.rejected)
        hashes.append(version.content_hash)
        assert_frame_equal(lakehouse.scan("t/raw/loans").collect(), frame(*ROWS))
        assert lakehouse.scan("t/raw/loans__rejected").collect()["rule"].to_list() == ["allowed:purpose"]
        assert lakehouse.read("t/raw/loans").summary["counts"]["by_rule"] == {"allowed:purpose": 1}
    assert hashes[0] == hashes[1]


def test_only_a_prepared_file_without_fault_counts_as_checked(tmp_path: Path) -> None:
    clean, damaged = tmp_path / "clean", tmp_path / "damaged"
    for folder in (clean, damaged):
        folder.mkdir()
    checked = read(write(tmp_path, *GOOD), clean).storable
    assert isinstance(checked, CheckedTable)
    assert checked.table == LOANS
    assert_frame_equal(pl.read_parquet(checked.path), frame(*ROWS))
    careful = read(write(tmp_path, *GOOD, "4,10,1,boat,-1"), damaged).storable
    assert isinstance(careful, StagedTable)
    assert not isinstance(careful, CheckedTable)


def test_rows_with_repeated_keys_keep_their_text_and_their_order(tmp_path: Path, staging: Path | None) -> None:
    table = dataclasses.replace(LOANS, sort_by=("customer", "id"))
    lines = ["2,11,1.50,car,-1", "1,12, 2,tv,-1", "2,11,3.0,tv,-1", "3,10,x,car,-1", "1,11,4,car,-1", "4,10,5,car,-1"]
    ingested = read(write(tmp_path, *lines), staging, table)
    assert ingested.kept.collect()["id"].to_list() == [4, 2, 1]
    assert ingested.rejected.select("id", "amount", "rule", "line").collect().rows() == [
        ("2", "3.0", "duplicate_key", 4),
        ("3", "x", "type:amount", 5),
        ("1", "4", "duplicate_key", 6),
    ]


def test_summary_is_json(tmp_path: Path) -> None:
    summary = read(write(tmp_path, *GOOD)).summary()
    assert json.loads(json.dumps(summary))["source"]["rows"] == 3


FIELDS = st.tuples(
    st.sampled_from(["1", "2", "3", "", "x"]),
    st.sampled_from(["10", "", "1.5"]),
    st.sampled_from(["1", "-1", "", "nan", " 2"]),
    st.sampled_from(["car", "tv", "boat", "", '"c,ar"']),
    st.sampled_from(["0", "-1", "1", "365243", ""]),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(FIELDS, min_size=1, max_size=8), st.booleans())
def test_rows_in_are_rows_kept_and_rejected(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], staged: bool
) -> None:
    folder = tmp_path_factory.mktemp("file")
    path = write(folder, *(",".join(row) for row in rows))
    ingested = read(path, folder if staged else None)
    kept, rejected = ingested.kept.collect(), ingested.rejected.collect()
    assert kept.height + rejected.height == len(rows)
    assert kept["id"].is_unique().all()
    assert set(kept["purpose"]) <= {"car", "tv"}
    assert rejected["rule"].str.len_chars().gt(0).all()
    texts = [tuple(text.strip('"') or None for text in row) for row in rows]
    assert rejected.drop("rule", "line").rows() == [texts[line - 2] for line in rejected["line"]]
    assert rejected["line"].is_sorted()
    enforce(LOANS, kept)


DOUBTFUL = st.tuples(
    st.integers(1, 6).map(str),
    st.sampled_from(["10", "11", "", '""', "1.5"]),
    st.sampled_from(["1", "2.50", "-1", "", '""', "nan", " 2", "2 ", "1.0E5", "-0.0", "x"]),
    st.sampled_from(["car", "tv", "boat", '"car"', ""]),
    st.sampled_from(["0", "-1", "1", "365243", " -1 ", "", "300000000000"]),
)


@settings(deadline=None, max_examples=25)
@given(
    rows=st.lists(DOUBTFUL, min_size=1, max_size=12),
    sort_by=st.sampled_from([(), ("customer",)]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_reading_only_suspects_as_text_has_the_outcome_of_reading_everything_as_text(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], sort_by: tuple[str, ...], end: str
) -> None:
    table = dataclasses.replace(LOANS, sort_by=sort_by)
    folder = tmp_path_factory.mktemp("file")
    # The rows of the middle are right, so that suspects are few; the quick path never sees the last one.
    lines = [*(",".join(row) for row in rows), *(f"{n},10,1,car,-1" for n in range(100, 120)), "99,10,x,car,-1"]
    path = write(folder, *lines, end=end)
    everything, suspects = read(path, None, table), read(path, folder, table)
    assert (folder / "loans__rejected.parquet").exists()
    assert_frame_equal(suspects.kept.collect(), everything.kept.collect())
    assert_frame_equal(suspects.rejected.collect(), everything.rejected.collect())
    assert suspects.counts == everything.counts
    assert suspects.counts.rows_in == len(lines)


def test_a_row_that_only_looks_wrong_keeps_its_place(tmp_path: Path, staging: Path | None) -> None:
    lines = ["3,10,1,car,-1", "2 ,10,1,car,-1", "1,10,1,car,-1", "4,10,x,car,-1"]
    kept = read(write(tmp_path, *lines), staging).kept.collect()
    assert kept["id"].to_list() == [3, 2, 1]


def test_two_quotes_are_no_number_on_both_paths(tmp_path: Path, staging: Path | None) -> None:
    clean = read(write(tmp_path, '1,"",1,car,-1'), staging).kept.collect()
    careful = read(write(tmp_path, '1,"",1,car,-1', '"",10,1,car,-1'), staging)
    assert clean.rows() == careful.kept.collect().rows() == [(1, None, 1.0, "car", -1)]
    assert careful.counts.by_rule == {"not_null:id": 1}


def test_wrong_rows_are_taken_out_of_the_file_by_their_lines(tmp_path: Path, staging: Path | None) -> None:
    ingested = read(write(tmp_path, *GOOD, "4,10,x,car,-1", "5,10,1,boat,-1"), staging)
    assert ingested.rejected.select("rule", "line").collect().rows() == [("type:amount", 5), ("allowed:purpose", 6)]
    assert_frame_equal(ingested.kept.collect(), frame(*ROWS))
    assert len(list(tmp_path.rglob("loans__*.csv"))) == (1 if staging else 0)


def test_a_file_that_is_replaced_while_it_is_read_is_no_version(tmp_path: Path, staging: Path | None) -> None:
    """The version before is looked at when header, digest and rows were read: then another file lies there."""
    path = write(tmp_path, *GOOD)

    fresh = path.with_suffix(".new")

    def replaced(rows: pl.DataFrame) -> pl.DataFrame:
        if fresh.exists():
            fresh.replace(path)
        return rows

    assert ingest(LOANS, path, {}, previous=frame(*ROWS).lazy(), staging=staging).counts.kept == 3
    fresh.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    previous = frame(*ROWS).lazy().map_batches(replaced)
    with pytest.raises(RawFileError, match="was replaced by another while it was read"):
        ingest(LOANS, path, {}, previous=previous, staging=staging)
