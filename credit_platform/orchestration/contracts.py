"""Which contract a table has to satisfy before it is written, derived from the portfolio's declarations."""

from __future__ import annotations

import polars as pl

from credit_platform.errors import ContractError
from credit_platform.features import checks
from credit_platform.lakehouse import StagedTable
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality import CheckedTable, enforce

COLUMNS = {
    "target": "What became of the loan: 1 = default, 0 = repaid.",
    "fold": "Fold of the applicant, 0 to 4; -1 marks the holdout.",
    "margin": "Score of a model that did not see the applicant, in log-odds of default, before calibration.",
    "probability": "Calibrated probability of default.",
    "candidate": "Kind of model.",
    "title": "Name for people.",
    "selected": "Whether this candidate costs least and goes on.",
    "cost_per_applicant": "Cost of wrong decisions per applicant, in units of the cost matrix.",
    "cost_per_applicant_low": "Lower end of its 95 % interval.",
    "cost_per_applicant_high": "Upper end of its 95 % interval.",
    "cost_in_sample": "The same on the applicants that the threshold was chosen on: a little too favourable.",
    "threshold": "Probability of default from which an application is refused.",
    "threshold_method": "How the threshold was chosen.",
    "acceptance_rate": "Share of applications granted.",
    "auc": "Area under the ROC curve, out of fold.",
    "auc_low": "Lower end of its 95 % interval (DeLong).",
    "auc_high": "Upper end of its 95 % interval (DeLong).",
    "auc_fold_mean": "Mean of the AUCs of the folds.",
    "auc_fold_std": "Standard deviation of the AUCs of the folds.",
    "gini": "2 AUC - 1.",
    "ks": "Kolmogorov-Smirnov distance between the scores of repaid and defaulted loans.",
    "average_precision": "Area under the precision-recall curve.",
    "brier": "Mean squared distance of probability and outcome.",
    "log_loss": "Mean negative log-likelihood of the outcomes.",
    "seconds": "Wall time of the cross-validation.",
    "tn": "Repaid loans granted.",
    "fp": "Good applicants refused.",
    "fn": "Defaults granted.",
    "tp": "Defaults refused.",
    "check": "Rule of the gate.",
    "passed": "Whether the rule is kept.",
    "blocking": "Whether breaking it refuses the promotion.",
    "value": "What was measured.",
    "bound": "What it was held against.",
    "message": "Both, as a sentence.",
    "promoted": "Whether the challenger may replace the champion.",
    "decided_at": "When (UTC).",
    "decided_by": "Who or what asked.",
    "digest": "SHA-256 of everything that determines an answer of the scorer.",
    "rule": "Rules that the row breaks.",
    "line": "Line of the file, 1-based.",
}
"""Descriptions of columns that tables of every portfolio share."""


def enforce_on_write(key: str, frame: pl.LazyFrame, staged: StagedTable | None = None) -> None:
    """Check `frame` against the contract of table `key`; tables without a declared contract pass.

    Where `staged` is the file that ingestion has just held against the same contract, it is not checked again.

    Raises:
        ContractError: the frame breaks the contract; nothing may be written.
    """
    portfolio, layer, name = _parts(key)
    if portfolio is None:
        return
    if layer == "raw" and name in {table.name for table in portfolio.tables}:
        table = portfolio.table(name)
        if not (isinstance(staged, CheckedTable) and staged.table == table):
            enforce(table, frame)
    elif (layer, name) == ("features", "applicants"):
        _enforce_features(portfolio, frame)


def column_descriptions(key: str) -> dict[str, str]:
    """Descriptions of the columns of table `key`, as far as the portfolio declares them."""
    portfolio, layer, name = _parts(key)
    if portfolio is None:
        return {}
    if layer == "raw":
        table = next((t for t in portfolio.tables if name in (t.name, f"{t.name}__rejected")), None)
        return {**COLUMNS, **{column.name: column.description for column in table.columns}} if table else {}
    features = {feature.name: feature.description for feature in portfolio.features}
    columns = {column.name: column.description for column in portfolio.table(portfolio.training_table).columns}
    return {**COLUMNS, **columns, **features}


def _parts(key: str) -> tuple[Portfolio | None, str, str]:
    prefix, layer, name = key.split("/")
    return (get_portfolio(prefix) if prefix in portfolio_names() else None), layer, name


def _enforce_features(portfolio: Portfolio, frame: pl.LazyFrame) -> None:
    expected = {portfolio.applicant_key, portfolio.target, *(feature.name for feature in portfolio.features)}
    actual = set(frame.collect_schema().names())
    if expected != actual:
        raise ContractError(
            f"The feature table of {portfolio.name} lacks {sorted(expected - actual)} "
            f"and has unexpected {sorted(actual - expected)}.",
            "Make the declared features and what builds them agree.",
        )
    found = checks.key(portfolio, frame)
    if found:
        raise ContractError(
            " ".join(finding.message for finding in found),
            "One row per applicant is required: look for a join that multiplies rows.",
        )
