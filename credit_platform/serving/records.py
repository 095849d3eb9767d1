"""What the tables of serving say beside their rows: a typed record each.

What is here: the records of `serving/bento`, `serving/deployment` and `serving/scored_applicants`.
What to add here: a field that a command or a check reads; `LEFT_OUT` where older tables lack it.
What must not be here: the champion's (`governance/records.py`, below, because the gate reads it).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import polars as pl

from credit_platform.deployment_settings import Target
from credit_platform.lakehouse.records import LEFT_OUT, SPREAD_WHOLE, Record
from credit_platform.monitoring.shadow_evidence import ShadowEvidence
from credit_platform.scoring.rule import ACCEPTED, DecisionRule
from credit_platform.scoring.stored_histories import HistoriesFacts
from credit_platform.serving.bento_places import BentoPlace, bring_bento
from credit_platform.serving.verdict import Verdict

if TYPE_CHECKING:
    from credit_platform.lakehouse import TableVersion
    from credit_platform.lakehouse.shelf import Shelf
    from credit_platform.scoring import Scorer
    from credit_platform.serving.bentos import BuiltBento


@dataclass(frozen=True, kw_only=True, slots=True)
class BentoRecord(Record):
    """Of serving/bento: the package of a champion."""

    tag: str
    key: Annotated[str | None, LEFT_OUT] = None
    """Key of its code and scorer; None in records of before artefacts had keys."""
    path: Annotated[str | None, LEFT_OUT] = None
    """In those its folder, in the home of then; see `folder`."""
    promoted_at: Annotated[str | None, LEFT_OUT] = None
    """When its scorer was promoted; ISO 8601."""
    promoted_by: Annotated[str | None, LEFT_OUT] = None
    """Id of the run that promoted it; None in records of before this was kept."""
    digest: str
    """Of the scorer inside."""
    stored_histories: Annotated[HistoriesFacts | None, LEFT_OUT] = None
    """What is in it of known applicants."""
    source_digest: Annotated[str | None, LEFT_OUT] = None
    """Of the code that it was promoted with; None for one of before this was recorded."""
    fingerprint: str
    """Of the raw files, code and settings that it was built from (`freshness.py`)."""

    @classmethod
    def made(cls, built: BuiltBento, fingerprint: str) -> Self:
        """The record of a Bento that was built or found."""
        return cls(
            tag=built.tag,
            key=built.key,
            promoted_at=built.promoted_at,
            promoted_by=built.promoted_by,
            digest=built.scorer_digest,
            stored_histories=built.histories,
            source_digest=built.source_digest,
            fingerprint=fingerprint,
        )

    @property
    def place(self) -> BentoPlace:
        """What is needed to bring it to a machine, where it has a key."""
        histories = None if self.stored_histories is None else self.stored_histories.digest
        return BentoPlace(tag=self.tag, histories=histories, promoted_at=self.promoted_at, promoted_by=self.promoted_by)

    def folder(self, shelf: Shelf) -> Path:
        """Where the Bento is served from: the one place that turns what is stored into a path. It may not be there."""
        return self.place.folder(shelf.home) if self.key is not None else shelf.left_at(self.path or "")

    def brought(self, shelf: Shelf) -> Path:
        """The same, fetched from the store where it is not there.

        Raises:
            ArtefactError: it is not stored either, or altered there.
        """
        return bring_bento(shelf, self.place) if self.key is not None else self.folder(shelf)

    def scorer_folder(self, shelf: Shelf) -> Path:
        """Folder of the scorer inside, as it is stored.

        Raises:
            ArtefactError: the Bento is gone, or not as it was stored.
        """
        whole = shelf.local(self.key) if self.key is not None else self.folder(shelf)
        return whole / "src" / "scorer"


def bento_rows(record: BentoRecord, size: int) -> pl.DataFrame:
    """The row of serving/bento: tag, key, digest, and bytes of its files."""
    return pl.DataFrame({"tag": record.tag, "key": record.key, "digest": record.digest, "bytes": size})


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentRecord(Record):
    """Of serving/deployment: one attempt to bring a Bento to where it answers applicants."""

    bento: str
    """Its tag."""
    bento_version: int
    """Version of the table serving/bento: of the promotion or rollback that this follows."""
    digest: str
    """Of the scorer inside."""
    source_digest: str | None
    """Of all that it serves with."""
    promoted_by: str | None
    """Id of the run that promoted it."""
    target: Target
    """`local` or `kubernetes`."""
    verdict: Verdict
    message: str
    """What happened, and what answers now."""
    evidence: ShadowEvidence | None
    """Of its scoring along before; None where nothing was asked for."""
    evidence_sentence: str
    before: str | None
    """Digest of what was told to serve before."""
    requests: int | None
    """Requests for decisions that its first pod answered while it was watched."""
    errors: int | None
    """How many of them it failed."""
    began_at: str
    """ISO 8601."""
    ended_at: str


def deployment_rows(record: DeploymentRecord) -> pl.DataFrame:
    """The row of serving/deployment: what was brought where, and the verdict."""
    names = ("bento", "digest", "target", "verdict", "message", "before", "requests", "errors")
    schema = {name: pl.Int64 if name in ("requests", "errors") else pl.String for name in names}
    return pl.DataFrame([{name: getattr(record, name) for name in names}], schema=schema)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredApplicants(Record):
    """Of serving/scored_applicants: whom the champion scored, and by which rule it decided."""

    applicants: int
    accepted_share: float | None
    """None when there was nobody."""
    mean_probability_of_default: float | None
    model_version: str
    table_version: int
    rule: Annotated[DecisionRule, SPREAD_WHOLE]
    table: str
    """Key of the feature table."""
    digest: str
    """Of the champion."""

    @classmethod
    def made(cls, scorer: Scorer, scored: pl.DataFrame, applicants: TableVersion) -> Self:
        """The record of rows that `score_table` made of a version of the feature table."""
        means = scored.select(pl.col("decision") == ACCEPTED, "probability_of_default").mean().row(0, named=True)
        return cls(
            applicants=scored.height,
            accepted_share=means["decision"],
            mean_probability_of_default=means["probability_of_default"],
            model_version=scorer.version,
            table_version=applicants.version,
            rule=DecisionRule(threshold=scorer.threshold, review=scorer.review),
            table=applicants.key,
            digest=scorer.digest,
        )
