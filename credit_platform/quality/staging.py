"""Preparing rows on disk, so that a large file is parsed once.

What is here: `stage` and the order of stored rows.
What to add here: nothing that knows what the rows mean.
What must not be here: clearing up; whoever lends the folder does that.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.portfolios.portfolio import SourceTable


def stage(frame: pl.LazyFrame, name: str, folder: Path | None) -> pl.LazyFrame:
    """Stream `frame` into a Parquet file of `folder` and scan that; without a folder `frame` itself."""
    if folder is None:
        return frame
    path = folder / f"{name}.parquet"
    frame.sink_parquet(path, compression="zstd", engine="streaming")
    return pl.scan_parquet(path)


def sorted_rows(table: SourceTable, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Rows in the order in which the contract wants them stored."""
    return frame.sort(table.sort_by, maintain_order=True) if table.sort_by else frame
