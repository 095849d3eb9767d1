"""Which columns of an application the features of a portfolio read: what nobody reads is not asked and not kept.

What is here: `used_columns` and `unused_columns`, computed from the expressions of the features.
What to add here: another question about what features read.
What must not be here: rules about values, and lists of columns: a feature that reads a column makes it a used one.

A column counts as used when any feature of the portfolio reads it, whether the model in use kept that feature or not:
what is asked of people must not change from one promotion to the next. What the audit alone reads is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import narwhals as nw

from credit_platform.features.native import to_polars
from credit_platform.features.stages import AddColumns, Aggregate, Filter, JoinParent, Select, Stage, compile_group
from credit_platform.portfolios.portfolio import FeatureGroup, Portfolio

_KEPT = 16


def used_columns(portfolio: Portfolio) -> frozenset[str]:
    """Columns of an application that at least one feature reads.

    Raises:
        FeatureError: a definition does not fit its contract.
    """
    return _used(_ById(portfolio))


def unused_columns(portfolio: Portfolio) -> frozenset[str]:
    """Columns that an application may have and no feature reads; protected ones are not among them.

    A request may leave them out. One that brings them is checked as ever, and they are not kept.

    Raises:
        FeatureError: a definition does not fit its contract.
    """
    free = {column.name for column in portfolio.application_columns if column.protected is None}
    return frozenset(free - used_columns(portfolio))


class _ById:
    """Equal to what wraps the very same portfolio: declarations hold expressions, whose `==` is no comparison."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio

    def __hash__(self) -> int:
        return id(self.portfolio)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.portfolio is other.portfolio


@lru_cache(maxsize=_KEPT)
def _used(wrapped: _ById) -> frozenset[str]:
    portfolio = wrapped.portfolio
    read: set[str] = set()
    for group in portfolio.feature_groups:
        if group.all_features:
            read |= _read_by(group, portfolio)
    return frozenset(column.name for column in portfolio.application_columns if column.name in read)


def _read_by(group: FeatureGroup, portfolio: Portfolio) -> set[str]:
    """Columns of the application that the features of a group need, from its last stage to its first.

    A step that makes a column which no feature reads makes nothing used.
    """
    application = portfolio.training_table
    from_parent: set[str] = set()
    needed = {feature.name for feature in group.all_features}
    for stage in reversed(compile_group(group, portfolio).stages):
        if isinstance(stage, JoinParent):
            if stage.parent.name == application:
                from_parent |= needed & set(stage.columns)
            needed = (needed - set(stage.columns)) | set(stage.key)
        else:
            needed = _before(stage, needed)
    return from_parent | (needed if group.table == application else set())


def _before(stage: Stage, needed: set[str]) -> set[str]:
    """Columns that must be there before a stage so that `needed` is there after it."""
    match stage:
        case Filter():
            return needed | _roots([stage.condition])
        case AddColumns() | Select():
            return _replaced(stage.expressions, needed)
        case Aggregate():
            return _replaced(stage.expressions, needed) | set(stage.key)
        case JoinParent():
            raise ValueError("A join reads another table as well.")


def _replaced(expressions: Sequence[nw.Expr], needed: set[str]) -> set[str]:
    made = {expression.meta.output_name(): expression.meta.root_names() for expression in to_polars(expressions)}
    return (needed - made.keys()).union(*(roots for name, roots in made.items() if name in needed))


def _roots(expressions: Iterable[nw.Expr]) -> set[str]:
    return {name for expression in to_polars(expressions) for name in expression.meta.root_names()}
