"""Records of made-up tables, whole, so that what reads them finds every field: a test names the fields it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from credit_platform.governance.records import PromotedModel
from credit_platform.modelling.records import ScorerRecord, ThresholdRecord
from credit_platform.modelling.threshold import Method
from credit_platform.monitoring.drift.records import DayOfDrift
from credit_platform.scoring.rule import DecisionRule
from credit_platform.serving.records import BentoRecord

METRICS = {"auc": 0.78, "gini": 0.56, "ks": 0.45, "brier": 0.17, "cost_per_applicant": 0.5}


def _scorer_fields(digest: str, folder: Path | str, threshold: float, candidate: str) -> dict[str, Any]:
    return {
        "digest": digest,
        "path": str(folder),
        "table_version": 0,
        "candidate": candidate,
        "rule": DecisionRule(threshold=threshold),
        "feature_version": "f",
        "holdout_metrics": METRICS,
        "mlflow_run_id": "r",
    }


def scorer_record(
    digest: str = "d", folder: Path | str = "nowhere", *, threshold: float = 0.2, candidate: str = "xgboost"
) -> ScorerRecord:
    """Of a scorer."""
    return ScorerRecord(**_scorer_fields(digest, folder, threshold, candidate))


def promoted_model(
    digest: str = "d",
    folder: Path | str = "nowhere",
    *,
    threshold: float = 0.2,
    candidate: str = "xgboost",
    version: str = "1",
    **more: Any,
) -> PromotedModel:
    """Of a champion."""
    fields = _scorer_fields(digest, folder, threshold, candidate)
    return PromotedModel(**fields, model="german_credit", version=version, **more)


def bento_record(folder: Path | str = "nowhere", digest: str = "d", fingerprint: str = "f") -> BentoRecord:
    """Of a Bento."""
    return BentoRecord(tag="t:1", path=str(folder), digest=digest, fingerprint=fingerprint)


def threshold_record(threshold: float = 0.2, review: tuple[float, float] | None = None) -> ThresholdRecord:
    """Of a threshold, with the figures that the console's tests look for."""
    return ThresholdRecord(
        rule=DecisionRule(threshold=threshold, review=review),
        method=Method.BREAK_EVEN,
        cost_per_applicant=0.5,
        cost_low=0.45,
        cost_high=0.55,
        acceptance_rate=0.4,
        break_even=1 / 6,
        accept_all_cost=1.5,
        refuse_all_cost=0.7,
        profit_per_applicant=0.02,
        profit_low=0.01,
        profit_high=0.03,
        return_on_lent=0.05,
        sensitivity=(),
        metrics=METRICS,
    )


def day_of_drift(**changed: Any) -> DayOfDrift:
    """Of a day on which nothing drifted."""
    fields: dict[str, Any] = {
        "model": "d" * 64,
        "level": "stable",
        "drifted": 0,
        "features": 36,
        "score": 0.0,
        "plain_ks": 0,
        "incidents": (),
        "decisions": {"1": 10, "7": 70, "28": 280},
        "score_psi": None,
        "acceptance_before": None,
        "acceptance_now": None,
        "cost_before": None,
        "cost_now": None,
        "sentence": "s",
    }
    return DayOfDrift(**{**fields, **changed})
