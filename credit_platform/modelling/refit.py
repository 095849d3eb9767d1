"""The model that will decide: fitted once more, on everybody outside the holdout, and packed into a scorer.

What is here: `labelled`, `make_scorer` and `points_of_bins`.
What to add here: what else must be in a scorer.
What must not be here: choosing candidate, parameters, calibration or threshold; what a scorer does (`scoring`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.accounts import account, full_name
from credit_platform.errors import ArtefactError, ScorerError
from credit_platform.features import feature_version
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.modelling.candidates import Candidate, get_candidate
from credit_platform.modelling.cross_validation import training_rows
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.modelling.records import CalibrationRecord, ScorerRecord, ThresholdRecord, TunedRecord
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.portfolios.keys import scorer_artefact
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer, points_table
from credit_platform.scoring.folder import read_manifest
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class MadeScorer:
    """A scorer that was saved, and how it scores the holdout."""

    record: ScorerRecord
    holdout: pl.DataFrame
    """Applicant key, `target` and `probability` of each applicant of the holdout."""


def labelled(portfolio: Portfolio, applicants: pl.LazyFrame) -> pl.DataFrame:
    """Rows of the feature table whose outcome is known."""
    return applicants.filter(pl.col(portfolio.target).is_not_null()).collect()


def make_scorer(
    portfolio: Portfolio,
    settings: Settings,
    applicants: StoredTable,
    split: pl.LazyFrame,
    *,
    tuned: TunedRecord,
    calibration: CalibrationRecord,
    threshold: ThresholdRecord,
    code_version: str,
    dagster_run_id: str,
) -> MadeScorer:
    """Refit the tuned candidate on all folds, save it as a scorer, and score the holdout with it.

    Args:
        portfolio: what it scores.
        settings: give seed and threads, and where it is stored.
        applicants: the feature table.
        split: who is in the holdout.
        tuned: kind of model and parameters.
        calibration: of its out-of-fold scores.
        threshold: the rule by which it decides.
        code_version: of modelling.
        dagster_run_id: for the record of where the scorer comes from, which its digest leaves out.

    Raises:
        ModellingError: it cannot be trained on these rows.
    """
    rows = labelled(portfolio, applicants.frame).join(
        split.select(portfolio.applicant_key, "fold").collect(), on=portfolio.applicant_key
    )
    training, holdout = rows.filter(pl.col("fold") != HOLDOUT), rows.filter(pl.col("fold") == HOLDOUT)
    fitted = get_candidate(tuned.candidate).fit(
        training,
        training[portfolio.target].to_numpy(),
        portfolio.features,
        tuned.params,
        seed=settings.seed,
        threads=settings.threads,
    )
    scorer = Scorer(
        portfolio=portfolio,
        fitted=fitted,
        calibrator=calibration.fitted(),
        threshold=threshold.rule.threshold,
        review=threshold.rule.review,
        metadata=_metadata(applicants, tuned, threshold, code_version),
        # A table gets a new version at each run; the hash of its content is what the digest should know.
        provenance={
            "data_version": applicants.version.version,
            "data_versions": {applicants.version.key: applicants.version.version},
            "dagster_run_id": dagster_run_id,
        },
    )
    key = _keep(scorer, Shelf.of(settings))
    frame = holdout.select(portfolio.applicant_key, pl.col(portfolio.target).alias("target")).with_columns(
        probability=pl.Series(scorer.score_features(holdout))
    )
    record = ScorerRecord(
        digest=scorer.digest,
        key=key,
        table_version=applicants.version.version,
        candidate=tuned.candidate,
        rule=threshold.rule,
        feature_version=feature_version(portfolio),
        holdout_metrics=classification_metrics(
            frame["target"].to_numpy(), frame["probability"].to_numpy(), scorer.threshold, portfolio.costs
        ),
        mlflow_run_id=tuned.mlflow_run_id,
        trained_by=account(),
        trainer_name=full_name(),
    )
    return MadeScorer(record=record, holdout=frame)


def _metadata(
    applicants: StoredTable, tuned: TunedRecord, threshold: ThresholdRecord, code_version: str
) -> dict[str, Any]:
    return {
        "candidate": tuned.candidate,
        "data_hash": applicants.version.content_hash,
        "code_version": code_version,
        "synthetic": applicants.version.synthetic,
        "params": tuned.params,
        "training_metrics": threshold.metrics,
        "cost_per_applicant": threshold.cost_per_applicant,
    }


def _keep(scorer: Scorer, shelf: Shelf) -> str:
    """Store under the scorer's own digest, so that equal scorers are one artefact, unless it lies there whole."""
    key = scorer_artefact(scorer.portfolio.name, scorer.digest)
    try:
        kept = read_manifest(shelf.store.local(key))[1]
    except (ArtefactError, ScorerError):
        kept = None
    if kept != scorer.digest:
        with tempfile.TemporaryDirectory(prefix="credit_platform_") as folder:
            scorer.save(Path(folder) / "scorer")
            shelf.store.put(key, Path(folder) / "scorer")
    return key


def points_of_bins(
    candidate: Candidate,
    frame: pl.DataFrame,
    split: pl.DataFrame,
    portfolio: Portfolio,
    params: Mapping[str, Any],
    *,
    seed: int,
    threads: int,
) -> pl.DataFrame | None:
    """Points of each bin of a scorecard fitted on all training applicants; None for a candidate that is none.

    Args:
        candidate: any.
        frame: feature table of applicants whose outcome is known.
        split: as from `splits.split`.
        portfolio: gives features and the scale of points.
        params: of the candidate.
        seed: of everything random.
        threads: that it may use.
    """
    if candidate.name != "scorecard":
        return None
    rows = training_rows(frame, split, portfolio)
    fitted = candidate.fit(
        rows, rows["target"].to_numpy(), portfolio.features, dict(params), seed=seed, threads=threads
    )
    return points_table(fitted.encoder.encodings, fitted.model, portfolio.points)
