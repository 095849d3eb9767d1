"""How far outcomes are known, by the records of their tables."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.overview.outcomes import Known, outcomes_overview
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.performance.report import ALL_MATURE, COLUMNS
from credit_platform.monitoring.performance.verdicts import judge
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path))


def write(lakehouse: Lakehouse, *, loans: int, mature: int) -> None:
    """Tables as their assets leave them, with these counts."""
    outcomes = OutcomesRecord(
        files=1,
        rows_in=loans,
        broken=0,
        observations=loans,
        by_reason={},
        loans=loans,
        defaults=0,
        synthetic_rows=0,
        too_old=0,
        newest=None,
        message="m",
    )
    lakehouse.write(monitoring_key(PORTFOLIO.name, OUTCOMES), pl.DataFrame({"x": [1]}), summary=outcomes.to_summary())
    record = PerformanceRecord(
        champion="d",
        message="m",
        decisions=9,
        mature_outcomes=mature,
        mature_defaults=1,
        mature_months=(),
        verdicts=judge(pl.DataFrame(), None, {}, pl.DataFrame()),
        synthetic=True,
        vintages=(),
        bands=(),
        curves=(),
        against_older=(),
        place="p",
        files=(),
    )
    rows = [
        {"model_digest": "d", "month": "2026-01", "basis": "expected", "measure": "auc", "value": 0.71},
        {"model_digest": "d", "month": "2026-02", "basis": "expected", "measure": "auc", "value": 0.72},
        {"model_digest": "d", "month": ALL_MATURE, "basis": "outcomes", "measure": "auc", "value": 0.6},
        {"model_digest": "d", "month": "2026-01", "basis": "outcomes", "measure": "auc", "value": 0.5},
        {"model_digest": "another", "month": ALL_MATURE, "basis": "outcomes", "measure": "brier", "value": 0.1},
    ]
    frame = pl.DataFrame([{**dict.fromkeys(COLUMNS), **row} for row in rows], schema=COLUMNS)
    lakehouse.write(monitoring_key(PORTFOLIO.name, PERFORMANCE), frame, summary=record.to_summary())


def test_without_a_table_nothing_was_measured(lakehouse: Lakehouse) -> None:
    assert outcomes_overview(lakehouse, PORTFOLIO).known is Known.NEVER_RUN


@pytest.mark.parametrize(("loans", "mature", "known"), [(0, 0, "none"), (5, 0, "immature"), (5, 3, "mature")])
def test_how_far_outcomes_are_known(lakehouse: Lakehouse, loans: int, mature: int, known: str) -> None:
    write(lakehouse, loans=loans, mature=mature)
    found = outcomes_overview(lakehouse, PORTFOLIO)
    assert (found.known, found.loans, found.mature, found.defaults, found.synthetic) == (known, loans, mature, 1, True)
    assert found.made_at is not None
    # Of what is expected the newest month, of what was measured all mature months; of the champion.
    assert set(found.figures) == {("auc", "expected", 0.72), ("auc", "outcomes", 0.6)}
