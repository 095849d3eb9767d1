"""What happens when: how many apply, from when on others do, when a feed is broken, and by which rules it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from credit_platform.portfolios import get_portfolio, get_truth
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.simulation.truth import World

SEED = 11
NIGHT, OPENING = time(3), time(10)
"""When the night's job runs, and the first applicant is decided about, where the lender is."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A year, or less, of one portfolio."""

    portfolio: str
    first: date
    """Day of the first promotion and of the first applicants."""
    days: tuple[int, ...]
    """Days after it on which the home is at work, in their order."""
    told_every: int = 7
    """Days from one file of the lender to the next."""
    daily: int
    """Applicants of a day of work."""
    drift: str
    """How later applicants differ (`simulation.drifts`)."""
    concept: str
    """How later applicants default (`portfolios/<name>/truth.py`)."""
    drifts_after: int
    """Days without either."""
    lost: str
    """Column of the application that the broken feed does not bring."""
    stuck: str | None
    """What it brings for everybody instead; None for nothing, where the contract lets that be left out."""
    broken: range
    """Days after the first on which it is broken."""
    policy: MonitoringPolicy
    timing: tuple[float, ...]
    """Of those who default, the share that does so in each month; all of it within the maturity of the policy, since a
    loan that defaults later would be learnt from as one that is repaid."""
    pages: bool = True
    """Whether pages are made once a month on which nothing that is decided rests."""
    kills: Mapping[int, str] = field(default_factory=dict)
    """Days on which the daemon is killed with -9, and the step in which it is."""

    def declared(self) -> Portfolio:
        """The portfolio under the plan's policy."""
        return replace(get_portfolio(self.portfolio), monitoring=self.policy)

    def world(self) -> World:
        """Who defaults."""
        truth = replace(get_truth(self.portfolio), timing=self.timing)
        since = self.at(self.drifts_after, time())
        return World(truth=truth, seed=SEED, concept=truth.concepts[self.concept], since=since)

    def day(self, number: int) -> date:
        """The day so many after the first."""
        return self.first + timedelta(days=number)

    def at(self, number: int, moment: time) -> datetime:
        """A moment of that day, where the lender is."""
        return datetime.combine(self.day(number), moment, self.policy.zone)


_RULES = MonitoringPolicy(promote_automatically=True, retrainings_per_quarter=1)
SHORT = Plan(
    portfolio="german_credit",
    # Its last days are a vintage of their own, which is mature six weeks later.
    first=date(2031, 1, 29),
    days=(*range(3), 14, 28, *range(40, 50)),
    daily=100,
    drift="larger_loans",
    concept="overreached",
    drifts_after=1,
    lost="checking_account",
    stuck="no account",
    # That vintage becomes mature on day 42: what speaks for a refit is all there, and must wait for the feed.
    broken=range(41, 44),
    policy=replace(_RULES, maturity_months=1, least_mature_outcomes=40, least_mature_defaults=2, cool_down_days=30),
    timing=(1.0,),
    pages=False,
    kills={45: "german_credit__serving__promoted_model"},
)
GERMAN_YEAR = Plan(
    portfolio="german_credit",
    first=date(2031, 1, 1),
    days=tuple(range(365)),
    daily=40,
    drift="larger_loans",
    concept="overreached",
    drifts_after=14,
    lost="checking_account",
    stuck="no account",
    broken=range(125, 130),
    policy=replace(_RULES, maturity_months=2, least_mature_outcomes=800, least_mature_defaults=40, cool_down_days=365),
    timing=(0.4, 0.6),
    kills={
        3: "german_credit__monitoring__decisions",
        20: "german_credit__monitoring__outcomes",
        40: "german_credit__monitoring__cell_counts",
        60: "german_credit__monitoring__drift",
        80: "german_credit__monitoring__performance",
        100: "german_credit__monitoring__retrain_decision",
        127: "german_credit__monitoring__decisions",
        200: "german_credit__monitoring__reference",
        260: "german_credit__monitoring__drift__checks",
        300: "german_credit__monitoring__drift",
    },
)
HOME_YEAR = replace(
    GERMAN_YEAR,
    portfolio="home_credit",
    drift="larger_loans",
    concept="scores_bought",
    lost="EXT_SOURCE_2",
    stuck=None,
    kills={day: step.replace("german_credit", "home_credit") for day, step in GERMAN_YEAR.kills.items()},
)
GERMAN_WEEKS = replace(
    GERMAN_YEAR,
    # One day a week and all around the broken feed, with as many applicants on each as make the months large enough.
    days=tuple(sorted({*range(0, 365, 7), *range(124, 133)})),
    daily=160,
    kills=dict(zip((7, 21, 42, 63, 84, 98, 127, 203, 259, 301), GERMAN_YEAR.kills.values(), strict=True)),
)
PLANS = {"short": SHORT, "german_credit": GERMAN_YEAR, "german_weeks": GERMAN_WEEKS, "home_credit": HOME_YEAR}
