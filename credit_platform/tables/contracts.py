"""Which contract a table has to satisfy before it is written, derived from the portfolio's declarations."""

from __future__ import annotations

import polars as pl

from credit_platform.errors import ContractError
from credit_platform.features.decided import extra_columns
from credit_platform.lakehouse import StagedTable
from credit_platform.portfolios import get_portfolio, keys, portfolio_names
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality import CheckedTable, enforce


def enforce_on_write(key: str, frame: pl.LazyFrame, staged: StagedTable | None = None) -> None:
    """Check `frame` against the contract of table `key`; tables without a declared contract pass.

    Where `staged` is the file that ingestion has just held against the same contract, it is not checked again.

    Raises:
        ContractError: the frame breaks the contract; nothing may be written.
    """
    portfolio, layer, name = split_key(key)
    if portfolio is None:
        return
    if layer == "raw" and name in {table.name for table in portfolio.tables}:
        table = portfolio.table(name)
        if not (isinstance(staged, CheckedTable) and staged.table == table):
            enforce(table, frame)
    elif (layer, name) == ("features", "applicants"):
        _enforce_features(portfolio, frame)


def split_key(key: str) -> tuple[Portfolio | None, str, str]:
    """Portfolio (None when there is none of that name), layer and name of a table's key."""
    prefix, layer, name = keys.split_key(key)
    return (get_portfolio(prefix) if prefix in portfolio_names() else None), layer, name


def _enforce_features(portfolio: Portfolio, frame: pl.LazyFrame) -> None:
    own = {portfolio.applicant_key, portfolio.target, *(feature.name for feature in portfolio.features)}
    expected = own | extra_columns(frame)
    actual = set(frame.collect_schema().names())
    if expected != actual:
        raise ContractError(
            f"The feature table of {portfolio.name} lacks {sorted(expected - actual)} "
            f"and has unexpected {sorted(actual - expected)}.",
            "Make the declared features and what builds them agree.",
        )
