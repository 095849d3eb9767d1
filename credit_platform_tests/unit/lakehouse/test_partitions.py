"""Tables in partitions: some replaced in one commit, sealed, read, verified, repaired, taken away."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from credit_platform.errors import DamagedTableError, TableMovedOnError, TableNotFoundError
from credit_platform.lakehouse import Lakehouse, Replacement, content_hash
from credit_platform.lakehouse.content_hash import RowSums, hash_of, row_sums
from credit_platform.lakehouse.repair import plan_repair, repair
from credit_platform.lakehouse.verification import verify_table

KEY = "some/monitoring/days"
SCHEMA = pl.Schema({"day": pl.Date(), "row": pl.Int64(), "name": pl.String()})
WIDER = pl.Schema({**SCHEMA, "more": pl.Float64()})


def of_day(day: int, *rows: int, schema: pl.Schema = SCHEMA) -> dict[str, pl.DataFrame]:
    """A partition."""
    moment = date(2026, 11, day)
    frame = pl.DataFrame({"day": [moment] * len(rows), "row": rows, "name": [f"é{row}" for row in rows]}, schema=SCHEMA)
    return {moment.isoformat(): frame.with_columns(pl.lit(None, pl.Float64()).alias("more")).select(schema.names())}


def put(lakehouse: Lakehouse, frames: dict[str, pl.DataFrame], schema: pl.Schema = SCHEMA) -> int:
    """Replace partitions; the version."""
    change = Replacement(column="day", base=lakehouse.head(KEY), schema=schema, frames=frames)
    return lakehouse.replace(KEY, change).version


def rows(lakehouse: Lakehouse, version: int | None = None) -> list[tuple[int, int]]:
    """Day and row of every row."""
    frame = lakehouse.scan(KEY, version).select(pl.col("day").dt.day(), "row").sort("day", "row").collect()
    return [(day, row) for day, row in frame.iter_rows()]


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path / "lake été #1"))


def test_a_day_replaces_itself_and_no_other(lakehouse: Lakehouse) -> None:
    put(lakehouse, of_day(1, 1, 2) | of_day(2, 3))
    put(lakehouse, of_day(2, 4, 5))
    put(lakehouse, of_day(3, 6))
    assert rows(lakehouse) == [(1, 1), (1, 2), (2, 4), (2, 5), (3, 6)]
    assert rows(lakehouse, 0) == [(1, 1), (1, 2), (2, 3)], "time travel"
    version = put(lakehouse, of_day(2))
    assert rows(lakehouse) == [(1, 1), (1, 2), (3, 6)], "a frame without rows takes its day away"
    assert lakehouse.latest(KEY).version == version  # type: ignore[union-attr]  # there is one


def test_the_content_hash_is_that_of_all_rows_and_files_that_stay_are_not_written_again(lakehouse: Lakehouse) -> None:
    put(lakehouse, of_day(1, 1, 2) | of_day(2, 3))
    kept = {path for path in lakehouse.read(KEY).files if "day=2026-11-01" in path}
    put(lakehouse, of_day(2, 4))
    stored = lakehouse.read(KEY)
    assert kept < set(stored.files)
    assert stored.version.content_hash == content_hash(stored.frame)
    assert (stored.version.rows, stored.version.columns) == (3, 3)
    assert stored.partitioned_by == "day"


def test_other_programs_read_the_same_and_find_no_statistics_of_values(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path / "lake"))
    put(lakehouse, of_day(1, 1, 2) | of_day(2, 3))
    put(lakehouse, of_day(2, 4))
    assert_frame_equal(
        pl.scan_delta(str(tmp_path / "lake" / KEY)).sort("row").collect(),
        lakehouse.scan(KEY).sort("row").collect(),
        check_column_order=False,
    )
    table = DeltaTable(str(tmp_path / "lake" / KEY))
    assert table.metadata().partition_columns == ["day"]
    assert "é4" not in "".join(path.read_text() for path in (tmp_path / "lake" / KEY / "_delta_log").glob("*.json"))


def test_a_table_without_rows_has_its_columns(lakehouse: Lakehouse) -> None:
    put(lakehouse, {})
    assert lakehouse.scan(KEY).collect_schema() == SCHEMA
    put(lakehouse, of_day(1, 1))
    put(lakehouse, of_day(1))
    assert rows(lakehouse) == []
    assert verify_table(lakehouse._storage.address(""), KEY, every_version=True)[0].state == "whole"


def test_columns_that_are_new_are_null_in_the_days_before(lakehouse: Lakehouse) -> None:
    put(lakehouse, of_day(1, 1) | of_day(2, 2))
    wider = {day: frame.with_columns(pl.lit(0.5).alias("more")) for day, frame in of_day(2, 3, schema=WIDER).items()}
    put(lakehouse, wider, WIDER)
    found = lakehouse.scan(KEY).sort("row").collect()
    assert found.schema == WIDER
    assert found["more"].to_list() == [None, 0.5]
    assert rows(lakehouse) == [(1, 1), (2, 3)]
    assert lakehouse.latest(KEY).content_hash == content_hash(found)  # type: ignore[union-attr]  # there is one


def test_who_read_before_another_committed_writes_nothing(lakehouse: Lakehouse) -> None:
    put(lakehouse, of_day(1, 1))
    late = Replacement(column="day", base=lakehouse.head(KEY), schema=SCHEMA, frames=of_day(1, 9))
    put(lakehouse, of_day(2, 2))
    with pytest.raises(TableMovedOnError, match=f"{KEY} was changed by another run"):
        lakehouse.replace(KEY, late)
    first = Replacement(column="day", base=None, schema=SCHEMA, frames=of_day(1, 9))
    with pytest.raises(TableMovedOnError):
        lakehouse.replace(KEY, first)
    assert rows(lakehouse) == [(1, 1), (2, 2)]
    assert len(list(Path(lakehouse._storage.address(KEY)).rglob("*.parquet"))) == 2


@pytest.mark.parametrize("what", ["file", "commit"])
def test_what_was_altered_is_found(lakehouse: Lakehouse, what: str) -> None:
    root = Path(lakehouse._storage.address(KEY))
    put(lakehouse, of_day(1, 1) | of_day(2, 2))
    put(lakehouse, of_day(2, 3))
    if what == "file":
        file = next(path for path in root.rglob("*.parquet") if "11-01" in str(path))
        file.write_bytes(file.read_bytes()[:-9] + b"wrongwrong")
    else:
        commit = root / "_delta_log" / f"{1:020}.json"
        kept = [line for line in commit.read_text().splitlines() if not line.startswith('{"add"')]
        commit.write_text("\n".join(kept))
    with pytest.raises(DamagedTableError):
        lakehouse.scan(KEY).collect()
    states = verify_table(str(root.parents[2]), KEY, every_version=False)
    assert {state.state for state in states if state.version == 1} == {"damaged"}
    if what == "commit":
        plan = plan_repair(str(root.parents[2]), KEY)
        assert plan is not None
        repair(str(root.parents[2]), plan)
        assert rows(lakehouse) == [(1, 1), (2, 2)]


def test_versions_are_taken_away_with_the_files_that_only_they_need(lakehouse: Lakehouse) -> None:
    put(lakehouse, of_day(1, 1))
    put(lakehouse, of_day(2, 2))
    put(lakehouse, of_day(2, 3))
    second = [path for path in lakehouse.read(KEY, 1).files if "11-02" in path]
    head = lakehouse.head(KEY)
    assert head is not None
    with pytest.raises(TableMovedOnError):
        lakehouse.withdraw(KEY, head - 1, second, "of a test")
    assert lakehouse.withdraw(KEY, head, second, "of a test") == (1,)
    assert [version.version for version in lakehouse.versions(KEY)] == [2, 0]
    with pytest.raises(TableNotFoundError, match=r"no version 1 any more: it was taken away on .* because of a test"):
        lakehouse.read(KEY, 1)
    assert not Path(second[0]).exists()
    assert rows(lakehouse) == [(1, 1), (2, 3)]
    assert not lakehouse.left_over(KEY)


def test_vacuum_keeps_what_the_newest_version_stands_on(lakehouse: Lakehouse) -> None:
    for row in range(4):
        put(lakehouse, of_day(1 + row % 2, row))
    result = lakehouse.vacuum(KEY, 1, dry_run=False)
    assert result.removed_versions == (2, 1, 0)
    assert rows(lakehouse) == [(1, 2), (2, 3)]
    assert len(list(Path(lakehouse._storage.address(KEY)).rglob("*.parquet"))) == 2


def test_a_whole_write_in_partitions_leaves_nothing_of_before(lakehouse: Lakehouse) -> None:
    put(lakehouse, of_day(1, 1) | of_day(2, 2))
    frame = pl.concat([*of_day(2, 5).values(), *of_day(3, 6).values()])
    lakehouse.write(KEY, frame, partition_by="day")
    assert rows(lakehouse) == [(2, 5), (3, 6)]


@given(st.lists(st.integers(-9, 9), max_size=20), st.integers(0, 20))
def test_sums_of_parts_are_those_of_the_whole(values: list[int], cut: int) -> None:
    frame = pl.DataFrame({"x": values}, schema={"x": pl.Int64})
    parts = row_sums(frame[:cut]) + row_sums(frame[cut:])
    assert parts == row_sums(frame)
    assert hash_of(frame.schema, parts) == content_hash(frame)
    assert parts + RowSums() == parts
