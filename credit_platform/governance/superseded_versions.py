"""Versions in MLflow's registry of models that nothing goes back to, with the files that MLflow keeps of them.

What is here: `superseded_versions`, `delete_versions`.
What must not be here: MLflow (`modelling/tracking.py`), other copies of a model (`superseded.py`).

A version is kept for `Retention.models` after its model was last in production, as every copy of a model is. Whatever
its age stays what `superseded.py` keeps, what an alias points at, and what a promotion record names, as long as that
record is kept: the challenger and the champion of every decision of the gate. What somebody registered by other means
has no digest, and is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta

from credit_platform.governance.promotion_history import history
from credit_platform.governance.records import AboutScorer
from credit_platform.governance.retention import Named
from credit_platform.governance.superseded import last_used, needed_models
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.registry import RegisteredVersion, Registry
from credit_platform.portfolios.keys import champion_key
from credit_platform.portfolios.portfolio import Portfolio


def superseded_versions(
    lakehouse: Lakehouse,
    portfolio: Portfolio,
    registry: Registry | None,
    *,
    pins: Named,
    decided_by: Set[str],
    now: datetime,
) -> list[RegisteredVersion]:
    """Versions in the registry that may go, oldest first; none without a registry.

    Raises:
        RecordError: a record cannot be read.
        Exception: of the registry, when it cannot be used.
    """
    if registry is None:
        return []
    before = now - timedelta(days=portfolio.retention.models.days)
    needed = needed_models(lakehouse, portfolio.name, pins) | set(decided_by) | _promoted(lakehouse, portfolio.name)
    used = last_used(lakehouse, portfolio.name, now)
    going = [
        one
        for one in registry.versions(portfolio.name)
        if not one.aliased and one.digest not in needed and used.get(one.digest, one.made_at) < before
    ]
    return sorted(going, key=lambda one: int(one.version))


def delete_versions(registry: Registry | None, versions: Iterable[RegisteredVersion]) -> None:
    """Delete versions, but those that an alias was pointed at meanwhile."""
    if registry is not None:
        for one in versions:
            registry.delete_version(one.model, one.version)


def _promoted(lakehouse: Lakehouse, portfolio: str) -> set[str]:
    """Digests of all models that a promotion record names."""
    found = {AboutScorer.from_summary(summary).digest for _, summary in lakehouse.records(champion_key(portfolio))}
    for record in history(lakehouse, portfolio):
        contenders = (record.decision.challenger, record.decision.champion)
        found |= {one.digest for one in contenders if one is not None}
    return found
