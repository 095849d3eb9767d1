"""Keys of tables, names of those that a raw file becomes, and which raw tables are read before which.

What is here: `key_of`, `raw_key`, `rejected_name`, `rejected_key`, `read_before`, `application_tables`.
What must not be here: where the files lie (`lakehouse/raw_files.py`), reading them.
"""

from __future__ import annotations

from credit_platform.portfolios import keys
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable


def key_of(portfolio: Portfolio, layer: str, name: str) -> str:
    """Key of a table: `<portfolio>/<layer>/<name>`."""
    return keys.table_key(portfolio.name, layer, name)


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


def application_tables(portfolio: Portfolio) -> set[str]:
    """Names of the raw tables with a row per application: outcome known, and to be scored where there are any."""
    return {portfolio.training_table, *([portfolio.scoring_table] if portfolio.scoring_table else [])}
