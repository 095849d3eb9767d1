"""The engine spark makes the tables that polars makes: raw, rejected and features, of clean and of damaged files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.errors import RawFileError
from credit_platform.lakehouse import Lakehouse, content_hash
from credit_platform.lakehouse.engines import SparkEngine
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality import Ingested, ingest
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.spark import QUICK, quick_engine

HOME_CREDIT = get_portfolio("home_credit")
GERMAN_CREDIT = get_portfolio("german_credit")
SCALE = 0.001
SAMPLE = ("application_test", "bureau_balance", "previous_application", "installments_payments")
"""Flat and long tables, with and without a primary key; `bureau` is the damaged one."""

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def engine() -> Iterator[SparkEngine]:
    opened = quick_engine()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home_credit")
    get_generator("home_credit").generate(folder, scale=SCALE, seed=11, drift=(), defects=(), progress=None)
    return folder


def both(table: SourceTable, path: Path, engine: SparkEngine, tmp_path: Path) -> tuple[Ingested, Ingested]:
    """The same file by Polars and by Spark."""
    results = []
    for name, chosen in (("polars", None), ("spark", engine)):
        folder = tmp_path / name
        folder.mkdir()
        results.append(ingest(table, path, {}, staging=folder, engine=chosen))
    return results[0], results[1]


def assert_same(by_polars: Ingested, by_spark: Ingested) -> None:
    """Equal rows in equal order, equal rejected rows, counts, findings and profiles."""
    assert by_spark.counts == by_polars.counts
    assert_frame_equal(by_spark.kept.collect(), by_polars.kept.collect())
    assert_frame_equal(by_spark.rejected.collect(), by_polars.rejected.collect())
    assert content_hash(by_spark.kept) == content_hash(by_polars.kept)
    assert by_spark.summary() == by_polars.summary()


@pytest.mark.parametrize("name", SAMPLE)
def test_a_clean_file_gives_the_same_rows(name: str, files: Path, engine: SparkEngine, tmp_path: Path) -> None:
    table = HOME_CREDIT.table(name)
    by_polars, by_spark = both(table, files / table.file_name, engine, tmp_path)
    assert by_polars.counts.rows_in > 40
    assert_same(by_polars, by_spark)


def damaged_bureau(lines: list[str]) -> list[str]:
    """Wrong types, a null key, repeated keys, blanks around numbers, quotes, texts that only Java calls numbers."""
    header = lines[0].split(",")
    key, days, amount, active = (
        header.index(name) for name in ("SK_ID_BUREAU", "DAYS_CREDIT", "AMT_CREDIT_SUM", "CREDIT_ACTIVE")
    )
    changes = {
        3: (days, "yesterday"),
        10: (key, ""),
        20: (amount, "1000d"),
        21: (amount, "0x1p3"),
        22: (amount, " 1000.5"),
        23: (amount, "1e3"),
        24: (amount, "NaN"),
        25: (amount, "Infinity"),
        26: (days, "-7.5"),
        27: (days, "99999999999999999999"),
        28: (active, '"Act""ive"'),
        29: (active, '""'),
        30: (amount, "1_000"),
        31: (days, "+5"),
        32: (days, "-5 "),
        33: (days, "-24.0"),
        34: (days, "-2.4e1"),
        35: (amount, "NA"),
        36: (amount, "\\N"),
        37: (active, "\\N"),
        38: (amount, "\u00a05"),
        len(lines) - 2: (days, "tomorrow"),
    }
    changed = list(lines)
    for number, (column, value) in changes.items():
        cells = changed[number].split(",")
        cells[column] = value
        changed[number] = ",".join(cells)
    return [*changed, *lines[40:44], lines[41]]


def test_a_damaged_file_gives_the_same_rows_rules_and_lines(files: Path, engine: SparkEngine, tmp_path: Path) -> None:
    table = HOME_CREDIT.table("bureau")
    path = tmp_path / "bureau.csv"
    lines = (files / "bureau.csv").read_text(encoding="utf-8").splitlines()
    path.write_text("\r\n".join(damaged_bureau(lines)) + "\r\n", encoding="utf-8")
    # Small blocks, so that this file is read in several pieces, as a large one is.
    block = path.stat().st_size // 3
    for option, value in (("maxPartitionBytes", block), ("openCostInBytes", 0)):
        engine.session.conf.set(f"spark.sql.files.{option}", value)
    by_polars, by_spark = both(table, path, engine, tmp_path)
    assert by_polars.counts.by_rule["duplicate_key"] == 5
    assert {"type:DAYS_CREDIT", "not_null:SK_ID_BUREAU"} <= set(by_polars.counts.by_rule)
    assert_same(by_polars, by_spark)


def test_lines_are_counted_over_quoted_line_breaks(engine: SparkEngine, tmp_path: Path) -> None:
    table = GERMAN_CREDIT.table("applications")
    assert GERMAN_CREDIT.bundled_raw is not None
    lines = (GERMAN_CREDIT.bundled_raw / table.file_name).read_text(encoding="utf-8").splitlines()[:30]
    first_text = next(i for i, column in enumerate(table.columns) if not column.type.is_numeric)
    for number in (5, 9, 20):
        cells = lines[number].split(",")
        cells[first_text] = '"one\ntwo\nthree"'
        lines[number] = ",".join(cells)
    path = tmp_path / table.file_name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    by_polars, by_spark = both(table, path, engine, tmp_path)
    assert by_polars.rejected.collect()["line"].to_list() == [6, 12, 25]
    assert_same(by_polars, by_spark)


def test_a_broken_file_is_refused_as_by_polars(engine: SparkEngine, tmp_path: Path) -> None:
    path = tmp_path / "bureau.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(RawFileError, match="no header that is known"):
        ingest(HOME_CREDIT.table("bureau"), path, {}, staging=tmp_path, engine=engine)


def test_spark_needs_a_folder_to_write_to(engine: SparkEngine) -> None:
    assert GERMAN_CREDIT.bundled_raw is not None
    table = GERMAN_CREDIT.table("applications")
    with pytest.raises(ValueError, match="needs a folder"):
        ingest(table, GERMAN_CREDIT.bundled_raw / table.file_name, {}, engine=engine)


@pytest.fixture(scope="module")
def lakehouses(tmp_path_factory: pytest.TempPathFactory, engine: SparkEngine) -> dict[str, Lakehouse]:
    """german_credit from the raw file to features, by either engine. Depends on `engine`, which skips without Java."""
    engine.close()
    made = {}
    choices: dict[str, dict[str, Any]] = {
        "polars": {},
        "spark": {"engine": "spark", "spark_master": "local[1]", "spark_options": QUICK},
    }
    for name, choice in choices.items():
        settings = Settings(home=tmp_path_factory.mktemp(name), **choice)
        with tool_environment(settings):
            for job in ("german_credit_ingestion", "german_credit_features"):
                report = run_job(GERMAN_CREDIT, settings, job=job)
                assert report.success, (report.errors, report.failed_checks)
        made[name] = Lakehouse(settings.lakehouse_root)
    return made


def test_a_run_ends_its_session(lakehouses: dict[str, Lakehouse]) -> None:
    sql = pytest.importorskip("pyspark.sql")
    assert sql.SparkSession.getActiveSession() is None


def test_a_run_on_spark_makes_the_same_raw_tables(lakehouses: dict[str, Lakehouse]) -> None:
    assert lakehouses["spark"].keys() == lakehouses["polars"].keys()
    for key in lakehouses["polars"].keys("german_credit/raw/"):
        by_polars, by_spark = (lakehouses[name].read(key) for name in ("polars", "spark"))
        assert by_spark.version.content_hash == by_polars.version.content_hash, key
        assert by_spark.version.source_hashes == by_polars.version.source_hashes
        assert by_spark.summary == by_polars.summary


def test_a_run_on_spark_makes_the_same_features(lakehouses: dict[str, Lakehouse]) -> None:
    key = "german_credit/features/applicants"
    by_polars, by_spark = (lakehouses[name].scan(key).collect() for name in ("polars", "spark"))
    order = GERMAN_CREDIT.applicant_key
    assert by_spark[order].is_sorted()
    assert_frame_equal(by_spark, by_polars.sort(order), check_exact=False, rel_tol=1e-9, abs_tol=0.0)
    audit = "german_credit/features/protected_attributes"
    hashes = {lakehouses[name].read(audit).version.content_hash for name in ("polars", "spark")}
    assert len(hashes) == 1


def test_every_version_made_by_spark_is_read_whole_by_polars(lakehouses: dict[str, Lakehouse]) -> None:
    lakehouse = lakehouses["spark"]
    for key in lakehouse.keys("german_credit/"):
        stored = lakehouse.read(key)
        assert stored.frame.select(pl.len()).collect().item() == stored.version.rows


@pytest.mark.parametrize("name", ["a b é #1 [x] 100%", "{a,b}*", "a%20b"])
def test_spark_reads_and_writes_the_file_of_that_name(engine: SparkEngine, tmp_path: Path, name: str) -> None:
    """Hadoop takes names for patterns; in a name `%20` means just that."""
    folder = tmp_path / name
    folder.mkdir()
    table = GERMAN_CREDIT.tables[0]
    assert GERMAN_CREDIT.bundled_raw is not None
    path = folder / table.file_name
    lines = (GERMAN_CREDIT.bundled_raw / table.file_name).read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:30], lines[1]]))
    (folder / f"{table.file_name}.x").write_text("no table")
    by_polars, by_spark = both(table, path, engine, folder)
    assert_same(by_polars, by_spark)
    assert by_spark.counts.rejected == 1
