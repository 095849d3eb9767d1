"""Which figures of the champion are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.exporter.model import ModelCollector, day_of, figures_of
from credit_platform.portfolios import get_portfolio

ROWS = [
    ("2026-09", "expected", "auc", 0.70),
    ("2026-10", "expected", "auc", 0.71),
    ("all mature months", "expected", "auc", 0.60),
    ("2026-10", "decisions", "acceptance_rate", 0.4),
    ("all mature months", "decisions", "acceptance_rate", None),
    ("2026-01", "outcomes", "auc", 0.5),
    ("all mature months", "outcomes", "auc", 0.65),
    ("all mature months", "outcomes", "ks", None),
    ("holdout", "yardstick", "auc", 0.8),
    ("all mature months", "refused bounds", "auc", 0.1),
]


def test_of_each_figure_the_group_that_says_most() -> None:
    rows = pl.DataFrame(ROWS, schema=["month", "basis", "measure", "value"], orient="row")
    assert figures_of(rows) == {
        ("auc", "expected"): 0.71,
        ("acceptance_rate", "decisions"): 0.4,
        ("auc", "outcomes"): 0.65,
        ("auc", "yardstick"): 0.8,
    }


def test_nothing_is_told_of_what_is_not_there(tmp_path: Path) -> None:
    collector = ModelCollector(Lakehouse(str(tmp_path)), [get_portfolio("german_credit")])
    assert list(collector.champions()) == []
    assert list(collector.performance()) == []


def test_a_day_begins_in_utc() -> None:
    assert day_of("2026-11-30") == datetime(2026, 11, 30, tzinfo=UTC).timestamp()
