"""What makes a row wrong, derived from the declared columns; ingestion and the Pandera contract share these rules.

What is here: `Rule`, `row_rules` and `read_rules`: the rule of `values` under the names that rejected rows carry.
What to add here: a rule that a `Column` or `SourceTable` can declare.
What must not be here: what to do about a broken rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.values import MAX_TEXT, ColumnRead, Fault, broken

DUPLICATE_KEY = "duplicate_key"
SEPARATOR = "; "
"""Between the names of the rules that one row breaks."""
_TYPE_SAYS = {
    Fault.NOT_FINITE: "is a finite number",
    Fault.TOO_LONG: f"is a text of at most {MAX_TEXT} characters",
}


@dataclass(frozen=True)
class Rule:
    """A condition on one column of a row. `name` is its kind and its column, as in `allowed:purpose`."""

    name: str
    column: str
    broken: pl.Expr
    """True for rows that break the rule, over the typed column; never null."""
    says: str
    """What the rule demands, for messages and reports."""


def row_rules(table: SourceTable) -> tuple[Rule, ...]:
    """Every rule on single rows of `table`, column by column: of the type, not null, allowed values, range."""
    return tuple(
        rule for column in table.columns for rule in _column_rules(column, key=column.name in table.primary_key)
    )


def read_rules(table: SourceTable, reads: Mapping[str, ColumnRead]) -> dict[str, pl.Expr]:
    """What is true of rows that break a rule, by name, where columns were read from what a file said.

    Args:
        table: the contract.
        reads: how columns were read, whose values are in the frame under their names; the others have their types.
    """
    broken = {rule.name: rule.broken for rule in row_rules(table)}
    for name, read in reads.items():
        # A value of the wrong type is no null: only where nothing was given `not_null` is broken.
        wrong = read.given & pl.col(name).is_null()
        of_type, not_null = f"type:{name}", f"not_null:{name}"
        broken[of_type] = wrong | broken[of_type] if of_type in broken else wrong
        if not_null in broken:
            broken[not_null] = ~read.given
    return broken


def _column_rules(column: Column, *, key: bool) -> list[Rule]:
    value = pl.col(column.name)
    wrong = broken(column, value)
    rules = [
        Rule(f"type:{column.name}", column.name, wrong[fault], says)
        for fault, says in _TYPE_SAYS.items()
        if fault in wrong
    ]
    if key or not column.nullable:
        rules.append(Rule(f"not_null:{column.name}", column.name, value.is_null(), "is not null"))
    if column.allowed is not None:
        listed = ", ".join(str(allowed) for allowed in column.allowed)
        rules.append(Rule(f"allowed:{column.name}", column.name, wrong[Fault.NOT_ALLOWED], f"is one of: {listed}"))
    outside = [wrong[fault] for fault in (Fault.BELOW, Fault.ABOVE) if fault in wrong]
    if outside:
        low = "…" if column.minimum is None else f"{column.minimum:g}"
        high = "…" if column.maximum is None else f"{column.maximum:g}"
        says = f"lies within {low} to {high}"
        rules.append(Rule(f"range:{column.name}", column.name, pl.any_horizontal(outside), says))
    return rules
