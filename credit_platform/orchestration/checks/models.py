"""Checks of the modelling layer: the split is sound, probabilities are probabilities, calibration holds."""

import dagster as dg
import polars as pl

from credit_platform.features.checks import auc_interval
from credit_platform.modelling.metrics import roc_auc
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio

MAX_CALIBRATION_ERROR = 0.05
"""Mean distance between predicted and observed default rate, by applicant, above which probabilities mislead."""


def build_model_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """Split, out-of-fold scores of each candidate, calibration."""
    scored = [*portfolio.candidates, "tuned"]
    return [
        _split_check(portfolio),
        *(_scores_check(portfolio, name) for name in scored),
        _calibration_check(portfolio),
    ]


def _split_check(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "models", "split"),
        name="everyone_once",
        description="Every applicant with a known outcome is in the holdout or in exactly one fold.",
        blocking=True,
        additional_ins={"applicants": dg.AssetIn(key=asset_key(portfolio.name, "features", "applicants"))},
    )
    def everyone_once(split: StoredTable, applicants: StoredTable) -> dg.AssetCheckResult:
        known = applicants.frame.filter(pl.col(portfolio.target).is_not_null()).select(portfolio.applicant_key)
        placed = split.frame.select(portfolio.applicant_key, "fold").collect()
        expected = set(known.collect().to_series())
        missing = expected ^ set(placed[portfolio.applicant_key])
        holdout = placed.filter(pl.col("fold") == HOLDOUT).height
        return dg.AssetCheckResult(
            passed=not missing and placed.height == len(expected),
            metadata={"applicants": len(expected), "placed": placed.height, "holdout": holdout},
            description=f"{placed.height} of {len(expected)} applicants placed, {len(missing)} on one side only.",
        )

    return everyone_once


_COIN = 0.5
"""AUC of tossing a coin."""


def _scores_check(portfolio: Portfolio, name: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "models", name),
        name="out_of_fold_scores",
        description="Every out-of-fold score is a probability, and together they are no worse than chance.",
        blocking=True,
    )
    def out_of_fold_scores(scores: StoredTable) -> dg.AssetCheckResult:
        oof = scores.frame.collect()
        probability = oof["probability"]
        wrong = int((probability.is_null() | ~probability.is_finite() | ~probability.is_between(0, 1)).sum())
        auc = roc_auc(oof["target"].to_numpy(), probability.to_numpy()) if not wrong else 0.0
        defaults = int((oof["target"] == 1).sum())
        low, high = auc_interval(auc, defaults, oof.height - defaults)
        passed = not wrong and auc > _COIN
        # Below a half by chance is no error of the candidate: the gate has the last word on what it can do.
        by_chance = not wrong and high >= _COIN
        told = (
            f"{oof.height} scores, {wrong} of them not a probability, AUC {auc:.3f} (interval {low:.2f} to {high:.2f})."
        )
        if not passed and by_chance:
            told += f" With {defaults} defaults that is no better and no worse than chance: more outcomes would tell."
        return dg.AssetCheckResult(
            passed=passed,
            severity=dg.AssetCheckSeverity.WARN if by_chance else dg.AssetCheckSeverity.ERROR,
            metadata={"scores": oof.height, "not_a_probability": wrong, "auc": auc},
            description=told,
        )

    return out_of_fold_scores


def _calibration_check(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "models", "calibration"),
        name="calibration_error",
        description="Predicted and observed default rates agree over groups of applicants, out of fold.",
    )
    def calibration_error(calibration: StoredTable) -> dg.AssetCheckResult:
        error = calibration.summary["report"]["expected_calibration_error"]
        return dg.AssetCheckResult(
            passed=error <= MAX_CALIBRATION_ERROR,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"expected_calibration_error": error, "allowed": MAX_CALIBRATION_ERROR},
            description=f"Mean distance {error:.3f}, allowed {MAX_CALIBRATION_ERROR}.",
        )

    return calibration_error
