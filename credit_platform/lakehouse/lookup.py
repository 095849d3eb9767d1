"""Looking tables up for a person: is there one of that name, what of it was refused since, what was set aside.

What is here: questions about stored versions that a command or a page answers in words.
What to add here: another such question.
What must not be here: reading rows (`lakehouse.py`), judging, words of a command (`cli`).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse.lakehouse import Lakehouse
from credit_platform.lakehouse.verdicts import Judged, refused_key
from credit_platform.lakehouse.versions import TableVersion
from credit_platform.portfolios.keys import raw_key, rejected_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable

_NAMED: Final = 3
"""So many names are told for a wrong one."""
_ALIKE: Final = 0.5
"""Least share of letters in common, as `difflib` counts it."""


def require_table(lakehouse: Lakehouse, key: str) -> None:
    """Refuse a key that names nothing.

    Raises:
        TableNotFoundError: there is no such table, and the message names those that are called nearly so; or all of it
            was refused, and the message says where to look.
    """
    if lakehouse.exists(key):
        return
    if lakehouse.exists(refused_key(key)):
        lakehouse.read(key)  # says that nothing is in force, and where to look
    known = lakehouse.keys()
    if not known:
        cure = "There is none yet: credit-platform run german_credit makes them."
    else:
        near = get_close_matches(key, known, n=_NAMED, cutoff=_ALIKE)
        named = f"Called nearly so: {', '.join(near)}. " if near else ""
        cure = f"{named}credit-platform tables lists all {len(known)}."
    raise TableNotFoundError(f"There is no table {key!r}.", cure)


@dataclass(frozen=True, kw_only=True)
class RefusedSince:
    """What was refused of a table after its newest version came into force."""

    version: TableVersion
    """The newest one of `<key>__refused`."""
    checks: tuple[str, ...]
    """Names of those that refused it."""


def refused_since(lakehouse: Lakehouse, key: str) -> RefusedSince | None:
    """The newest refusal of `key`; None when nothing was refused since its newest version."""
    refused, in_force = lakehouse.latest(refused_key(key)), lakehouse.latest(key)
    if refused is None or (in_force is not None and in_force.timestamp >= refused.timestamp):
        return None
    judged = Judged.from_summary(lakehouse.read(refused.key, refused.version).summary)
    return RefusedSince(version=refused, checks=tuple(verdict.check for verdict in judged.failed) if judged else ())


def rows_set_aside(lakehouse: Lakehouse, portfolio: Portfolio) -> list[tuple[SourceTable, TableVersion]]:
    """Raw tables of which rows broke a rule, with the version that holds these rows."""
    newest = ((table, lakehouse.latest(rejected_key(portfolio.name, table.name))) for table in portfolio.tables)
    return [(table, version) for table, version in newest if version is not None and version.rows]


def in_force_by_exception(lakehouse: Lakehouse, portfolio: Portfolio) -> list[TableVersion]:
    """Raw tables that are in force only because a person accepted them."""
    newest = (lakehouse.latest(raw_key(portfolio.name, table.name)) for table in portfolio.tables)
    return [version for version in newest if version is not None and version.exception is not None]
