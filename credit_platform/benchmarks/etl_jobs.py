"""Jobs of the ETL benchmark: raw files to tables, and reading them again, with this platform and with bare Polars.

What is here: functions that `processes.measure` runs, one measured thing each.
What to add here: another way through the same files.
What must not be here: pandas (see `pandas_jobs.py`), comparing, printing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform import quality
from credit_platform.files import literal
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.tables.contracts import enforce_on_write
from credit_platform.tables.table import Table
from credit_platform.values import POLARS_TYPES

Answer = Mapping[str, Any]


def generate(portfolio: str, out: str, scale: float, seed: int) -> Answer:
    """Write synthetic raw files."""
    report = get_generator(portfolio).generate(
        Path(out), scale=scale, seed=seed, drift=(), defects=(), progress=lambda *_: None
    )
    return {"seconds": report.seconds, "bytes": report.bytes}


def ingest_tables(portfolio: str, raw: str, lakehouse: str) -> Answer:
    """Raw files to checked Delta versions, as the raw assets do it, Dagster left out."""
    declared, store = get_portfolio(portfolio), Lakehouse(lakehouse)
    parts, figures = {}, {"rows": 0, "rejected": 0, "stored_bytes": 0}
    for table in declared.tables:
        started = time.perf_counter()
        path = Path(raw) / table.file_name
        with store.staging() as folder:
            ingested = quality.ingest(table, path, _parents(declared, table, store), staging=folder)
            versions = [
                _write(store, _key(declared, f"{table.name}__rejected"), Table(frame=ingested.rejected)),
                _write(
                    store,
                    _key(declared, table.name),
                    Table(frame=ingested.kept, staged=ingested.staged, summary=ingested.summary()),
                ),
            ]
        parts[table.name] = round(time.perf_counter() - started, 3)
        figures["rows"] += ingested.counts.rows_in
        figures["rejected"] += ingested.counts.rejected
        figures["stored_bytes"] += sum(versions)
    return {"parts": parts, **figures}


def bare_parquet(portfolio: str, raw: str, out: str) -> Answer:
    """The floor: each CSV file to one Parquet file, types known, nothing checked, sorted or recorded."""

    def write(table: SourceTable) -> None:
        scan_bare(Path(raw) / table.file_name, table).sink_parquet(
            Path(out) / f"{table.name}.parquet", compression="zstd", mkdir=True, engine="streaming"
        )

    parts = timed(get_portfolio(portfolio), write)
    return {"parts": parts, "bytes": sum(file.stat().st_size for file in Path(out).glob("*.parquet"))}


def read_csv(portfolio: str, raw: str) -> Answer:
    """Every table from CSV into memory, one after another, types known."""
    return {"parts": timed(get_portfolio(portfolio), lambda t: scan_bare(Path(raw) / t.file_name, t).collect())}


def read_parquet(portfolio: str, folder: str) -> Answer:
    """Every table from the floor's Parquet files into memory, one after another."""
    return {
        "parts": timed(get_portfolio(portfolio), lambda t: literal.read_parquet(Path(folder) / f"{t.name}.parquet")),
    }


def read_delta(portfolio: str, lakehouse: str) -> Answer:
    """Every table from the lakehouse into memory, one after another."""
    declared, store = get_portfolio(portfolio), Lakehouse(lakehouse)
    return {"parts": timed(declared, lambda table: store.scan(_key(declared, table.name)).collect())}


def timed(portfolio: Portfolio, work: Callable[[SourceTable], object]) -> dict[str, float]:
    """Seconds of `work` on each table; what it gives is dropped before the next."""
    seconds = {}
    for table in portfolio.tables:
        started = time.perf_counter()
        work(table)
        seconds[table.name] = round(time.perf_counter() - started, 3)
    return seconds


def scan_bare(path: Path, table: SourceTable) -> pl.LazyFrame:
    """Scan a CSV file whose columns are in the order of its contract, with their types and without any other care."""
    return literal.scan_csv(path, schema={column.name: POLARS_TYPES[column.type] for column in table.columns})


def _key(portfolio: Portfolio, name: str) -> str:
    return table_key(asset_key(portfolio.name, "raw", name))


def _parents(portfolio: Portfolio, table: SourceTable, store: Lakehouse) -> dict[str, pl.LazyFrame]:
    names = {name for key in table.foreign_keys for name in (key.parent, *key.also)}
    return {name: store.scan(_key(portfolio, name)) for name in names}


def _write(store: Lakehouse, key: str, table: Table) -> int:
    """Store a table as the IO manager does; the bytes of its version."""
    enforce_on_write(key, table.frame.lazy(), table.staged)
    info = CommitInfo(portfolio=key.partition("/")[0])
    return store.write(key, table.staged or table.frame, summary=table.summary, info=info).bytes
