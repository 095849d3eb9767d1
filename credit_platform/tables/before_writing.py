"""Which checks a table has: the one registry, by the table's key.

What is here: `write_checks` (asked before a version is written), `stored_checks` (asked of the version in force), and
`stored_submission`, a stored version as both see it.
What to add here: a line for another layer of the graph.
What must not be here: the checks (`checks/`) and what follows from them (`judging.py`).

Refusals of the promotion gate are not here: `governance/promotion_decision` is the record of what was decided, and is
written whatever the gate says; its checks hold up what comes after it. So are those of `monitoring/drift`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.checks.features import aggregate_checks_of, aggregate_stored_checks, feature_checks_of
from credit_platform.tables.checks.governance import governance_stored_checks, governance_write_checks
from credit_platform.tables.checks.models import model_stored_checks, model_write_checks
from credit_platform.tables.checks.monitoring import (
    monitoring_stored_checks,
    monitoring_write_checks,
    outcomes_beside,
)
from credit_platform.tables.checks.quality import quality_write_checks
from credit_platform.tables.checks.raw import raw_stored_checks, raw_write_checks, rejected_beside
from credit_platform.tables.checks.serving import serving_stored_checks, serving_write_checks
from credit_platform.tables.contracts import split_key
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck, submission_of

Find = Callable[[Portfolio, str], list[WriteCheck]]
FindStored = Callable[[Portfolio, str], list[StoredCheck]]


def write_checks(key: str) -> list[WriteCheck]:
    """Checks of the table called `key`; none for a table that nothing is refused of."""
    return list(_write_checks(key))


@cache
def _write_checks(key: str) -> tuple[WriteCheck, ...]:
    portfolio, layer, name = split_key(key)
    find = _FIND.get(layer)
    return tuple(find(portfolio, name)) if portfolio and find else ()


def stored_checks(key: str) -> list[StoredCheck]:
    """Checks of the version of `key` that is in force, which only tell."""
    portfolio, layer, name = split_key(key)
    find = _FIND_STORED.get(layer)
    return find(portfolio, name) if portfolio and find else []


def stored_submission(stored: StoredTable, lakehouse: Lakehouse) -> Submission:
    """A stored version as its judges see it, with the tables that were written with it."""
    portfolio, layer, name = split_key(stored.version.key)
    beside: Mapping[str, pl.LazyFrame] = {}
    if portfolio is not None and layer == "raw":
        beside = rejected_beside(portfolio, lakehouse, stored)
    elif portfolio is not None and (layer, name) == ("monitoring", OUTCOMES):
        beside = outcomes_beside(portfolio, lakehouse, stored)
    return submission_of(stored, beside)


_FIND: dict[str, Find] = {
    "raw": raw_write_checks,
    "quality": quality_write_checks,
    "aggregates": aggregate_checks_of,
    "features": feature_checks_of,
    "models": model_write_checks,
    "governance": governance_write_checks,
    "serving": serving_write_checks,
    "monitoring": monitoring_write_checks,
}
_FIND_STORED: dict[str, FindStored] = {
    "raw": raw_stored_checks,
    "aggregates": aggregate_stored_checks,
    "models": model_stored_checks,
    "governance": governance_stored_checks,
    "serving": serving_stored_checks,
    "monitoring": monitoring_stored_checks,
}
