"""Names of the tables that a raw file becomes, and which are read before which.

What is here: `rejected_name`, `rejected_key`, `read_before`.
What must not be here: where the files lie (`raw_files.py`), reading them.
"""

from __future__ import annotations

from credit_platform.portfolios import keys
from credit_platform.portfolios.portfolio import Portfolio, SourceTable


def raw_key(portfolio: Portfolio, name: str) -> str:
    """Key of the raw table called `name`."""
    return keys.raw_key(portfolio.name, name)


def rejected_name(table: SourceTable) -> str:
    """Name of the table that keeps the rejected rows of `table`."""
    return keys.rejected_name(table.name)


def rejected_key(portfolio: Portfolio, table: SourceTable) -> str:
    """Key of that table."""
    return keys.rejected_key(portfolio.name, table.name)


def read_before(portfolio: Portfolio, table: SourceTable) -> set[str]:
    """Names of the tables that are read before `table`.

    Those are the tables it points at, and for the applicants to be scored those whose outcome is known, for nobody may
    be in both.
    """
    pointed_at = {name for key in table.foreign_keys for name in (key.parent, *key.also)}
    return pointed_at | ({portfolio.training_table} if table.name == portfolio.scoring_table else set())
