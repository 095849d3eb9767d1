"""What the columns of a table must satisfy and in which unit they are, for the asset page of each.

What is here: `column_rules`, from the portfolio's contracts of raw tables and its declarations of features.
What to add here: a rule of a column that readers of a table should see.
What must not be here: judging (`quality`, `features`); descriptions (`column_descriptions.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from credit_platform.lakehouse.verdicts import key_in_force
from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column
from credit_platform.tables.contracts import split_key

_MOST_NAMED = 12


@dataclass(frozen=True)
class ColumnRules:
    """What is known of one column."""

    unit: str | None = None
    nullable: bool = True
    unique: bool = False
    others: tuple[str, ...] = ()
    """Rules in words, such as `at least 1`."""


def column_rules(key: str) -> Callable[[str], ColumnRules | None]:
    """What gives the rules of the columns of table `key`: None for a column that has none."""
    portfolio, layer, name = split_key(key_in_force(key))
    known = {} if portfolio is None else _known(portfolio, layer, name)
    return known.get


def _known(portfolio: Portfolio, layer: str, name: str) -> dict[str, ColumnRules]:
    if layer == "raw":
        tables = [table for table in portfolio.tables if table.name == name]
        return {
            column.name: _of_column(column, unique=table.primary_key == (column.name,))
            for table in tables
            for column in table.columns
        }
    if layer not in ("features", "aggregates"):
        return {}
    features = {one.name: _of_feature(one) for one in (*portfolio.features, *portfolio.audit_features)}
    return {**features, portfolio.applicant_key: ColumnRules(nullable=False, unique=True)}


def _of_column(column: Column, *, unique: bool) -> ColumnRules:
    rules = _range(column.minimum, column.maximum)
    if column.allowed is not None:
        named = ", ".join(str(value) for value in column.allowed[:_MOST_NAMED])
        rules.append(f"one of: {named}{', …' if len(column.allowed) > _MOST_NAMED else ''}")
    if column.sentinel is not None:
        rules.append(f"{column.sentinel} stands for unknown")
    if column.protected is not None:
        rules.append("protected: no model sees it")
    return ColumnRules(column.unit, column.nullable, unique, tuple(rules))


def _of_feature(feature: Feature) -> ColumnRules:
    return ColumnRules(feature.unit, others=tuple(_range(feature.minimum, feature.maximum)))


def _range(low: float | None, high: float | None) -> list[str]:
    return [
        *([] if low is None else [f"at least {low:,g}"]),
        *([] if high is None else [f"at most {high:,g}"]),
    ]
