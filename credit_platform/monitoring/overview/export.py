"""A table of a page as a file to take away.

What is here: `as_csv`, for people and spreadsheets, and `as_parquet`, for programs.
What to add here: another kind of file.
What must not be here: what is in the table.
"""

from __future__ import annotations

import io

import polars as pl

from credit_platform.files.spreadsheet import harmless


def as_csv(frame: pl.DataFrame) -> bytes:
    """Rows as CSV in UTF-8; no text in it runs as a formula, and moments are in UTC by ISO 8601."""
    moments = pl.selectors.datetime(time_zone="*").dt.convert_time_zone("UTC")
    written = harmless(frame.lazy().with_columns(moments)).collect()
    return written.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ").encode()


def as_parquet(frame: pl.DataFrame) -> bytes:
    """Rows as Parquet, every value as it is."""
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()
