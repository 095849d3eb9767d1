"""What live decisions say of a challenger before it answers anybody: how it scored along beside the one that answers.

What is here: `ShadowEvidence`, and `shadow_evidence`, which judges the newest decisions of the log.
What to add here: another way in which applicants or callers would notice the change.
What must not be here: what follows from it (`credit_platform.serving.deployments`); who is better (the gate).

The gate has judged the model on the holdout, and perhaps a person as well. This asks something else: whether, on the
applicants of these days and in this service, it behaves like a model that may take over while nobody watches.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import ShadowBehaviour
from credit_platform.monitoring.swap_sets import open_shadow_log
from credit_platform.quality.stability_index import index_of_counts, stability_index
from credit_platform.settings import Settings

LEAST_DECISIONS = 500
"""Below that a PSI of ten groups is above its bound by chance too often (chi-square of 9 degrees over n)."""
_MOST_DECISIONS = 10_000
"""The newest: enough, and no more than a moment's reading."""
MOST_ACCEPTANCE_CHANGE = 0.20
"""Difference of the shares accepted: one that the gate let through is smaller, a broken feature's is not."""
MOST_SHIFT = 0.25
"""PSI from which on a change is called large (Siddiqi 2006), of scores and of the mix of first reasons."""
_LEAST_EXPLAINED = 100
_SLOW = 95
"""Percentile of the latencies."""


@dataclass(frozen=True, kw_only=True)
class ShadowEvidence:
    """How a challenger behaved beside the champion."""

    champion: str
    """Digest of the scorer that answered."""
    decisions: int
    acceptance_champion: float | None = None
    acceptance_challenger: float | None = None
    score_shift: float | None = None
    """PSI of the probabilities."""
    reason_shift: float | None = None
    """PSI of the mix of first reasons; None where too few were worked out."""
    latency_champion_ms: float | None = None
    """95th percentile, from the request to the decision."""
    latency_challenger_ms: float | None = None
    """95th percentile of scoring alone."""
    objections: tuple[str, ...] = ()
    """What speaks against it, a sentence each."""

    @property
    def suffices(self) -> bool:
        """Whether there were enough decisions to say anything."""
        return self.decisions >= LEAST_DECISIONS

    @property
    def sentence(self) -> str:
        """What it says, for people."""
        if not self.suffices:
            return f"It scored along at {self.decisions} decisions; {LEAST_DECISIONS} are needed to say how it behaves."
        if self.objections:
            return f"At {self.decisions} decisions at which it scored along: {' '.join(self.objections)}"
        return f"At {self.decisions} decisions at which it scored along it behaved like the one that answers."


def shadow_evidence(settings: Settings, portfolio: str, challenger: str, champion: str) -> ShadowEvidence:
    """What the decision log says of two scorers, by digest; no trouble with the log is an error."""
    try:
        log = open_shadow_log(settings)
        found = log.behaviours(portfolio, champion=champion, challenger=challenger, most=_MOST_DECISIONS) if log else []
    except DecisionLogError:
        found = []
    return judged(champion, found)


def judged(champion: str, found: Sequence[ShadowBehaviour]) -> ShadowEvidence:
    """The evidence of these decisions."""
    if len(found) < LEAST_DECISIONS:
        return ShadowEvidence(champion=champion, decisions=len(found))
    before = float(np.mean([one.champion_decision == "accepted" for one in found]))
    after = float(np.mean([one.challenger_decision == "accepted" for one in found]))
    scores = stability_index(
        pl.Series([one.champion_probability for one in found]),
        pl.Series([one.challenger_probability for one in found]),
    ).psi
    reasons, (slow, slower) = _reason_shift(found), _latencies(found)
    said = ShadowEvidence(
        champion=champion,
        decisions=len(found),
        acceptance_champion=before,
        acceptance_challenger=after,
        score_shift=scores,
        reason_shift=reasons,
        latency_champion_ms=slow,
        latency_challenger_ms=slower,
    )
    objections = (*_of_decisions(before, after, scores), *_of_reasons(reasons), *_of_latencies(slow, slower))
    return replace(said, objections=objections)


def _of_decisions(before: float, after: float, scores: float) -> Iterator[str]:
    if abs(after - before) > MOST_ACCEPTANCE_CHANGE:
        yield f"It would accept {after:.0%}, the one that answers accepts {before:.0%}."
    if scores > MOST_SHIFT:
        yield f"Its probabilities are distributed otherwise: PSI {scores:.2f}, at most {MOST_SHIFT}."


def _of_reasons(reasons: float | None) -> Iterator[str]:
    if reasons is not None and reasons > MOST_SHIFT:
        yield f"It would give other reasons: PSI of the first reasons {reasons:.2f}, at most {MOST_SHIFT}."


def _of_latencies(slow: float, slower: float | None) -> Iterator[str]:
    if slower is not None and slower > slow:
        yield f"To score takes it {slower:.1f} ms (p95), longer than whole decisions do now, {slow:.1f} ms."


def _reason_shift(found: Sequence[ShadowBehaviour]) -> float | None:
    """PSI of the first reasons of those decisions of which both are known, decided alike: reasons follow the side."""
    pairs = [
        (_first(json.loads(one.champion_answer).get("reasons")), json.loads(one.challenger_reasons)[:1])
        for one in found
        if one.challenger_reasons is not None and one.champion_decision == one.challenger_decision
    ]
    known = [(before, after[0]) for before, after in pairs if before is not None and after]
    if len(known) < _LEAST_EXPLAINED:
        return None
    ours, theirs = Counter(before for before, _ in known), Counter(after for _, after in known)
    codes = sorted(ours | theirs)
    return index_of_counts([ours[code] for code in codes], [theirs[code] for code in codes])


def _first(reasons: object) -> str | None:
    return str(reasons[0].get("code")) if isinstance(reasons, list) and reasons else None


def _latencies(found: Sequence[ShadowBehaviour]) -> tuple[float, float | None]:
    ours = [one.champion_latency_ms for one in found]
    theirs = [one.challenger_latency_ms for one in found if one.challenger_latency_ms is not None]
    slower = float(np.percentile(theirs, _SLOW)) if len(theirs) >= _LEAST_EXPLAINED else None
    return float(np.percentile(ours, _SLOW)), slower
