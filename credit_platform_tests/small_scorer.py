"""A real scorer of German Credit, made in about a second: for tests of what comes after training.

The threshold is the break-even probability of the portfolio's costs, the model a logistic regression (or another
candidate) with its default parameters; its figures mean nothing.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.features import build_features
from credit_platform.modelling.calibration import fit_platt
from credit_platform.modelling.candidates import get_candidate
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Decision, Scorer


def raw_applications(portfolio: Portfolio) -> pl.DataFrame:
    """The shipped file, typed as its contract says."""
    table = portfolio.table(portfolio.training_table)
    assert portfolio.bundled_raw is not None
    types = {column.name: getattr(pl, column.type.value.capitalize()) for column in table.columns}
    return pl.read_csv(portfolio.bundled_raw / table.file_name, schema=types)


def save_small_scorer(folder: Path, candidate: str = "logistic_regression") -> Scorer:
    """Train on the shipped file, save into `folder`, and return the scorer."""
    portfolio = get_portfolio("german_credit")
    raw = raw_applications(portfolio)
    frame = build_features(portfolio, {portfolio.training_table: raw.lazy()}).collect()
    target = frame[portfolio.target].to_numpy().astype("int8")
    model = get_candidate(candidate)
    fitted = model.fit(frame, target, portfolio.features, model.default_params(), seed=7, threads=2)
    scorer = Scorer(
        portfolio,
        fitted,
        fit_platt(fitted.margin(frame), target),
        portfolio.costs.break_even,
        {"candidate": candidate, "training_metrics": {"auc": 0.8}},
        provenance={"run_id": "test", "data_versions": {"german_credit/raw/applications": 0}},
    )
    scorer.save(folder)
    return scorer


def answers_of(scorer: Scorer, features: pl.DataFrame) -> list[Decision]:
    """What a scorer answers, in English, to each row of a feature table."""
    return scorer.decide(scorer.margins(features), scorer.cases_of(features))
