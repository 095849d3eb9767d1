"""How long decisions are kept: what each portfolio declares, and removing what is older.

What is here: `purge_expired`, `expired`, `horizons_of`, and `require_horizon`, which keeps a person from
removing what must be kept.
What to add here: another rule about which decisions may go.
What must not be here: how a decision is removed (`decision_log.removal`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Act, DecisionStore, Filter
from credit_platform.portfolios.portfolio import Portfolio


def expired_before(portfolio: Portfolio, now: datetime | None = None) -> datetime:
    """Decisions from before this moment are kept no longer."""
    return (now or datetime.now(UTC)) - timedelta(days=portfolio.retention.decisions.days)


def expired(store: DecisionStore, portfolio: Portfolio, now: datetime | None = None) -> int:
    """How many decisions of `portfolio` are older than it may keep them.

    Raises:
        DecisionLogError: the database cannot be reached.
    """
    return store.count(Filter(portfolio=portfolio.name, until=expired_before(portfolio, now)))


def purge_expired(store: DecisionStore, portfolio: Portfolio, act: Act, now: datetime) -> int:
    """Remove the decisions that are older than `portfolio` may keep them; how many went.

    Raises:
        DecisionLogError: the database cannot be reached.
    """
    before = expired_before(portfolio, now)
    if not store.count(Filter(portfolio=portfolio.name, until=before)):
        return 0
    return store.purge(before, act, portfolio=portfolio.name)


def horizons_of(portfolios: Iterable[Portfolio], older_than: timedelta | None, now: datetime) -> dict[str, datetime]:
    """By portfolio, the moment before which decisions go: as each declares, or all that are `older_than`.

    Raises:
        DecisionLogError: a portfolio must keep its decisions for longer than that.
    """
    chosen = tuple(portfolios)
    if older_than is None:
        return {one.name: expired_before(one, now) for one in chosen}
    require_horizon(chosen, older_than)
    return {one.name: now - older_than for one in chosen}


def require_horizon(portfolios: Iterable[Portfolio], older_than: timedelta) -> None:
    """Refuse to remove decisions that a portfolio must still keep.

    Raises:
        DecisionLogError: a portfolio declares a longer time.
    """
    for portfolio in portfolios:
        kept = portfolio.retention.decisions
        if older_than < timedelta(days=kept.days):
            raise DecisionLogError(
                f"{portfolio.name} keeps decisions for {kept.days} days ({kept.ground}); "
                f"{older_than / timedelta(days=1):g} days are less.",
                f"Remove what is older than {kept.days}d, or change the declared retention of the portfolio.",
            )
