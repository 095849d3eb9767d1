"""What the tables of the layer of models say beside their rows: a typed record each.

What is here: the records of `models/…`, and `cross_validation_of`, which is one with its rows.
What to add here: a field, where an asset, a check, a command or a document needs it; `LEFT_OUT` where older tables lack
it.
What must not be here: how a record is written and read (`lakehouse/records.py`), computing what is in it.

The threshold travels as `rule`: chosen in `ThresholdRecord`, part of the scorer, and from there in `ScorerRecord` and
`governance.records.PromotedModel`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import polars as pl
from pydantic import AfterValidator

from credit_platform.lakehouse.records import LEFT_OUT, SPREAD, SPREAD_WHOLE, Record
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.threshold import Method
from credit_platform.scoring.calibration import Calibrator, calibrator_from_json
from credit_platform.scoring.rule import DecisionRule

if TYPE_CHECKING:  # who only reads a record need not load what makes it
    from credit_platform.lakehouse.shelf import Shelf
    from credit_platform.modelling.comparison import Comparison
    from credit_platform.modelling.economics import Profit
    from credit_platform.modelling.threshold import ThresholdChoice
    from credit_platform.modelling.tuning import Tuning

_METRICS = ("auc", "gini", "ks", "brier", "cost_per_applicant")


def _has_metrics(metrics: dict[str, float]) -> dict[str, float]:
    if missing := [name for name in _METRICS if name not in metrics]:
        raise ValueError(f"{', '.join(missing)} is missing")
    return metrics


Metrics = Annotated[dict[str, float], AfterValidator(_has_metrics)]
"""What `metrics.classification_metrics` measures, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitRecord(Record):
    """Of models/split: which feature table was split."""

    table: Annotated[str | None, LEFT_OUT] = None
    """Its key; None before this was recorded."""
    table_version: Annotated[int | None, LEFT_OUT] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossValidationRecord(Record):
    """Of a candidate: what was trained, how well it scored out of fold, and its run in MLflow."""

    candidate: str
    params: dict[str, Any]
    seconds: float
    metrics: Metrics
    mlflow_run_id: str

    @classmethod
    def made(cls, result: CrossValidation, *, metrics: Mapping[str, float], mlflow_run_id: str) -> Self:
        """The record of a cross-validation that was logged."""
        return cls(
            candidate=result.candidate,
            params=dict(result.params),
            seconds=result.seconds,
            metrics=dict(metrics),
            mlflow_run_id=mlflow_run_id,
        )

    def with_rows(self, frame: pl.LazyFrame) -> CrossValidation:
        """The cross-validation again; `frame` is what is stored beside this record."""
        return CrossValidation(candidate=self.candidate, params=self.params, oof=frame.collect(), seconds=self.seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class TunedRecord(CrossValidationRecord):
    """Of models/tuned: the parameters that are kept, and the study that found them."""

    trials: int
    best_cost: float
    default_cost: float
    importance: tuple[dict[str, Any], ...]

    @classmethod
    def of_study(cls, kept: CrossValidationRecord, tuning: Tuning) -> Self:
        """The record of the parameters that are kept after a study."""
        return cls(
            candidate=kept.candidate,
            params=kept.params,
            seconds=kept.seconds,
            metrics=kept.metrics,
            mlflow_run_id=kept.mlflow_run_id,
            trials=tuning.trials.height,
            best_cost=tuning.best_cost,
            default_cost=tuning.default_cost,
            importance=tuple(tuning.importance.to_dicts()),
        )


def cross_validation_of(stored: StoredTable) -> CrossValidation:
    """The cross-validation that a candidate's table, or models/tuned, holds.

    Raises:
        RecordError: its record does not fit.
    """
    return CrossValidationRecord.of(stored).with_rows(stored.frame)


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonRecord(Record):
    """Of models/comparison: which candidate was selected, and why."""

    winner: str
    sentence: str
    differences: tuple[dict[str, Any], ...]
    """The winner against each other one, by paired bootstrap."""

    @classmethod
    def made(cls, comparison: Comparison) -> Self:
        """The record of a comparison."""
        return cls(
            winner=comparison.winner,
            sentence=comparison.summary,
            differences=tuple(comparison.differences.to_dicts()),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ImbalanceRecord(Record):
    """Of models/imbalance."""

    conclusion: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationReport:
    """How true the cross-fitted probabilities are."""

    slope: float
    intercept: float
    expected_calibration_error: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationRecord(Record):
    """Of models/calibration: the calibrator as JSON, how it was chosen, and how true its probabilities are."""

    calibrator: dict[str, Any]
    method: str
    reason: str
    compared: tuple[dict[str, Any], ...]
    report: CalibrationReport

    def fitted(self) -> Calibrator:
        """The calibrator itself."""
        return calibrator_from_json(self.calibrator)


@dataclass(frozen=True, kw_only=True, slots=True)
class ThresholdRecord(Record):
    """Of models/threshold: the rule that was chosen, and what it costs and earns per applicant."""

    rule: Annotated[DecisionRule, SPREAD_WHOLE]
    method: Method
    cost_per_applicant: float
    """Cross-fitted: each applicant decided by a threshold that others chose."""
    cost_low: float
    cost_high: float
    acceptance_rate: float
    break_even: float
    accept_all_cost: float
    refuse_all_cost: float
    profit_per_applicant: float
    profit_low: float
    profit_high: float
    return_on_lent: float
    sensitivity: tuple[dict[str, Any], ...]
    """The threshold chosen anew for other cost ratios."""
    metrics: Metrics

    @classmethod
    def made(
        cls,
        choice: ThresholdChoice,
        rule: DecisionRule,
        money: Profit,
        *,
        sensitivity: pl.DataFrame,
        metrics: Mapping[str, float],
    ) -> Self:
        """The record of a choice, with the review band around it."""
        return cls(
            rule=rule,
            method=choice.method,
            cost_per_applicant=choice.cost_per_applicant_cross_fitted,
            cost_low=choice.cost_interval.low,
            cost_high=choice.cost_interval.high,
            acceptance_rate=choice.acceptance_rate,
            break_even=choice.theoretical,
            accept_all_cost=choice.accept_all_cost,
            refuse_all_cost=choice.refuse_all_cost,
            profit_per_applicant=money.per_applicant.estimate,
            profit_low=money.per_applicant.low,
            profit_high=money.per_applicant.high,
            return_on_lent=money.on_lent,
            sensitivity=tuple(sensitivity.to_dicts()),
            metrics=dict(metrics),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ScorerRecord(Record):
    """Of models/scorer: which scorer was made, where it lies, and by which rule it decides."""

    digest: str
    key: Annotated[str | None, LEFT_OUT] = None
    """Key of the artefact that `Scorer.save` made; None in records of before artefacts had keys."""
    path: Annotated[str | None, LEFT_OUT] = None
    """In those its folder, in the home of then; see `folder`."""
    table_version: Annotated[int | None, LEFT_OUT] = None
    """Version of the feature table that it was trained on; None before this was recorded."""
    candidate: str
    rule: Annotated[DecisionRule, SPREAD]
    feature_version: str
    holdout_metrics: Metrics
    mlflow_run_id: str
    trained_by: Annotated[str | None, LEFT_OUT] = None
    """Account of the machine under which it was trained; None before this was recorded."""
    trainer_name: Annotated[str | None, LEFT_OUT] = None
    """Name of the person whose account it is, where the machine knows one."""

    def folder(self, shelf: Shelf) -> Path:
        """Folder of the scorer on this machine: the one place that turns what is stored into a path.

        Raises:
            ArtefactError: it is gone, or not as it was stored. Compare its digest with the record's besides.
        """
        return shelf.local(self.key, self.path)
