"""The feature benchmark: checked tables to the feature table.

What is here: `bench_features`, which runs the jobs one after another and holds platform and peer against each other.
What to add here: a figure that follows from the same jobs.
What must not be here: the jobs themselves, printing.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from credit_platform.benchmarks import etl_jobs, feature_jobs, pandas_jobs
from credit_platform.benchmarks.etl import describe, raw_files, work_folder
from credit_platform.benchmarks.processes import measure
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role
from credit_platform.errors import BenchmarkError
from credit_platform.files import literal
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

_RELATIVE_TOLERANCE = 1e-9
_PLAIN = f"{', '.join(feature_jobs.STATISTICS)} of every numeric column per applicant, histories with the applicant key"


def bench_features(portfolio: str, settings: Settings, *, scale: float, raw: Path | None = None) -> Benchmark:
    """Measure the features of a portfolio, and plain aggregates that pandas computes as well, with equal results.

    Args:
        portfolio: whose features.
        settings: as in `bench_etl`; the files are ingested first, which is no part of any time here.
        scale: size of the files to generate, where `raw` is not given.
        raw: folder with the raw files.

    Raises:
        BenchmarkError: a job failed, or the peer's results differ.
    """
    folder, _ = raw_files(portfolio, settings, scale=scale, raw=raw)
    with work_folder(settings) as work:
        tables = {"portfolio": portfolio, "lakehouse": str(work / "lakehouse")}
        measure(etl_jobs.ingest_tables, {**tables, "raw": str(folder)}, name="", role=Role.PLATFORM, what="")
        before = describe(portfolio, folder, None if raw else scale)
        built, found = measure(
            feature_jobs.build_all,
            tables,
            name="Delta tables -> feature table",
            role=Role.PLATFORM,
            what="Aggregates of every history, then all features, each a Delta version with its content hash.",
        )
        floor, _ = measure(
            feature_jobs.one_pass,
            tables,
            name="one pass over the tables",
            role=Role.FLOOR,
            what="Reads every column that features may read, groups each table once by one key, counts nulls.",
        )
        plain, expected = _plain(tables, work)
    figures = (
        *(Figure(name=name, value=found[name], unit=unit) for name, unit in _UNITS.items()),
        Figure(name="plain_aggregates", value=expected, unit="columns, equal on both"),
    )
    return Benchmark(name="features", conditions=before, measurements=(built, floor, *plain), figures=figures)


_UNITS = {"features": "columns", "rows": "applicants", "stored_bytes": "bytes"}


def _plain(tables: dict[str, str], work: Path) -> tuple[list[Measurement], int]:
    """Plain aggregates on both sides; how many columns were compared and found equal."""
    sides = (
        (feature_jobs.plain_aggregates, "plain aggregates, this platform", Role.PLATFORM, "ours"),
        (pandas_jobs.plain_aggregates, "plain aggregates, pandas", Role.PEER, "theirs"),
    )
    measured = [
        measure(job, {**tables, "out": str(work / side)}, name=name, role=role, what=f"{_PLAIN}; Delta to Parquet.")[0]
        for job, name, role, side in sides
    ]
    portfolio = get_portfolio(tables["portfolio"])
    compared = 0
    for table, _ in feature_jobs.plain_tables(portfolio):
        ours, theirs = (_sorted(work / side / f"{table.name}.parquet", portfolio.applicant_key) for *_, side in sides)
        compared += len(ours.columns) - 1
        require_equal(ours, theirs, table.name)
    return measured, compared


def require_equal(ours: pl.DataFrame, theirs: pl.DataFrame, what: str) -> None:
    """Refuse a comparison of times where the results are not the same.

    Raises:
        BenchmarkError: a value differs by more than one part in 10^9.
    """
    try:
        assert_frame_equal(ours, theirs, check_dtypes=False, rel_tol=_RELATIVE_TOLERANCE)
    except AssertionError as error:
        raise BenchmarkError(
            f"Platform and peer differ on {what}: {error}", "Do not compare their times; find out which one is wrong."
        ) from error


def _sorted(path: Path, key: str) -> pl.DataFrame:
    """Rows by key, numbers as float64, NaN as null (pandas has no other null)."""
    numbers = pl.all().exclude(key).cast(pl.Float64).fill_nan(None)
    return literal.read_parquet(path).with_columns(numbers, pl.col(key).cast(pl.Int64)).sort(key)
