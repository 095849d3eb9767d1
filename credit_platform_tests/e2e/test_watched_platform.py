"""The platform at work under the eyes of Prometheus: every panel of every dashboard has data, and series are few.

The recordings of `unit/alerts/recorded` are of this very platform; make them anew with
`CREDIT_PLATFORM_REGENERATE=1 .venv/bin/pytest -k watched_platform credit_platform_tests/e2e`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from credit_platform.monitoring.scrape_targets import EXPORTER_JOB, SERVICE_JOB
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.panel_queries import panel_queries
from credit_platform_tests.prometheus_stack import NEEDS_PROMETHEUS
from credit_platform_tests.recordings import RECORDED, recorded_shapes, recordings, shapes
from credit_platform_tests.watched_platform import NAME, WatchedPlatform, eventually, watched_platform

# All programs at once, beside other tests.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900), NEEDS_PROMETHEUS]

PORTFOLIOS = 10
MOST_OF_A_SERVICE, MOST_OF_THE_EXPORTER = 500, 2000


@pytest.fixture(scope="module")
def watched(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedPlatform]:
    with watched_platform(finished, tmp_path_factory.mktemp("watched")) as platform:
        yield platform


def test_every_expression_of_every_dashboard_gives_data(watched: WatchedPlatform) -> None:
    left = list(panel_queries())
    assert len(left) > 100

    def none_is_left() -> bool:
        left[:] = [query for query in left if not query.samples(watched.stack.places.prometheus)]
        return not left

    try:
        eventually("panels have data", none_is_left)
    except AssertionError:
        pytest.fail("\n".join(f"{one.dashboard}, {one.panel}: {one.expression}" for one in left))


def test_series_are_few(watched: WatchedPlatform) -> None:
    """Of the exporter as if ten portfolios told what this one does, which drifts and has mature outcomes."""
    query = watched.stack.query

    def count(expression: str) -> float:
        (found,) = query(f"count({{{expression}}})")
        return float(found["value"][1])

    (service,) = query(f'scrape_samples_scraped{{job="{SERVICE_JOB}"}}')
    assert 100 < float(service["value"][1]) < MOST_OF_A_SERVICE
    of_one = count(f'job="{EXPORTER_JOB}",portfolio="{NAME}"')
    shared = count(f'job="{EXPORTER_JOB}",portfolio=""')
    assert PORTFOLIOS * of_one + shared < MOST_OF_THE_EXPORTER, (of_one, shared)


def test_what_alerts_are_tested_on_was_recorded_of_this_platform(watched: WatchedPlatform) -> None:
    told = watched.stack.federated()
    if os.environ.get("CREDIT_PLATFORM_REGENERATE"):
        for file, text in recordings(told).items():
            (RECORDED / file).write_text(text, encoding="utf-8")
    by_hand = recorded_shapes() - set(shapes(told))
    assert sorted(name for name, _ in by_hand) == []
