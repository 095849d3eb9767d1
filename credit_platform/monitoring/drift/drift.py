"""What is said of a day: which features moved, whether that matters, and what to do.

What is here: `Drift`, `measure_drift`, the levels, and the consequences for score, acceptance and cost.
What to add here: another consequence that follows from the counts of the score.
What must not be here: tests of single features (`verdicts.py`), pictures, deciding on a retraining.

Compare like with like. Acceptance and cost are those of the model's own rule, applied to the scores: a model with
another threshold is another model with another reference, and what was decided otherwise than by the rule is shown
beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import polars as pl

from credit_platform.monitoring.drift.cells import Floats, Role
from credit_platform.monitoring.drift.reference import DECISION, SCORE, Reference
from credit_platform.monitoring.drift.verdicts import Judged, Verdict, verdicts_of
from credit_platform.monitoring.drift.windows import LENGTHS, days_of, windows_of
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.scoring.rule import is_refused

WATCH_FROM, RETRAIN_FROM = 1, 3
"""Features that drifted, from which a day is watched, and from which a retraining is to be considered."""
MUCH_IMPORTANCE = 0.5
"""Share of importance that moved, above which somebody is told."""
PLAIN = 0.05


class Level(StrEnum):
    """What a day means."""

    STABLE = "stable"
    WATCH = "watch"
    RETRAIN = "retrain"
    TOO_FEW = "too few"
    """No feature could be compared, so nothing can be said."""

    @property
    def alarm(self) -> bool:
        """Whether three features or more drifted."""
        return self is Level.RETRAIN


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What the applicants of now mean for the lender, by the model's own probabilities and rule; shares and costs."""

    score_psi: float
    score_verdict: str
    acceptance_before: float
    acceptance_now: float
    """Of all applicants: those whom the rule accepts."""
    accepted_now: float
    """Of all decisions: those that were `accepted`, by the log."""
    cost_before: float
    cost_now: float
    """Expected cost per applicant, in units of the cost matrix."""
    mean_before: float
    mean_now: float
    """Mean probability of default."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Drift:
    """Everything that is said of a day."""

    day: date
    model: str
    level: Level
    drifted: int
    """Features that are certain and material."""
    score: float
    """Dataset drift: share of importance that drifted, 0 to 1."""
    plain_ks: int
    """Numeric features with a KS p below 0.05, as others count them; with many features chance alone gives some."""
    incidents: tuple[str, ...]
    """Features whose feed broke."""
    decisions: dict[str, int]
    """Decisions of the model in the last 1, 7 and 28 days."""
    sources: dict[str, int]
    """Decisions of the last 28 days by the stratum that they were compared with."""
    consequence: Consequence | None
    """None without any decision."""
    judged: Judged

    @property
    def features(self) -> pl.DataFrame:
        """The verdicts on features, the most important of those that drifted first."""
        own = self.judged.table.filter(pl.col("role") == Role.FEATURE.value)
        order = ("incident", "drifted", "importance", "psi")
        return own.sort(*order, "feature", descending=[True, True, True, True, False])

    @property
    def sentence(self) -> str:
        """What the day says, for people."""
        return " ".join(_sentences(self))


def measure_drift(daily: pl.DataFrame, reference: Reference, day: date, costs: CostMatrix) -> Drift:
    """Ask the three questions of everything that the model uses, for the days up to `day`.

    Args:
        daily: daily counts as from `counting.count_cells`; other days and models in it do not matter.
        reference: what was frozen with the model.
        day: the day that is judged; windows end with it.
        costs: of the portfolio.
    """
    days = days_of(daily, reference, day)
    windows = windows_of(days, reference)
    judged = verdicts_of(reference, windows)
    features = judged.table.filter(pl.col("role") == Role.FEATURE.value)
    drifted = features.filter("drifted")
    total = float(features["importance"].sum())
    return Drift(
        day=day,
        model=reference.model,
        level=_level(features),
        drifted=drifted.height,
        score=float(drifted["importance"].sum()) / total if total > 0 else 0.0,
        plain_ks=features.filter((pl.col("plain_p") < PLAIN) & (pl.col("decisions") > 0)).height,
        incidents=tuple(features.filter("incident").sort("importance", descending=True)["feature"]),
        decisions={f"{length}": int(days.decisions[:length].sum()) for length in LENGTHS},
        sources=dict(zip(reference.counts, days.decisions.sum(axis=0).tolist(), strict=True)),
        consequence=_consequence(reference, judged, costs) if days.decisions.any() else None,
        judged=judged,
    )


def _level(features: pl.DataFrame) -> Level:
    drifted = features.filter("drifted").height
    if drifted >= RETRAIN_FROM:
        return Level.RETRAIN
    if drifted >= WATCH_FROM:
        return Level.WATCH
    return Level.STABLE if _compared(features) else Level.TOO_FEW


def _compared(features: pl.DataFrame) -> int:
    """Features with values and enough of them to be compared."""
    words = (Verdict.STABLE.value, Verdict.MOVED.value, Verdict.NEW_CATEGORY.value)
    return features.filter(pl.col("verdict").is_in(words)).height


def _consequence(reference: Reference, judged: Judged, costs: CostMatrix) -> Consequence:
    score = judged.table.row(by_predicate=pl.col("role") == Role.SCORE.value, named=True)
    now = _shares(reference.part(judged.counts, SCORE))
    before = _shares(reference.part(judged.expected, SCORE))
    decided = _shares(reference.part(judged.counts, DECISION))
    means = reference.score_means
    return Consequence(
        score_psi=score["psi"],
        score_verdict=score["verdict"],
        acceptance_before=_accepted(reference, before),
        acceptance_now=_accepted(reference, now),
        accepted_now=float(decided[1]),
        cost_before=_cost(reference, before, costs),
        cost_now=_cost(reference, now, costs),
        mean_before=float((before * means).sum()),
        mean_now=float((now * means).sum()),
    )


def _shares(counts: Floats) -> Floats:
    """Among those with a value; 0 throughout where nobody has one."""
    known = counts.copy()
    known[0] = 0.0
    return np.asarray(known / max(float(known.sum()), 1e-300))


def _accepted(reference: Reference, shares: Floats) -> float:
    rule, means = reference.rule, reference.score_means
    low, high = rule.review or (np.inf, np.inf)
    accepted = ~is_refused(means, rule.threshold) & ~((means >= low) & (means < high))
    return float(shares[accepted].sum())


def _cost(reference: Reference, shares: Floats, costs: CostMatrix) -> float:
    """Whoever is reviewed counts as the threshold alone would decide."""
    means = reference.score_means
    refused = is_refused(means, reference.rule.threshold)
    each = np.where(refused, costs.false_positive * (1 - means), costs.false_negative * means)
    return float((shares * each).sum())


def _sentences(drift: Drift) -> list[str]:
    """True of the case in front of the reader, and what to do last."""
    found = []
    if drift.level is Level.TOO_FEW:
        found.append(_too_few(drift))
    elif drift.drifted:
        moved = "1 feature" if drift.drifted == 1 else f"{drift.drifted} features"
        found.append(f"{moved} of {drift.features.height} drifted, with {drift.score:.0%} of the model's importance.")
    else:
        found.append(f"None of the {_compared(drift.features)} features that could be compared drifted.")
    if drift.incidents:
        what = "1 feature" if len(drift.incidents) == 1 else f"{len(drift.incidents)} features"
        found.append(f"The feed of {what} broke: a data incident, to be mended before anything is trained.")
    if not (drift.incidents and drift.level in (Level.STABLE, Level.TOO_FEW)):
        found.append(_ADVICE[drift.level])
    return found


def _too_few(drift: Drift) -> str:
    if not drift.decisions["28"]:
        return "This model decided about nobody in the last 28 days: there is nothing to compare."
    if drift.features.filter(pl.col("verdict") == Verdict.TOO_FEW.value).is_empty():
        return "No feature has values that could be compared with those of training."
    told = "1 applicant is" if drift.decisions["28"] == 1 else f"{drift.decisions['28']} applicants are"
    return f"{told} too few to compare any feature."


_ADVICE = {
    Level.STABLE: "Nothing to do.",
    Level.WATCH: "Look at what moved, and whether it goes on.",
    Level.RETRAIN: "Find out why, and consider a retraining.",
    Level.TOO_FEW: "Wait for more applicants.",
}
