"""What the tables of serving say beside their rows: a typed record each.

What is here: the records of `serving/bento` and `serving/scored_applicants`.
What to add here: a field that a command or a check reads; `LEFT_OUT` where older tables lack it.
What must not be here: the champion's (`governance/records.py`, below, because the gate reads it).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import polars as pl

from credit_platform.lakehouse.records import LEFT_OUT, SPREAD_WHOLE, Record
from credit_platform.scoring.rule import ACCEPTED, DecisionRule
from credit_platform.scoring.stored_histories import HistoriesFacts

if TYPE_CHECKING:
    from credit_platform.lakehouse import TableVersion
    from credit_platform.scoring import Scorer
    from credit_platform.serving.bentos import BuiltBento


@dataclass(frozen=True, kw_only=True, slots=True)
class BentoRecord(Record):
    """Of serving/bento: the package of a champion."""

    tag: str
    path: str
    """Folder of the Bento; see `folder`."""
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
            path=str(built.path),
            digest=built.scorer_digest,
            stored_histories=built.histories,
            source_digest=built.source_digest,
            fingerprint=fingerprint,
        )

    @property
    def folder(self) -> Path:
        """Folder of the Bento: the one place that turns what is stored into a path."""
        return Path(self.path)

    @property
    def scorer_folder(self) -> Path:
        """Folder of the scorer inside."""
        return self.folder / "src" / "scorer"


def bento_rows(record: BentoRecord, size: int) -> pl.DataFrame:
    """The row of serving/bento: tag, path, digest, and bytes of its files."""
    return pl.DataFrame({"tag": record.tag, "path": record.path, "digest": record.digest, "bytes": size})


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
