"""The table `monitoring/reference`: a reference of each model that decides or may decide soon.

What is here: `freeze_references`, which adds what is missing, `read_references`, and `decided_months` of them.
What to add here: another source of models.
What must not be here: making cells (`training.py`), Dagster.

A reference is made once, from the version of the feature table that the model was trained on, and never again: what
comes later must not change what decisions are compared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from credit_platform.errors import TableNotFoundError
from credit_platform.features.decided import has_decided, of_raw_files
from credit_platform.features.trained_on import read_trained_on
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.subject import load_scorer, part_of
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable, TableVersion
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.drift.decided_population import decided_population
from credit_platform.monitoring.drift.records import ReferenceRecord
from credit_platform.monitoring.drift.reference import NONE, REFERENCE_COLUMNS, STORED, Reference
from credit_platform.monitoring.drift.training import make_reference
from credit_platform.monitoring.drift.without_histories import without_histories
from credit_platform.portfolios.keys import applicants_key, model_key, monitoring_key, scorer_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer

NAME = "reference"
MOST_MODELS = 20
"""References kept; the oldest go first, the champion's never."""


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What the table is to hold."""

    frame: pl.DataFrame
    record: ReferenceRecord
    info: CommitInfo
    unchanged: TableVersion | None
    """The version in force where it holds all references already."""


def freeze_references(lakehouse: Lakehouse, portfolio: Portfolio) -> Frozen:
    """Add a reference of the scorer in force and of the champion, where the table has none.

    Raises:
        ScorerError: a scorer is gone or altered.
        TableNotFoundError: the feature table that a model was trained on can no longer be read.
    """
    stored = _stored(lakehouse, portfolio)
    before = pl.DataFrame(schema=REFERENCE_COLUMNS) if stored is None else stored.frame.collect()
    was = None if stored is None else ReferenceRecord.of(stored)
    models, decided = ({}, {}) if was is None else (dict(was.models), dict(was.decided or {}))
    wanted = models_by_digest(lakehouse, portfolio)
    new = {digest: one for digest, one in wanted.items() if digest not in models}
    frames, synthetic = [before], stored is not None and stored.version.synthetic
    for digest, model in new.items():
        reference, months, made_up = _reference(lakehouse, portfolio, model)
        frames.append(reference.to_frame())
        if months:
            decided[digest] = months
        models[digest] = {stratum: reference.rows(stratum) for stratum in reference.counts}
        synthetic = synthetic or made_up
    kept = _kept(models, wanted)
    return Frozen(
        frame=pl.concat(frames).filter(pl.col("model").is_in(list(kept))),
        record=_record(portfolio, kept, decided),
        info=CommitInfo(portfolio=portfolio.name, synthetic=synthetic),
        unchanged=stored.version if stored is not None and not new and len(kept) == len(models) else None,
    )


def read_references(lakehouse: Lakehouse, portfolio: Portfolio) -> dict[str, Reference]:
    """Digest to reference, of all models that one was frozen of; none where there is no table."""
    stored = _stored(lakehouse, portfolio)
    if stored is None:
        return {}
    frame = stored.frame.collect()
    return {digest: Reference.from_frame(frame, digest) for digest in ReferenceRecord.of(stored).models}


def decided_months(lakehouse: Lakehouse, portfolio: Portfolio) -> dict[str, tuple[str, ...]]:
    """Digest of each refit whose reference is made of decisions to their months, as in 2031-03."""
    stored = _stored(lakehouse, portfolio)
    return {} if stored is None else dict(ReferenceRecord.of(stored).decided or {})


def _stored(lakehouse: Lakehouse, portfolio: Portfolio) -> StoredTable | None:
    key = monitoring_key(portfolio.name, NAME)
    return lakehouse.read(key) if lakehouse.exists(key) else None


def models_by_digest(lakehouse: Lakehouse, portfolio: Portfolio) -> dict[str, StoredTable]:
    """Digest to the table that says where the scorer lies: the champion, then the newest scorer."""
    key = scorer_key(portfolio.name)
    tables = [champion_table(lakehouse, portfolio.name), lakehouse.read(key) if lakehouse.exists(key) else None]
    return {ScorerRecord.of(table).digest: table for table in tables if table is not None}


def _kept(models: Mapping[str, dict[str, int]], wanted: Mapping[str, object]) -> dict[str, dict[str, int]]:
    newest = list(models)[-MOST_MODELS:]
    return {digest: rows for digest, rows in models.items() if digest in newest or digest in wanted}


def _reference(
    lakehouse: Lakehouse, portfolio: Portfolio, model: StoredTable
) -> tuple[Reference, tuple[str, ...], bool]:
    """The reference, the months of decisions it is made of (none: of training), and whether training is synthetic."""
    scorer, applicants = load_scorer(model, portfolio, lakehouse.shelf), _trained_on(lakehouse, portfolio, model)
    training, holdout = _parts(lakehouse, portfolio, scorer, applicants.frame)
    applied = decided_population(lakehouse, portfolio, scorer, model, applicants.frame)
    reference = make_reference(scorer, training, holdout, None if applied is None else applied.strata)
    return reference, () if applied is None else applied.months, applicants.version.synthetic


def reference_of_training(lakehouse: Lakehouse, portfolio: Portfolio, model: StoredTable) -> Reference:
    """What is or would be frozen of a model that learnt of raw files only, whatever else it learnt from.

    Raises:
        ScorerError: the scorer is gone or altered.
        TableNotFoundError: the feature table that it was trained on can no longer be read.
    """
    scorer, applicants = load_scorer(model, portfolio, lakehouse.shelf), _trained_on(lakehouse, portfolio, model)
    return make_reference(scorer, *_parts(lakehouse, portfolio, scorer, applicants.frame))


def _trained_on(lakehouse: Lakehouse, portfolio: Portfolio, model: StoredTable) -> StoredTable:
    return read_trained_on(lakehouse, applicants_key(portfolio.name), ScorerRecord.of(model).table_version)


def _parts(
    lakehouse: Lakehouse, portfolio: Portfolio, scorer: Scorer, applicants: pl.LazyFrame
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Training and holdout of the raw files by stratum: decided applicants are the accepted ones, and nobody's like."""
    if not lakehouse.exists(model_key(portfolio.name, "split")):
        raise TableNotFoundError(
            f"The split of {portfolio.name} is gone, so nobody knows whom model {scorer.version} was trained on.",
            f"Make it again: credit-platform run {portfolio.name}.",
        )
    rows, split = of_raw_files(applicants), lakehouse.scan(model_key(portfolio.name, "split"))
    of_raw = split.join(rows.select(portfolio.applicant_key), on=portfolio.applicant_key, how="semi")
    training, holdout = (
        strata_of(scorer, part_of(portfolio, rows, of_raw if has_decided(applicants) else split, holdout=held))
        for held in (False, True)
    )
    return training, holdout


def strata_of(scorer: Scorer, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Rows of the feature table as decisions will see them: with histories and without, where there are any.

    Applicants of training have histories out of tables. Of applicants without any, a model sees the same people with
    what it can know of them then.
    """
    if not scorer.history_tables:
        return {NONE: rows}
    return {STORED: rows, NONE: without_histories(rows, scorer.portfolio)}


def _record(
    portfolio: Portfolio, models: dict[str, dict[str, int]], decided: Mapping[str, tuple[str, ...]]
) -> ReferenceRecord:
    months = {digest: own for digest, own in decided.items() if digest in models}
    return ReferenceRecord(message=_message(portfolio, models, months), models=models, decided=months or None)


def _message(portfolio: Portfolio, models: Mapping[str, dict[str, int]], decided: Mapping[str, tuple[str, ...]]) -> str:
    if not models:
        return f"{portfolio.name} has no model yet: there is nothing to freeze."
    newest = list(models)[-1]
    rows = ", ".join(f"{count:,} {stratum}" for stratum, count in models[newest].items())
    several = "1 model" if len(models) == 1 else f"{len(models)} models"
    whom = (
        f"everybody decided about in {', '.join(decided[newest])}, the newest months that it learnt loans of,"
        if newest in decided
        else "training applicants"
    )
    return f"References of {several}; the newest, {newest[:12]}, rests on {whom} by histories: {rows}."
