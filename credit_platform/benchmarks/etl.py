"""The ETL benchmark: raw CSV files to checked, versioned tables; their size; how fast they are read.

What is here: `bench_etl`, which runs the jobs one after another and compares them.
What to add here: a figure that follows from the same jobs.
What must not be here: the jobs themselves, printing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from credit_platform.benchmarks import etl_jobs, pandas_jobs
from credit_platform.benchmarks.conditions import Conditions, conditions
from credit_platform.benchmarks.processes import measure, run
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role
from credit_platform.lakehouse.raw_files import has_files, is_generated
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

SEED = 7
PANDAS_ENGINES = ("c", "pyarrow")
_COMMAND = "import sys; from credit_platform.cli import main; sys.exit(main())"


def bench_etl(
    portfolio: str, settings: Settings, *, scale: float, raw: Path | None = None, whole_command: bool = True
) -> Benchmark:
    """Measure ingestion against bare Polars and pandas, and reading what was stored against reading the CSV files.

    Args:
        portfolio: whose files.
        settings: under its home the files are generated and everything is written; tables are removed afterwards.
        scale: size of the files to generate, where `raw` is not given.
        raw: folder with the raw files.
        whole_command: also measure `credit-platform run --ingestion-only`, with Dagster, checks and quality report.

    Raises:
        BenchmarkError: a job failed.
        GenerationError: the portfolio has no generator, and no files are given.
    """
    folder, generation = raw_files(portfolio, settings, scale=scale, raw=raw)
    before = describe(portfolio, folder, None if raw else scale)
    with work_folder(settings) as work:
        tables, figures = _ingestion(portfolio, folder, work)
        command = [_whole_command(portfolio, folder, work)] if whole_command else []
        floor, bare = measure(
            etl_jobs.bare_parquet,
            {"portfolio": portfolio, "raw": str(folder), "out": str(work / "bare")},
            name="CSV -> Parquet, bare Polars",
            role=Role.FLOOR,
            what="Types known; nothing checked, sorted, hashed or recorded.",
        )
        figures.append(Figure(name="bare_parquet_bytes", value=bare["bytes"], unit="bytes"))
        reads = _reads(portfolio, folder, work)
        peers = [_pandas(portfolio, folder, work, engine) for engine in PANDAS_ENGINES]
    return Benchmark(
        name="etl",
        conditions=before,
        measurements=(*generation, tables, *command, floor, *peers, *reads),
        figures=tuple(figures),
    )


def raw_files(
    portfolio: str, settings: Settings, *, scale: float, raw: Path | None
) -> tuple[Path, tuple[Measurement, ...]]:
    """Folder with the raw files, and the measurement of their generator where they had to be made."""
    folder = raw or settings.home / "bench" / f"{portfolio}_{scale:g}"
    if raw or has_files(folder, get_portfolio(portfolio)):
        return folder.resolve(), ()
    measurement, _ = measure(
        etl_jobs.generate,
        {"portfolio": portfolio, "out": str(folder.resolve()), "scale": scale, "seed": SEED},
        name="synthetic files",
        role=Role.PLATFORM,
        what=f"Generator, scale {scale:g}, seed {SEED}.",
    )
    return folder.resolve(), (measurement,)


def describe(portfolio: str, folder: Path, scale: float | None) -> Conditions:
    """Conditions of a benchmark over the files in `folder`."""
    sizes = [(folder / table.file_name).stat().st_size for table in get_portfolio(portfolio).tables]
    return conditions(synthetic=is_generated(folder), scale=scale, data_bytes=sum(sizes))


@contextmanager
def work_folder(settings: Settings) -> Iterator[Path]:
    """Lend a folder below the home for what jobs write; it is removed afterwards."""
    parent = settings.home / "bench"
    parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


def _ingestion(portfolio: str, raw: Path, work: Path) -> tuple[Measurement, list[Figure]]:
    measurement, found = measure(
        etl_jobs.ingest_tables,
        {"portfolio": portfolio, "raw": str(raw), "lakehouse": str(work / "lakehouse")},
        name="CSV -> checked Delta tables",
        role=Role.PLATFORM,
        what="Bytes and rows judged, typed, sorted, profiled, hashed, committed; as the raw assets do it.",
    )
    csv = sum((raw / table.file_name).stat().st_size for table in get_portfolio(portfolio).tables)
    return measurement, [
        Figure(name="rows", value=found["rows"], unit="rows"),
        Figure(name="rejected", value=found["rejected"], unit="rows"),
        Figure(name="csv_bytes", value=csv, unit="bytes"),
        Figure(name="stored_bytes", value=found["stored_bytes"], unit="bytes"),
        Figure(name="saved_share", value=round(1 - found["stored_bytes"] / csv, 4), unit="share"),
    ]


def _whole_command(portfolio: str, raw: Path, work: Path) -> Measurement:
    """What a user waits for: Python, Dagster, tables, checks and quality report."""
    command = [sys.executable, "-c", _COMMAND, "run", portfolio, "--raw", str(raw), "--ingestion-only"]
    usage = run(command, {"CREDIT_PLATFORM_HOME": str(work / "home")})
    return Measurement(
        name="credit-platform run --ingestion-only",
        role=Role.PLATFORM,
        what="The whole command: start of Python and Dagster, tables, asset checks, quality report.",
        seconds=round(usage.seconds, 3),
        cpu_seconds=round(usage.cpu_seconds, 3),
        peak_bytes=usage.peak_bytes,
    )


def _reads(portfolio: str, raw: Path, work: Path) -> list[Measurement]:
    """Reading all tables into memory from each of the three forms."""
    name = {"portfolio": portfolio}
    jobs = (
        (etl_jobs.read_delta, {"lakehouse": str(work / "lakehouse")}, "read Delta tables", Role.PLATFORM),
        (etl_jobs.read_parquet, {"folder": str(work / "bare")}, "read bare Parquet", Role.FLOOR),
        (etl_jobs.read_csv, {"raw": str(raw)}, "read CSV, Polars", Role.PEER),
    )
    what = "Every table into memory, one after another."
    return [measure(job, name | place, name=title, role=role, what=what)[0] for job, place, title, role in jobs]


def _pandas(portfolio: str, raw: Path, work: Path, engine: str) -> Measurement:
    """Pandas reads and writes the same files; the time of the reading alone is a part of it."""
    arguments = {"portfolio": portfolio, "raw": str(raw), "out": str(work / f"pandas_{engine}"), "engine": engine}
    measurement, found = measure(
        pandas_jobs.csv_to_parquet,
        arguments,
        name=f"CSV -> Parquet, pandas ({engine})",
        role=Role.PEER,
        what=f"read_csv with types and engine={engine!r}, to_parquet; nothing checked. Reading: {{reading}} s.",
    )
    return replace(measurement, what=measurement.what.format(reading=found["reading_seconds"]))
