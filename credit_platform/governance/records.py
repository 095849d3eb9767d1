"""What the tables of governance, and the table of champions, say beside their rows: a typed record each.

What is here: the records of `governance/…`, but for the promotion decision (`decision.py`), and `PromotedModel`.
What to add here: a field that the gate, a document or a command reads; `LEFT_OUT` where older tables lack it.
What must not be here: how a record is written and read (`lakehouse/records.py`), measuring what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from credit_platform.governance.decision import Contender
from credit_platform.governance.parity import Parity
from credit_platform.lakehouse.records import LEFT_OUT, Record
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.modelling.records import ScorerRecord
from credit_platform.scoring.stored_histories import HistoriesFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutScorer(Record):
    """Of every table that is about one scorer, whatever else it records."""

    digest: str
    """Of the scorer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutBento(AboutScorer):
    """What serving/bento records, by a room above, of what travelled with the scorer."""

    stored_histories: Annotated[HistoriesFacts | None, LEFT_OUT] = None
    tag: Annotated[str | None, LEFT_OUT] = None
    source_digest: Annotated[str | None, LEFT_OUT] = None
    """Of the code that it was promoted with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceRecord(Record):
    """What a piece of evidence is about; the gate refuses evidence of another scorer or feature table."""

    digest: str
    """Of the scorer."""
    data_hash: str
    """Content hash of the feature table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dominant:
    """The feature with the largest share of all contributions."""

    feature: str
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplanationsRecord(EvidenceRecord):
    """Of governance/explanations: what drives the scorer on the holdout."""

    applicants: int
    features: int
    importance_kind: str
    largest_gap: float
    """Largest distance of the sum of contributions from the log-odds."""
    unexplained_features: tuple[str, ...]
    reason_findings: tuple[str, ...]
    dominant: Dominant
    families: tuple[dict[str, Any], ...]
    examples: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FairnessRecord(EvidenceRecord):
    """Of governance/fairness: verdicts by group, and what could be done about a difference."""

    applicants: int
    severity: Literal["block", "warn"]
    adverse: tuple[str, ...]
    """A sentence per group below four fifths beyond chance."""
    watched: tuple[str, ...]
    small_groups: tuple[str, ...]
    least_ratio: float | None
    miscalibrated: int
    alternatives: tuple[dict[str, Any], ...]
    alternatives_applicants: int
    without_alternative: tuple[str, ...]
    alternatives_not_comparable: tuple[str, ...]
    attributes: tuple[str, ...]
    least_members: int
    equal_cost: float
    exclusion: dict[str, Any]
    omissions: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StrongestAlone:
    """The feature that separates best by itself."""

    feature: str
    auc: float
    interval: tuple[float, float] | None = None
    """Wide enough for having picked the best; None in records of before it was measured."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundnessRecord(EvidenceRecord):
    """Of governance/soundness: leaks, stability, sensitivity, and single requests against the batch."""

    training_applicants: int
    holdout_applicants: int
    features: int
    strongest_alone: StrongestAlone
    dominant_by_chance: bool = False
    unrelated: tuple[str, ...]
    constant_features: tuple[str, ...]
    flipped_features: tuple[str, ...]
    parity: Parity
    fold_outcomes: dict[int, tuple[int, int]]
    """Defaults and repaid loans of each fold; -1 is the holdout."""
    sensitivity: tuple[dict[str, Any], ...]
    sensitivity_applicants: int
    sensitivity_not_varied: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonsRecord(EvidenceRecord):
    """Of governance/reasons: how often what applicants are told was held against their raw rows, and false."""

    applicants: int
    answers: int
    contradicted: int
    findings: tuple[str, ...]
    sentences: int
    never_said: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScorecardRecord(Record):
    """Of governance/scorecard: what points mean."""

    points_of_bins: int
    """Rows of `scorecard_points.csv`; 0 for a model that is no scorecard."""
    digest: str
    base_points: float
    base_odds: float
    points_to_double_odds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentsRecord(Record):
    """Of governance/model_card and governance/validation_report: where their files are."""

    digest: str
    key: Annotated[str | None, LEFT_OUT] = None
    """What the keys of the files begin with, and of everything written about this scorer; None in records of before
    artefacts had keys."""
    folder: Annotated[str | None, LEFT_OUT] = None
    """In those the folder of the files, in the home of then; see `paths`."""
    files: tuple[str, ...]
    sha256: Annotated[dict[str, str] | None, LEFT_OUT] = None
    """Of each file, by name; None before this was recorded."""

    def named(self, name: str, shelf: Shelf) -> str:
        """What one of the files is called where it is looked up: a key, or the path of a record of before keys."""
        return f"{self.key}/{name}" if self.key is not None else str(shelf.left_at(self.folder or "") / name)

    def path(self, name: str, shelf: Shelf) -> Path:
        """One of the files on this machine: the one place that turns what is stored into a path.

        Raises:
            ArtefactError: it is gone, or not as it was stored.
        """
        if self.key is not None:
            return shelf.local(self.named(name, shelf))
        return shelf.local(None, self.folder) / name


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredModel(Record):
    """Of governance/registered_model: a scorer as a version of the model in the registry."""

    model: str
    version: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SwapSetRecord(Record):
    """Of governance/swap_set: whom the challenger would decide about otherwise."""

    digest: str
    champion: str | None
    """Digest of the champion; None before the first promotion."""
    sentences: dict[str, str]
    """What to say of `holdout` and of `live`."""
    holdout: dict[str, Any] | None
    live: dict[str, Any] | None

    @property
    def compared(self) -> dict[str, Any]:
        """Both comparisons, as a promotion decision keeps them."""
        return {"sentences": self.sentences, "holdout": self.holdout, "live": self.live}


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotedModel(ScorerRecord):
    """Of serving/promoted_model: a scorer that is, or was, the champion."""

    model: str
    """Its name in the registry."""
    version: str
    """Its version there."""
    promoted_at: Annotated[str | None, LEFT_OUT] = None
    """ISO 8601; None for a champion of before this was recorded."""
    promoted_by: Annotated[str | None, LEFT_OUT] = None
    """Id of the run, or of the rollback, that made it the champion; None in records of before this was kept."""
    restored_version: Annotated[int | None, LEFT_OUT] = None
    """Version of the table that a rollback put back; None for one that the gate promoted."""

    @classmethod
    def made(
        cls, scorer: ScorerRecord, registered: RegisteredModel, promoted_at: str, promoted_by: str | None = None
    ) -> Self:
        """The record of a promotion."""
        fields = {name: getattr(scorer, name) for name in ScorerRecord.__dataclass_fields__}
        return cls(
            **fields,
            model=registered.model,
            version=registered.version,
            promoted_at=promoted_at,
            promoted_by=promoted_by,
        )

    @property
    def contender(self) -> Contender:
        """The model as the gate and its history name it."""
        return Contender(name=self.candidate, version=self.version, digest=self.digest)


def promoted(champion: StoredTable | None) -> PromotedModel | None:
    """The record of the champion's table; None before the first promotion.

    Raises:
        RecordError: it does not fit.
    """
    return None if champion is None else PromotedModel.of(champion)
