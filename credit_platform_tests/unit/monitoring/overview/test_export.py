"""Files hold the table, and a spreadsheet computes nothing of them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import polars as pl
from polars.testing import assert_frame_equal

from credit_platform.monitoring.overview.export import as_csv, as_parquet

FRAME = pl.DataFrame(
    {
        "at": [datetime(2026, 3, 2, 12, 0, 1, tzinfo=UTC), None],
        "day": [date(2026, 3, 2), None],
        "text": ['=HYPERLINK("x")', "a; +b, é"],
        "share": [0.1 + 0.2, -1.5],
        "count": [1, None],
        "yes": [True, False],
    }
)


def test_parquet_keeps_every_value() -> None:
    assert_frame_equal(pl.read_parquet(io.BytesIO(as_parquet(FRAME))), FRAME)


def test_csv_is_the_same_rows_without_formulas() -> None:
    lines = as_csv(FRAME).decode().splitlines()
    assert lines[0] == "at,day,text,share,count,yes"
    assert lines[1].startswith("2026-03-02T12:00:01.000000Z,2026-03-02,\"'=HYPERLINK(")
    assert lines[1].endswith("0.30000000000000004,1,true")
    assert lines[2] == ',,"a;\' +b, é",-1.5,,false'


def test_hours_of_another_zone_are_written_in_utc() -> None:
    paris = FRAME.select(pl.col("at").dt.convert_time_zone("Europe/Paris"))
    assert as_csv(paris).decode().splitlines()[1] == "2026-03-02T12:00:01.000000Z"


def test_a_table_without_rows_keeps_its_columns() -> None:
    assert as_csv(FRAME.clear()).decode() == "at,day,text,share,count,yes\n"
    assert pl.read_parquet(io.BytesIO(as_parquet(FRAME.clear()))).schema == FRAME.schema
