"""Which contract a table has to satisfy before it is written, derived from the portfolio's declarations."""

from __future__ import annotations

import polars as pl

from credit_platform.errors import ContractError
from credit_platform.features import checks
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality import enforce


def enforce_on_write(key: str, frame: pl.LazyFrame) -> None:
    """Check `frame` against the contract of table `key`; tables without a declared contract pass.

    Raises:
        ContractError: the frame breaks the contract; nothing may be written.
    """
    portfolio, layer, name = _parts(key)
    if portfolio is None:
        return
    if layer == "raw" and name in {table.name for table in portfolio.tables}:
        enforce(portfolio.table(name), frame)
    elif (layer, name) == ("features", "applicants"):
        _enforce_features(portfolio, frame)


def column_descriptions(key: str) -> dict[str, str]:
    """Descriptions of the columns of table `key`, as far as the portfolio declares them."""
    portfolio, layer, name = _parts(key)
    if portfolio is None:
        return {}
    if layer == "raw":
        table = next((t for t in portfolio.tables if name in (t.name, f"{t.name}__rejected")), None)
        return {column.name: column.description for column in table.columns} if table else {}
    return {feature.name: feature.description for feature in portfolio.features}


def _parts(key: str) -> tuple[Portfolio | None, str, str]:
    prefix, layer, name = key.split("/")
    return (get_portfolio(prefix) if prefix in portfolio_names() else None), layer, name


def _enforce_features(portfolio: Portfolio, frame: pl.LazyFrame) -> None:
    expected = {portfolio.applicant_key, portfolio.target, *(feature.name for feature in portfolio.features)}
    actual = set(frame.collect_schema().names())
    if expected != actual:
        raise ContractError(
            f"The feature table of {portfolio.name} lacks {sorted(expected - actual)} "
            f"and has unexpected {sorted(actual - expected)}.",
            "Make the declared features and what builds them agree.",
        )
    found = checks.key(portfolio, frame)
    if found:
        raise ContractError(
            " ".join(finding.message for finding in found),
            "One row per applicant is required: look for a join that multiplies rows.",
        )
