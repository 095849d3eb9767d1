"""Is a scorer sound? Leaks, stability, sensitivity and parity measured together, into one record.

What is here: `measure_soundness`.
What to add here: another measure of soundness, with its field of the record and the check of the gate that reads it.
What must not be here: how one of them is measured (`stability.py`, `sensitivity.py`, `parity.py`, `independence.py`,
`features/checks.py`), judging (`assurance.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from credit_platform.features.checks import auc_interval, constant, outcome_counts, single_feature_auc, told_by_chance
from credit_platform.features.decided import has_decided, of_raw_files
from credit_platform.features.inputs import feature_inputs
from credit_platform.governance.independence import made_from_outcome
from credit_platform.governance.parity import compare_single_with_batch
from credit_platform.governance.records import SoundnessRecord, StrongestAlone
from credit_platform.governance.sensitivity import answers_behind, sensitivity
from credit_platform.governance.stability import TOP_FEATURES, feature_shifts, flipped_features, population_shift
from credit_platform.governance.subject import part_of
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.scoring import Scorer

SENSITIVITY_ROWS = 2000
"""Applicants whose answers are varied, at most."""


@dataclass(frozen=True, kw_only=True)
class Soundness:
    """What was measured."""

    record: SoundnessRecord
    shifts: pl.DataFrame
    """A row per distribution, the score first: see `stability.Shift`."""
    sensitivity: pl.DataFrame
    """A row per answer and step: see `sensitivity.sensitivity`."""


def measure_soundness(
    scorer: Scorer,
    *,
    applicants: StoredTable,
    split: pl.LazyFrame,
    calibration: StoredTable,
    ranked: list[str],
    dominant: str,
    raw: Mapping[str, pl.LazyFrame],
    holdout_applicants: int,
) -> Soundness:
    """Measure everything that soundness means of one scorer.

    Args:
        scorer: what is judged.
        applicants: the feature table.
        split: models/split.
        calibration: models/calibration, the out-of-fold probabilities.
        ranked: features of the model, the one with the largest contributions first.
        dominant: the feature with the largest share of contributions.
        raw: raw tables by name.
        holdout_applicants: size of the holdout, of which a part may be looked at only.

    Raises:
        FeatureError: somebody of the holdout is in no raw table any more.
    """
    portfolio = scorer.portfolio
    # Decided applicants were all accepted, and others apply than those of the files: the holdout is not like them.
    of_files = of_raw_files(applicants.frame)
    placed, scored = split, calibration.frame
    if has_decided(applicants.frame):
        key = portfolio.applicant_key
        placed, scored = (rows.join(of_files.select(key), on=key, how="semi") for rows in (placed, scored))
    training, holdout = (part_of(portfolio, of_files, placed, holdout=part) for part in (False, True))
    strongest = ranked[:TOP_FEATURES]
    shifts = [
        population_shift("score", scored.collect()["probability"], pl.Series(scorer.score_features(holdout))),
        *feature_shifts(strongest, training, holdout),
    ]
    alone = _Alone.of(scorer, pl.concat([training, holdout]).rename({"target": portfolio.target}), dominant)
    applications = {portfolio.training_table, portfolio.scoring_table}
    parity = compare_single_with_batch(
        scorer,
        holdout,
        raw[portfolio.training_table],
        {name: frame for name, frame in raw.items() if name not in applications},
    )
    sensitive = _sensitive(scorer, holdout, raw[portfolio.training_table], ranked)
    record = SoundnessRecord(
        digest=scorer.digest,
        data_hash=applicants.version.content_hash,
        training_applicants=calibration.version.rows,
        holdout_applicants=holdout_applicants,
        features=len(scorer.fitted.features),
        strongest_alone=alone.strongest,
        dominant_by_chance=alone.dominant_by_chance,
        unrelated=alone.unrelated,
        constant_features=alone.constant,
        flipped_features=tuple(
            flipped_features(strongest, training, training["target"].to_numpy(), holdout, holdout["target"].to_numpy())
        ),
        parity=parity,
        fold_outcomes=fold_outcomes(split.collect()),
        sensitivity=tuple(sensitive.to_dicts()),
        sensitivity_applicants=min(holdout.height, SENSITIVITY_ROWS),
        sensitivity_not_varied=tuple(name for name in strongest if not feature_inputs(portfolio)[name]),
    )
    return Soundness(record=record, shifts=pl.DataFrame([one.to_dict() for one in shifts]), sensitivity=sensitive)


@dataclass(frozen=True, kw_only=True)
class _Alone:
    """What single features tell of the outcome."""

    strongest: StrongestAlone
    dominant_by_chance: bool
    unrelated: tuple[str, ...]
    constant: tuple[str, ...]

    @classmethod
    def of(cls, scorer: Scorer, everybody: pl.DataFrame, dominant: str) -> _Alone:
        portfolio = scorer.portfolio
        auc = {n: a for n, a in single_feature_auc(portfolio, everybody).items() if n in scorer.fitted.features}
        outcomes = outcome_counts(portfolio, everybody)
        intervals = {name: auc_interval(value, *outcomes, among=len(auc)) for name, value in auc.items()}
        best = max(auc, key=lambda name: auc[name])
        made = made_from_outcome(everybody, everybody[portfolio.target], auc)
        return cls(
            strongest=StrongestAlone(feature=best, auc=auc[best], interval=intervals[best]),
            dominant_by_chance=told_by_chance(auc.get(dominant, 1.0), *outcomes, among=len(auc)),
            unrelated=tuple(_with_interval(name, auc[name], intervals[name]) for name in made),
            constant=tuple(f.feature for f in constant(portfolio, everybody) if f.feature in auc),
        )


def _with_interval(name: str, auc: float, interval: tuple[float, float]) -> str:
    return f"{name} (AUC {auc:.3f}, interval {interval[0]:.2f} to {interval[1]:.2f})"


def _sensitive(scorer: Scorer, holdout: pl.DataFrame, raw: pl.LazyFrame, ranked: list[str]) -> pl.DataFrame:
    """Sensitivity to the answers that the features are made of, those of the strongest first."""
    rows, key = holdout.head(SENSITIVITY_ROWS), scorer.portfolio.applicant_key
    applications = raw.join(rows.lazy().select(key), on=key, how="semi").collect()
    return sensitivity(scorer, rows, applications, answers_behind(scorer.portfolio, ranked))


def fold_outcomes(split: pl.DataFrame) -> dict[int, tuple[int, int]]:
    """Defaults and repaid loans of each fold of models/split; -1 is the holdout."""
    counts = (
        split.group_by("fold")
        .agg(defaults=pl.col("target").cast(pl.Int64).sum(), applicants=pl.len().cast(pl.Int64))
        .sort("fold")
    )
    return {int(fold): (defaults, applicants - defaults) for fold, defaults, applicants in counts.iter_rows()}
