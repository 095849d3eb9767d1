"""What makes a row wrong, derived from the declared columns; ingestion and the Pandera contract share these rules.

What is here: `Rule` and `row_rules`.
What to add here: a rule that a `Column` or `SourceTable` can declare.
What must not be here: what to do about a broken rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from credit_platform.portfolios.portfolio import Column, SourceTable

DUPLICATE_KEY = "duplicate_key"
SEPARATOR = "; "
"""Between the names of the rules that one row breaks."""


@dataclass(frozen=True)
class Rule:
    """A condition on one column of a row. `name` is its kind and its column, as in `allowed:purpose`."""

    name: str
    column: str
    broken: pl.Expr
    """True for rows that break the rule, over the typed column; never null."""
    says: str
    """What the rule demands, for messages and reports."""


def type_rule(column: Column, text: pl.Expr) -> Rule:
    """The text in the file is a value of the column's type; `text` is the column as read."""
    unreadable = text.is_not_null() & pl.col(column.name).is_null()
    return Rule(f"type:{column.name}", column.name, unreadable, f"is {column.type.value}")


def row_rules(table: SourceTable) -> tuple[Rule, ...]:
    """Every rule on single rows of `table`, column by column: finite numbers, not null, allowed values, range."""
    return tuple(
        rule for column in table.columns for rule in _column_rules(column, key=column.name in table.primary_key)
    )


def _column_rules(column: Column, *, key: bool) -> list[Rule]:
    value = pl.col(column.name)
    rules: list[Rule] = []
    if column.type.is_numeric and not column.type.is_integer:
        rules.append(Rule(f"type:{column.name}", column.name, ~value.is_finite(), "is a finite number"))
    if key or not column.nullable:
        rules.append(Rule(f"not_null:{column.name}", column.name, value.is_null(), "is not null"))
    if column.allowed is not None:
        outside = ~value.is_in(list(column.allowed)) & _not_sentinel(column)
        listed = ", ".join(str(allowed) for allowed in column.allowed)
        rules.append(Rule(f"allowed:{column.name}", column.name, outside, f"is one of: {listed}"))
    if column.minimum is not None or column.maximum is not None:
        rules.append(_range_rule(column))
    return [Rule(rule.name, rule.column, rule.broken.fill_null(value=False), rule.says) for rule in rules]


def _range_rule(column: Column) -> Rule:
    value = pl.col(column.name)
    outside = pl.lit(value=False)
    if column.minimum is not None:
        outside = outside | (value < column.minimum)
    if column.maximum is not None:
        outside = outside | (value > column.maximum)
    low = "…" if column.minimum is None else f"{column.minimum:g}"
    high = "…" if column.maximum is None else f"{column.maximum:g}"
    says = f"lies within {low} to {high}"
    if not column.type.is_integer:
        outside = outside & value.is_finite()  # NaN is above every number here; `type` speaks of it already
    return Rule(f"range:{column.name}", column.name, outside & _not_sentinel(column), says)


def _not_sentinel(column: Column) -> pl.Expr:
    """A sentinel is a valid value, whatever the range or the allowed values say."""
    return pl.lit(value=True) if column.sentinel is None else pl.col(column.name) != column.sentinel
