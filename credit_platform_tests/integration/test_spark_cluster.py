"""The engine spark on a standalone cluster, whose executors are processes of their own, agrees with polars.

What `local[1]` cannot show: executors have none of our modules, start their own Python, and write result files
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.features import build_group
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.engines import SparkEngine
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.home_credit.features import FEATURE_GROUPS
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun, tool_environment
from credit_platform_tests.integration.test_spark_engine import assert_same, both, damaged_bureau
from credit_platform_tests.integration.test_spark_parity import APPLICANTS, collected, compare
from credit_platform_tests.spark_cluster import CLUSTER_OPTIONS, standalone_cluster
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import frames, home_credit, random_tables

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with standalone_cluster(tmp_path_factory.mktemp("cluster")) as url:
        yield url


@pytest.fixture
def engine(cluster: str) -> Iterator[SparkEngine]:
    opened = SparkEngine(cluster, CLUSTER_OPTIONS)
    yield opened
    opened.close()


def test_every_feature_of_home_credit_is_the_same_on_the_cluster(engine: SparkEngine, tmp_path: Path) -> None:
    on_polars: dict[str, Any] = dict(frames(random_tables(APPLICANTS, seed=5)))
    for name, frame in on_polars.items():
        frame.collect().write_parquet(tmp_path / f"{name}.parquet")
    on_spark = {name: engine.read_files([str(tmp_path / f"{name}.parquet")]) for name in on_polars}
    assert engine.session.sparkContext.master.startswith("spark://")
    for group in FEATURE_GROUPS:
        expected = build_group(group, on_polars, home_credit()).collect(engine="streaming")
        compare(expected, collected(build_group(group, on_spark, home_credit())))


def test_a_damaged_file_is_divided_the_same_on_the_cluster(engine: SparkEngine, tmp_path: Path) -> None:
    get_generator("home_credit").generate(tmp_path, scale=0.001, seed=11, drift=(), defects=(), progress=None)
    path = tmp_path / "bureau.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(damaged_bureau(lines)) + "\n", encoding="utf-8")
    by_polars, by_spark = both(get_portfolio("home_credit").table("bureau"), path, engine, tmp_path)
    assert by_polars.counts.rejected > 10
    assert_same(by_polars, by_spark)


def test_a_run_on_the_cluster_makes_the_tables_of_a_run_without(
    cluster: str, finished: FinishedRun, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, engine="spark", spark_master=cluster, spark_options=CLUSTER_OPTIONS)
    with tool_environment(settings):
        for job in ("german_credit_ingestion", "german_credit_features"):
            report = run_job(finished.portfolio, settings, job=job)
            assert report.success, (report.errors, report.failed_checks)
    made = Lakehouse(settings.lakehouse_root)
    for key in finished.lakehouse.keys("german_credit/raw/"):
        assert made.read(key).version.content_hash == finished.lakehouse.read(key).version.content_hash, key
    key, order = "german_credit/features/applicants", finished.portfolio.applicant_key
    by_spark, by_polars = (lakehouse.scan(key).sort(order).collect() for lakehouse in (made, finished.lakehouse))
    assert_frame_equal(by_spark, by_polars, check_exact=False, rel_tol=1e-9, abs_tol=0.0)
    assert made.scan(key).select(pl.len()).collect().item() == made.read(key).version.rows
