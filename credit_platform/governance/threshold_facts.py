"""The figures of the threshold decision: what was chosen, what it costs and earns, and what it depends on.

What is here: `ThresholdFacts`, `threshold_facts`, which gathers them, and `threshold_pictures`.
What to add here: a figure that the document needs.
What must not be here: how the threshold is chosen (`modelling.threshold`) and what it earns (`modelling.economics`),
sentences (`threshold_decision.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from credit_platform.lakehouse.versions import TableVersion
from credit_platform.modelling import charts, selection_charts
from credit_platform.modelling.economics import (
    Profit,
    cost_band,
    profit,
    review_band,
    review_table,
    sensitivity,
    with_profit,
)
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.records import ThresholdRecord
from credit_platform.modelling.threshold import ThresholdChoice, choose_threshold
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import DecisionRule

_REVIEW_SHARES = (0.25, 0.5, 0.75)
"""Prices of a review in the document, as shares of the most that a wrong automatic decision costs on average."""


@dataclass(frozen=True, kw_only=True)
class ThresholdFacts:
    """What is known of the decision; all figures are of out-of-fold, cross-fitted probabilities."""

    choice: ThresholdChoice
    money: Profit
    """Of the cross-fitted decisions."""
    everybody: Profit
    """Of granting every loan."""
    best_profit: float
    """Threshold at which the profit curve is highest."""
    sensitivity: pl.DataFrame
    review: pl.DataFrame
    rule: DecisionRule
    metrics: dict[str, float]
    """Of the probabilities at the threshold, see `metrics.classification_metrics`."""
    candidate: str
    data_hash: str
    data_at: datetime
    """When the table that the figures come from was written."""
    code_version: str
    synthetic: bool

    @property
    def record(self) -> ThresholdRecord:
        """What the table of the threshold says beside its curve."""
        return ThresholdRecord.made(
            self.choice, self.rule, self.money, sensitivity=self.sensitivity, metrics=self.metrics
        )


def threshold_facts(
    portfolio: Portfolio, calibrated: pl.DataFrame, *, candidate: str, data: TableVersion, code_version: str, seed: int
) -> ThresholdFacts:
    """Choose the threshold for cross-fitted probabilities, and find what it costs, earns, and depends on.

    Args:
        portfolio: gives costs and economics.
        calibrated: `target`, `probability` and `fold` of the applicants outside the holdout.
        candidate: whose probabilities they are.
        data: the table that they were made from.
        code_version: of modelling.
        seed: of the bootstraps.

    Raises:
        ModellingError: see `modelling.threshold.choose_threshold`.
    """
    y, p, fold = (calibrated[name].to_numpy() for name in ("target", "probability", "fold"))
    costs, economics = portfolio.costs, portfolio.economics
    choice = choose_threshold(y, p, costs, fold, seed=seed)
    profits = with_profit(choice.curve, economics)
    price, most = economics.review_cost, costs.false_negative * costs.break_even
    return ThresholdFacts(
        choice=choice,
        money=profit(y, choice.refused, economics, seed=seed),
        everybody=profit(y, np.zeros(len(y), dtype=bool), economics, seed=seed),
        best_profit=float(profits["threshold"][int(np.argmax(profits["profit_per_applicant"].to_numpy()))]),
        sensitivity=sensitivity(y, p, fold, choice.threshold, seed=seed),
        review=review_table(y, p, costs, choice.threshold, [share * most for share in _REVIEW_SHARES]),
        rule=DecisionRule(
            threshold=choice.threshold,
            review=None if price is None else review_band(costs, price, choice.threshold),
        ),
        metrics=classification_metrics(y, p, choice.threshold, costs),
        candidate=candidate,
        data_hash=data.content_hash,
        data_at=data.timestamp,
        code_version=code_version,
        synthetic=data.synthetic,
    )


def threshold_pictures(
    portfolio: Portfolio, calibrated: pl.DataFrame, facts: ThresholdFacts, *, seed: int
) -> dict[str, bytes]:
    """`cost_curve` and `profit_curve` as PNG; arguments as of `threshold_facts`."""
    y, p = (calibrated[name].to_numpy() for name in ("target", "probability"))
    curve = with_profit(facts.choice.curve, portfolio.economics)
    return {
        "cost_curve": charts.cost_curve(facts.choice, cost_band(y, p, portfolio.costs, seed=seed)),
        "profit_curve": selection_charts.profit_curve(curve, facts.rule.threshold),
    }
