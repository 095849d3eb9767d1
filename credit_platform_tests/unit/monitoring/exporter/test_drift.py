"""What is told of the newest day that was judged."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from credit_platform.errors import RecordError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.monitoring.exporter.drift import DriftCollector
from credit_platform.monitoring.metrics.model import DRIFT_FEATURES
from credit_platform.portfolios import get_portfolio

KEY = "german_credit/monitoring/drift"


def day(level: str, score: float) -> dict[str, Any]:
    return {
        "model": "m",
        "level": level,
        "drifted": 3,
        "features": 30,
        "score": score,
        "plain_ks": 4,
        "incidents": ["one"],
        "decisions": {"none": 10},
        "score_psi": 0.2,
        "acceptance_before": 0.5,
        "acceptance_now": None,
        "cost_before": None,
        "cost_now": None,
        "sentence": "Moved.",
    }


def write(lakehouse: Lakehouse, days: dict[str, list[dict[str, Any]]]) -> None:
    rows = [
        {
            "day": date(2026, 11, number),
            "model": model,
            "role": role,
            "feature": f"f{rank:02}",
            "importance": 1.0 / (1 + rank),
            "psi": 0.01 * rank + number if rank else None,
        }
        for number in (1, 2)
        for model in ("m", "other")
        for role in ("feature", "score")
        for rank in range(30)
    ]
    lakehouse.write(KEY, pl.LazyFrame(rows), summary={"days": days}, info=CommitInfo(portfolio="german_credit"))


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path))


@pytest.fixture
def collector(lakehouse: Lakehouse) -> DriftCollector:
    return DriftCollector(lakehouse, [get_portfolio("german_credit")])


def told(collector: DriftCollector) -> dict[tuple[str, ...], float]:
    return {(s.metric.name.removeprefix("credit_platform_"), *s.labels[1:]): s.value for s in collector.collect()}


def test_without_a_table_or_a_day_nothing_is_told(lakehouse: Lakehouse, collector: DriftCollector) -> None:
    assert told(collector) == {}
    write(lakehouse, {})
    assert told(collector) == {}


def test_the_newest_day_and_the_features_that_matter_most(lakehouse: Lakehouse, collector: DriftCollector) -> None:
    write(lakehouse, {"2026-11-01": [day("stable", 0.0)], "2026-11-02": [day("retrain", 0.7), day("stable", 0.1)]})
    found = told(collector)
    assert found[("drift_score",)] == 0.7
    assert found[("drift_level",)] == 2.0
    assert found[("drift_features_drifted",)] == 3
    assert found[("drift_feed_incidents",)] == 1
    assert found[("drift_expected_acceptance_ratio", "training")] == 0.5
    assert ("drift_expected_acceptance_ratio", "now") not in found
    features = {name[1]: value for name, value in found.items() if name[0] == "drift_feature_psi"}
    # The most important of all has no index: too few decisions.
    assert features == pytest.approx({f"f{rank:02}": 2 + 0.01 * rank for rank in range(1, DRIFT_FEATURES)})


def test_a_record_of_another_make_is_a_failure_that_names_the_table(
    lakehouse: Lakehouse, collector: DriftCollector
) -> None:
    write(lakehouse, {"2026-11-01": [{"level": "new word"}]})
    with pytest.raises(RecordError, match="german_credit/monitoring/drift"):
        told(collector)
