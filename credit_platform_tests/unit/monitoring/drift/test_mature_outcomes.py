"""Outcomes of one model that count: of months that are old enough, at the age at which they count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.monitoring.decisions.schema import FIXED, decisions_key
from credit_platform.monitoring.drift.mature_outcomes import made_up, mature_loans, mature_outcomes
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy

PORTFOLIO = replace(get_portfolio("german_credit"), monitoring=MonitoringPolicy(maturity_months=12))
KEY = monitoring_key("german_credit", "outcomes")


def decided(lakehouse: Lakehouse, months: list[int], *, model: str = "a", decision: str = "accepted") -> None:
    """A decision for each month of 2025, behind those that are there."""
    key = decisions_key("german_credit")
    before = lakehouse.scan(key).collect() if lakehouse.exists(key) else pl.DataFrame(schema=FIXED)
    rows = [
        {
            **dict.fromkeys(FIXED),
            "log": "home",
            "row": before.height + number + 1,
            "decided_at": datetime(2025, month, 5, tzinfo=UTC),
            "day": datetime(2025, month, 5, tzinfo=UTC).date(),
            "model_digest": model,
            "probability": 0.1,
            "decision": decision,
            "threshold": 0.2,
            "points": 600,
        }
        for number, month in enumerate(months)
    ]
    lakehouse.write(key, pl.concat([before, pl.DataFrame(rows, schema=FIXED)]))


def told(lakehouse: Lakehouse, observations: list[tuple[int, int, int | None]]) -> None:
    """Row, months on book, and the month of default or None."""
    schema = {"log": pl.String, "row": pl.Int64, "months_on_book": pl.Int64, "default_month": pl.Int64}
    rows = [("home", *one) for one in observations]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    lakehouse.write(KEY, frame.with_columns(defaulted=pl.col("default_month").is_not_null()))


def test_without_decisions_or_outcomes_nothing_is_known(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    assert mature_outcomes(lakehouse, PORTFOLIO, "a").is_empty()
    decided(lakehouse, [1])
    assert mature_outcomes(lakehouse, PORTFOLIO, "a").is_empty()
    told(lakehouse, [])
    assert mature_outcomes(lakehouse, PORTFOLIO, "a").is_empty()


def test_months_that_are_old_enough_count_at_the_age_at_which_they_do(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    decided(lakehouse, [1, 1, 1, 6, 6])
    decided(lakehouse, [1], model="another")
    # Of January all are known at twelve months, one of them defaulted later; of June nothing is known at that age.
    told(lakehouse, [(1, 12, None), (2, 5, 5), (3, 15, 14), (4, 6, None), (5, 3, 3), (6, 12, 2)])
    assert mature_outcomes(lakehouse, PORTFOLIO, "a").to_dicts() == [{"month": "2025-01", "outcomes": 3, "defaults": 1}]
    # Of the other model only a default was told: whether the rest was repaid, nobody can say.
    assert mature_outcomes(lakehouse, PORTFOLIO, "another").is_empty()


def test_each_loan_that_counts_is_known_by_its_row_with_what_became_of_it(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    decided(lakehouse, [1, 1, 2])
    told(lakehouse, [(1, 12, None), (2, 5, 5), (3, 3, None)])
    loans = mature_loans(lakehouse, PORTFOLIO, "a").sort("row")
    assert loans.rows() == [("home", 1, "2025-01", False), ("home", 2, "2025-01", True)], "the third is too young"
    assert mature_loans(lakehouse, PORTFOLIO, "another").is_empty()


def test_outcomes_that_were_made_up_are_known_as_such(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    assert not made_up(lakehouse, PORTFOLIO)
    told(lakehouse, [(1, 12, None)])
    assert not made_up(lakehouse, PORTFOLIO)
    lakehouse.write(KEY, lakehouse.scan(KEY).collect(), info=CommitInfo(portfolio="german_credit", synthetic=True))
    assert made_up(lakehouse, PORTFOLIO)
