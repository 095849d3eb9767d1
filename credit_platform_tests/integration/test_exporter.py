"""What the exporter tells of a home in which the whole graph ran: from the catalogue, bounded, read by Prometheus."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from credit_platform.monitoring.exporter.background import Background
from credit_platform.monitoring.exporter.collectors import lakehouse_collectors
from credit_platform.monitoring.metric_catalogue import CATALOGUE, OF_EXPORTER
from credit_platform.monitoring.metrics.metric import PREFIX, Metric
from credit_platform.monitoring.metrics.pipeline import COLLECTOR_SUCCESS
from credit_platform.monitoring.metrics_server import MetricsServer
from credit_platform.orchestration.collectors import dagster_collectors
from credit_platform_tests.finished_run import FinishedRun, tool_environment

PORTFOLIOS = 10
MOST_SERIES = 2000
NAMED_AT_WORST = 20
"""Stale assets and failing checks of a portfolio, all at once."""


@pytest.fixture(scope="module")
def background(finished: FinishedRun) -> Iterator[Background]:
    portfolios = [finished.portfolio]
    with tool_environment(finished.settings):
        collectors = [
            *dagster_collectors(finished.settings, portfolios),
            *lakehouse_collectors(finished.settings, portfolios),
        ]
        made = Background(collectors, 30)
        made.look()  # sees Dagster's files
        made.look()
        yield made


def short(metric: Metric) -> str:
    """The name without what all names begin with."""
    return metric.name.removeprefix(PREFIX)


def test_every_collector_succeeds(background: Background) -> None:
    failed = [one.labels for one in background.samples() if one.metric is COLLECTOR_SUCCESS and not one.value]
    assert failed == []


def test_every_sample_is_of_the_catalogue(background: Background) -> None:
    told = list(background.samples())
    for sample in told:
        assert CATALOGUE[sample.metric.name] is sample.metric in OF_EXPORTER
        assert len(sample.labels) == len(sample.metric.labels), sample
        for label, value in zip(sample.metric.labels, sample.labels, strict=True):
            assert not label.values or value in label.values, sample
    keys = [(sample.metric.name, sample.labels) for sample in told]
    assert len(set(keys)) == len(keys)


def test_what_the_run_made_is_told(background: Background, finished: FinishedRun) -> None:
    told = {(short(sample.metric), *sample.labels): sample for sample in background.samples()}
    champion = finished.lakehouse.read("german_credit/serving/promoted_model").summary
    assert told[("champion_holdout_auc", "german_credit")].value == champion["holdout_metrics"]["auc"]
    assert told[("table_rows", "german_credit", "features/applicants")].value == 1000
    assert told[("mlflow_reachable",)].value == 1
    last = told[("dagster_job_last_success_timestamp_seconds", "german_credit", "german_credit")].value
    made = told[("asset_last_materialisation_timestamp_seconds", "german_credit", "serving/promoted_model")].value
    assert 0 <= last - made < 600
    assert told[("asset_checks", "german_credit", "passed")].value > 50


def test_ten_portfolios_of_this_size_have_less_than_2000_series(background: Background) -> None:
    """Counted as if all were drifting and stale: what this home does not tell yet is added at its most."""
    told = list(background.samples())
    own = [one for one in told if "german_credit" in one.labels]
    at_most = {("drift_feature_psi", 20), ("performance", 14), ("drift_expected_acceptance_ratio", 2)}
    there = {short(one.metric) for one in own}
    missing = sum(count for name, count in at_most if name not in there)
    names = {short(metric) for metric in OF_EXPORTER if "portfolio" in metric.label_names}
    others = len(names - there - {name for name, _ in at_most})
    whole = PORTFOLIOS * (len(own) + missing + others + NAMED_AT_WORST // 2) + len(told) - len(own)
    assert whole < MOST_SERIES


def test_prometheus_reads_it(background: Background) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed here: apt-get install prometheus")
    with MetricsServer(background.exposition, "127.0.0.1", 0) as server:
        text = httpx.get(f"http://{server.address}/metrics").content
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
