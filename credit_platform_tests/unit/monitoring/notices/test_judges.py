"""What is refused, and what is told, of the table of incidents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl

from credit_platform.monitoring.notices.history import SCHEMA, IncidentsRecord
from credit_platform.monitoring.notices.judges import everybody_told, fresh, nothing_lost, rows_equal_memory

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
RECORD = IncidentsRecord(
    read_at=NOW, in_memory=3, of_others=1, incidents=2, unresolved=1, not_reached=0, message="2 incidents."
)


def rows(*numbers: int, resolved: datetime | None = None) -> pl.DataFrame:
    made = [
        {"incident": n, "key": f"k{n}", "title": f"t{n}", "opened": NOW, "last_seen": NOW, "resolved": resolved}
        for n in numbers
    ]
    return pl.DataFrame(made, schema=SCHEMA)


def test_rows_are_those_of_the_memory() -> None:
    assert rows_equal_memory(rows(1, 2), RECORD).passed
    assert rows_equal_memory(rows(), replace(RECORD, in_memory=1)).passed
    assert (
        "2 rows and 1 of other portfolios are not 4"
        in rows_equal_memory(rows(1, 2), replace(RECORD, in_memory=4)).message
    )
    assert "1 incidents are there twice" in rows_equal_memory(rows(1, 1), RECORD).message
    backwards = rows_equal_memory(rows(1, 2, resolved=NOW - timedelta(seconds=1)), RECORD)
    assert "2 ended" in backwards.message
    assert not backwards.passed


def test_a_memory_that_began_anew_is_told() -> None:
    assert nothing_lost(rows(1), None).passed
    assert nothing_lost(rows(1, 2), rows(1)).passed
    lost = nothing_lost(rows(1), rows(1, 2))
    assert not lost.passed
    assert "t2" in lost.message
    assert not nothing_lost(rows(), rows(1)).passed


def test_what_reached_nobody_is_told() -> None:
    assert everybody_told(RECORD).passed
    assert "Of 2 incidents" in everybody_told(replace(RECORD, not_reached=2)).message


def test_it_is_read_every_day() -> None:
    assert fresh(RECORD, NOW + timedelta(days=2)).passed
    assert not fresh(RECORD, NOW + timedelta(days=2, seconds=1)).passed
