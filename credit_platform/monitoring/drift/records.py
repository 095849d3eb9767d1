"""What stands beside the tables of drift: a typed record each.

What is here: the records of `monitoring/reference`, `monitoring/cell_counts`, `monitoring/drift` and
`monitoring/population_shift`.
What to add here: a field, where an asset, a check, a page or a rule needs it.
What must not be here: computing what is in it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Final, Self

from credit_platform.lakehouse.records import LEFT_OUT, Record
from credit_platform.monitoring.drift.drift import Drift

DRIFT: Final = "drift"
"""Name of the table of verdicts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceRecord(Record):
    """Of monitoring/reference: which models something was frozen of."""

    message: str
    models: dict[str, dict[str, int]]
    """Digest to stratum to applicants; the newest last."""
    decided: Annotated[dict[str, tuple[str, ...]] | None, LEFT_OUT] = None
    """Digest to the months (as in 2031-03) of whose decisions a refit's reference is made; None where there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CountsRecord(Record):
    """Of monitoring/cell_counts: what was counted."""

    message: str
    days: dict[str, str]
    """Day (ISO 8601) to what it was counted from: equal when decisions and references are."""
    decisions: dict[str, dict[str, int]]
    """Day to model digest to decisions that were counted."""
    not_counted: dict[str, int]
    """Decisions of models that nothing was frozen of, by digest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfDrift:
    """What is said of one model on one day."""

    model: str
    level: str
    drifted: int
    features: int
    score: float
    plain_ks: int
    incidents: tuple[str, ...]
    decisions: dict[str, int]
    score_psi: float | None
    acceptance_before: float | None
    acceptance_now: float | None
    cost_before: float | None
    cost_now: float | None
    sentence: str

    @classmethod
    def made(cls, drift: Drift) -> Self:
        """Of what was measured."""
        told = {} if drift.consequence is None else asdict(drift.consequence)
        return cls(
            model=drift.model,
            level=drift.level.value,
            drifted=drift.drifted,
            features=drift.features.height,
            score=drift.score,
            plain_ks=drift.plain_ks,
            incidents=drift.incidents,
            decisions=drift.decisions,
            sentence=drift.sentence,
            **{
                name: told.get(name)
                for name in ("score_psi", "acceptance_before", "acceptance_now", "cost_before", "cost_now")
            },
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftRecord(Record):
    """Of monitoring/drift: what each day says."""

    message: str
    based_on: dict[str, str]
    """Day (ISO 8601) to what it was judged from: equal when the counts of its 28 days are."""
    days: dict[str, tuple[DayOfDrift, ...]]
    """Day to what is said of each model that decided then, the one with most decisions first."""
    page: str | None
    """File with the newest day, for people; None where there is no day."""

    @property
    def newest(self) -> DayOfDrift | None:
        """The newest day, of the model that decided most; None where nothing was judged."""
        return self.days[max(self.days)][0] if self.days else None


@dataclass(frozen=True, kw_only=True, slots=True)
class PopulationShiftRecord(Record):
    """Of monitoring/population_shift."""

    message: str
    model: str | None
    """Digest of the scorer; None where there is nothing to compare."""
    applicants: int
    shift: DayOfDrift | None
    page: str | None
