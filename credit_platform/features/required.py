"""Which columns have to be given.

What is here: `required_columns` of an application (with `first_missing`) and `required_of_row` of a history, for every
door.
What to add here: another reason for which a column may be left out.
What must not be here: what a value is.
"""

from __future__ import annotations

from collections.abc import Mapping

from credit_platform.features.inputs import used_columns
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, SourceTable


def required_columns(portfolio: Portfolio, *, reduced: bool = True) -> frozenset[str]:
    """Columns of an application that may not be null: some feature reads them, and the express form has them.

    Args:
        portfolio: whose applications.
        reduced: whether the express form, if the portfolio has one, is enough; it is where the model can bear missing
            values.
    """
    express = portfolio.express_columns if reduced else ()
    used = used_columns(portfolio)
    return frozenset(
        column.name
        for column in portfolio.application_columns
        if not column.nullable and column.name in used and (not express or column.name in express)
    )


def first_missing(portfolio: Portfolio, application: Mapping[str, object]) -> Column | None:
    """The first column that a whole application lacks, for a model that cannot bear missing values; None if none."""
    required = required_columns(portfolio, reduced=False)
    columns = portfolio.application_columns
    return next((c for c in columns if c.name in required and application.get(c.name) is None), None)


def required_of_row(table: SourceTable, portfolio: Portfolio) -> frozenset[str]:
    """Columns of a history that each row of a request must give; whose it is goes without saying."""
    return frozenset(
        column.name
        for column in table.columns
        if not column.nullable
        and column.protected is None
        and column.name not in (portfolio.applicant_key, portfolio.target)
    )
