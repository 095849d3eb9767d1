"""Which checks a table has to pass before it is written: the one registry, by the table's key.

What is here: `write_checks`.
What to add here: a line for another kind of table that must not be stored unjudged.
What must not be here: the checks (beside this module) and what follows from them (`judging.py`).

Refusals of the promotion gate are not here: `governance/promotion_decision` is the record of what was decided, and is
written whatever the gate says; its checks hold up what comes after it.
"""

from collections.abc import Callable
from functools import cache

from credit_platform.orchestration.checks.features import aggregate_write_checks, feature_write_checks
from credit_platform.orchestration.checks.models import model_write_checks
from credit_platform.orchestration.checks.raw import raw_write_checks
from credit_platform.orchestration.checks.serving import serving_write_checks
from credit_platform.orchestration.contracts import split_key
from credit_platform.orchestration.judging import WriteCheck
from credit_platform.portfolios.portfolio import Portfolio

Find = Callable[[Portfolio, str], list[WriteCheck]]


def write_checks(key: str) -> list[WriteCheck]:
    """Checks of the table called `key`; none for a table that nothing is refused of."""
    return list(_write_checks(key))


@cache
def _write_checks(key: str) -> tuple[WriteCheck, ...]:
    portfolio, layer, name = split_key(key)
    find = _FIND.get(layer)
    return tuple(find(portfolio, name)) if portfolio and find else ()


def _raw(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    return [check for table in portfolio.tables if table.name == name for check in raw_write_checks(portfolio, table)]


def _aggregates(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    groups = [group for group in portfolio.feature_groups if group.history and group.name == name]
    return [check for group in groups for check in aggregate_write_checks(portfolio, group)]


def _features(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    return feature_write_checks(portfolio) if name == "applicants" else []


_FIND: dict[str, Find] = {
    "raw": _raw,
    "aggregates": _aggregates,
    "features": _features,
    "models": model_write_checks,
    "serving": serving_write_checks,
}
