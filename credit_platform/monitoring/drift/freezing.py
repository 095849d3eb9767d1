"""The table `monitoring/reference`: a reference of each model that decides or may decide soon.

What is here: `freeze_references`, which adds what is missing, and `read_references`.
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
from credit_platform.features.without_histories import without_histories
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.subject import load_scorer, part_of
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable, TableVersion
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.drift.records import ReferenceRecord
from credit_platform.monitoring.drift.reference import NONE, REFERENCE_COLUMNS, STORED, Reference
from credit_platform.monitoring.drift.training import make_reference
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
    models = {} if stored is None else dict(ReferenceRecord.of(stored).models)
    wanted = models_by_digest(lakehouse, portfolio)
    new = {digest: one for digest, one in wanted.items() if digest not in models}
    frames, synthetic = [before], stored is not None and stored.version.synthetic
    for digest, model in new.items():
        reference, made_up = _reference(lakehouse, portfolio, model)
        frames.append(reference.to_frame())
        models[digest] = {stratum: reference.rows(stratum) for stratum in reference.counts}
        synthetic = synthetic or made_up
    kept = _kept(models, wanted)
    return Frozen(
        frame=pl.concat(frames).filter(pl.col("model").is_in(list(kept))),
        record=ReferenceRecord(message=_message(portfolio, kept), models=kept),
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


def _reference(lakehouse: Lakehouse, portfolio: Portfolio, model: StoredTable) -> tuple[Reference, bool]:
    """The reference, and whether its applicants are synthetic."""
    scorer, record = load_scorer(model, portfolio, lakehouse.shelf), ScorerRecord.of(model)
    applicants = lakehouse.read(applicants_key(portfolio.name), record.table_version)
    if not lakehouse.exists(model_key(portfolio.name, "split")):
        raise TableNotFoundError(
            f"The split of {portfolio.name} is gone, so nobody knows whom model {scorer.version} was trained on.",
            f"Make it again: credit-platform run {portfolio.name}.",
        )
    split = lakehouse.scan(model_key(portfolio.name, "split"))
    training, holdout = (
        strata_of(scorer, part_of(portfolio, applicants.frame, split, holdout=held)) for held in (False, True)
    )
    return make_reference(scorer, training, holdout), applicants.version.synthetic


def strata_of(scorer: Scorer, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Rows of the feature table as decisions will see them: with histories and without, where there are any.

    Applicants of training have histories out of tables. Of applicants without any, a model sees the same people with
    what it can know of them then.
    """
    if not scorer.history_tables:
        return {NONE: rows}
    return {STORED: rows, NONE: without_histories(rows, scorer.portfolio)}


def _message(portfolio: Portfolio, models: Mapping[str, dict[str, int]]) -> str:
    if not models:
        return f"{portfolio.name} has no model yet: there is nothing to freeze."
    newest = list(models)[-1]
    rows = ", ".join(f"{count:,} {stratum}" for stratum, count in models[newest].items())
    several = "1 model" if len(models) == 1 else f"{len(models)} models"
    return f"References of {several}; the newest, {newest[:12]}, rests on training applicants by histories: {rows}."
