"""Collectors look in the background; none of them takes the others down or keeps a scrape waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from credit_platform.monitoring.exporter.background import LATE_SECONDS, Background, Collector, Sample
from credit_platform.monitoring.metrics.model import DISK_SIZE, MLFLOW, ROWS
from credit_platform.monitoring.metrics.pipeline import COLLECTOR_AGE, COLLECTOR_DURATION, COLLECTOR_SUCCESS, JOB_RUNS

SIZE = Sample(DISK_SIZE, (), 7.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def value(background: Background, metric: object, *labels: str) -> float | None:
    found = [one.value for one in background.samples() if one.metric is metric and one.labels == labels]
    assert len(found) <= 1
    return found[0] if found else None


def test_what_was_seen_is_served_with_how_the_look_went() -> None:
    clock = Clock()
    background = Background([Collector(name="disk", collect=lambda: [SIZE])], 30, clock=clock)
    assert value(background, COLLECTOR_SUCCESS, "disk") == 0.0
    background.look()
    clock.now += 12
    assert value(background, DISK_SIZE) == 7.0
    assert value(background, COLLECTOR_SUCCESS, "disk") == 1.0
    assert value(background, COLLECTOR_AGE, "disk") == 12.0
    assert value(background, COLLECTOR_DURATION, "disk") == 0.0


def test_a_failure_is_that_of_one_collector_and_keeps_what_was_seen(caplog: pytest.LogCaptureFixture) -> None:
    broken = False

    def rows() -> Iterator[Sample]:
        yield Sample(ROWS, ("p", "raw/a"), 2.0 if broken else 1.0)
        if broken:
            raise ZeroDivisionError("no denominator")
        yield Sample(ROWS, ("p", "raw/b"), 1.0)

    clock = Clock()
    background = Background(
        [Collector(name="tables", collect=rows), Collector(name="disk", collect=lambda: [SIZE])], 30, clock=clock
    )
    background.look()
    broken = True
    clock.now += 30
    background.look()
    background.look()
    assert value(background, COLLECTOR_SUCCESS, "tables") == 0.0
    assert value(background, COLLECTOR_SUCCESS, "disk") == 1.0
    assert value(background, COLLECTOR_AGE, "tables") == 30.0
    assert value(background, ROWS, "p", "raw/a") == 2.0  # told before it failed
    assert value(background, ROWS, "p", "raw/b") == 1.0  # of the look before
    assert [record.getMessage() for record in caplog.records] == [
        "collector tables failed: ZeroDivisionError: no denominator"
    ]


def test_one_that_hangs_is_late_and_holds_nobody() -> None:
    hanging, clock = threading.Event(), Clock()

    def ask() -> list[Sample]:
        hanging.wait(20)
        return [Sample(MLFLOW, (), 1.0)]

    stuck = Collector(name="mlflow", collect=ask, unanswered=(Sample(MLFLOW, (), 0.0),))
    background = Background([stuck, Collector(name="disk", collect=lambda: [SIZE])], 0.01, clock=clock)
    background.start()
    try:
        while value(background, DISK_SIZE) is None:
            time.sleep(0.01)
        assert value(background, MLFLOW) is None
        clock.now += LATE_SECONDS + 1
        assert value(background, MLFLOW) == 0.0
        assert value(background, COLLECTOR_SUCCESS, "mlflow") == 0.0
        assert value(background, COLLECTOR_DURATION, "mlflow") == LATE_SECONDS + 1
        assert b"credit_platform_mlflow_reachable 0.0" in background.exposition()
        hanging.set()
        while value(background, MLFLOW) != 1.0:
            time.sleep(0.01)
    finally:
        hanging.set()
        background.stop()


def test_a_counter_and_a_gauge_are_written_as_such() -> None:
    samples = [SIZE, Sample(JOB_RUNS, ("p", "p_job", "success"), 3.0)]
    background = Background([Collector(name="some", collect=lambda: samples)], 30)
    background.look()
    text = background.exposition().decode()
    assert "# TYPE credit_platform_dagster_job_runs_total counter" in text
    labels = 'dagster_job="p_job",outcome="success",portfolio="p"'
    assert f"credit_platform_dagster_job_runs_total{{{labels}}} 3.0" in text
    assert "# TYPE credit_platform_home_disk_size_bytes gauge" in text
