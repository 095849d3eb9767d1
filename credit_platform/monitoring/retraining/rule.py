"""The rule: none, suggest or refit, with every reason that led there.

What is here: `decide`, `Answer`, `Reason`.
What to add here: another condition, with its words in `words.py` and a row in the test's table of cases.
What must not be here: reading tables, words of a language.

The first that holds:

1. no champion: none. 2. a broken feed, a check that refuses data, or a table that could not be made: none; data are
mended, not learnt from.
3. nothing speaks for it: none. 4. something does, and nothing stands in the way: refit. 5. else: suggest, with what is
in the way: too few mature outcomes, a log that keeps no inputs, the cool-down, the budget of the quarter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from credit_platform.monitoring.retraining.evidence import Evidence, PastRefit
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy

MONTHS_OF_QUARTER = 3


class Answer(StrEnum):
    """What to do."""

    NONE = "none"
    SUGGEST = "suggest"
    REFIT = "refit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why, as a code with its figures; `words.py` has the sentences."""

    code: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """The answer, and what it rests on."""

    answer: Answer
    reasons: tuple[Reason, ...]


def decide(evidence: Evidence, policy: MonitoringPolicy, past: Sequence[PastRefit], now: datetime) -> Decided:
    """Whether to train again.

    Args:
        evidence: what there is.
        policy: of the portfolio.
        past: every refit that began, in any order.
        now: in UTC; the quarter is that of the policy's timezone.
    """
    if evidence.champion is None:
        return _none("no champion")
    stops = [*_stops(evidence)]
    if stops:
        return Decided(answer=Answer.NONE, reasons=tuple(stops))
    grounds = [_ground(evidence, ground) for ground in evidence.grounds]
    if not grounds:
        return _none("nothing", outcomes=evidence.mature_outcomes, level=evidence.drift_level)
    # What began for the same evidence is this refit, not one before it.
    others = [one for one in past if one.evidence != evidence.hash]
    barriers = [*_too_few(evidence, policy), *_too_soon(policy, others, now)]
    answer = Answer.SUGGEST if barriers else Answer.REFIT
    return Decided(answer=answer, reasons=(*grounds, *barriers))


def _none(code: str, **figures: Any) -> Decided:
    return Decided(answer=Answer.NONE, reasons=(Reason(code=code, figures=figures),))


def _stops(evidence: Evidence) -> Iterator[Reason]:
    if evidence.incidents:
        yield Reason(code="broken feed", figures={"features": [*evidence.incidents]})
    if evidence.failing:
        yield Reason(code="checks fail", figures={"tables": [*evidence.failing]})
    if evidence.unmade:
        yield Reason(code="not made", figures={"tables": [*evidence.unmade]})


def _ground(evidence: Evidence, ground: str) -> Reason:
    figures = {"drifted": evidence.drifted, "score": evidence.drift_score} if ground == "drift" else {}
    return Reason(code=str(ground), figures=figures)


def _too_few(evidence: Evidence, policy: MonitoringPolicy) -> Iterator[Reason]:
    found, least = evidence.trainable, (policy.least_mature_outcomes, policy.least_mature_defaults)
    of_champion = (evidence.mature_outcomes, evidence.mature_defaults)
    if _below(of_champion, least):
        yield Reason(code="too few", figures=_counts(of_champion, least))
    elif _below((found.with_inputs, found.defaults_with_inputs), least):
        code = "no inputs" if not found.with_inputs else "too few inputs"
        counts = _counts((found.with_inputs, found.defaults_with_inputs), least)
        yield Reason(code=code, figures={**counts, "without": found.outcomes - found.with_inputs})


def _below(counts: tuple[int, int], least: tuple[int, int]) -> bool:
    return any(count < bound for count, bound in zip(counts, least, strict=True))


def _counts(counts: tuple[int, int], least: tuple[int, int]) -> dict[str, int]:
    names = ("outcomes", "defaults", "least_outcomes", "least_defaults")
    return dict(zip(names, (*counts, *least), strict=True))


def _too_soon(policy: MonitoringPolicy, past: Sequence[PastRefit], now: datetime) -> Iterator[Reason]:
    latest = max((one.at for one in past), default=None)
    if latest is not None and now < latest + timedelta(days=policy.cool_down_days):
        over = (latest + timedelta(days=policy.cool_down_days)).astimezone(policy.zone).date()
        day = latest.astimezone(policy.zone).date()
        yield Reason(code="cool-down", figures={"on": str(day), "days": policy.cool_down_days, "until": str(over)})
    of_quarter = [one for one in past if _quarter(one.at, policy) == _quarter(now, policy)]
    if len(of_quarter) >= policy.retrainings_per_quarter:
        yield Reason(code="budget", figures={"refits": len(of_quarter), "most": policy.retrainings_per_quarter})


def _quarter(moment: datetime, policy: MonitoringPolicy) -> tuple[int, int]:
    local = moment.astimezone(policy.zone)
    return local.year, (local.month - 1) // MONTHS_OF_QUARTER
