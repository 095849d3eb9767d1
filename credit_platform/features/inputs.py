"""Which columns of an application the features of a portfolio read: what nobody reads is not asked and not kept.

What is here: `feature_inputs`, computed from the expressions of the features, and what follows from it.
What to add here: another question about what features read.
What must not be here: rules about values, and lists of columns: a feature that reads a column makes it a used one.

A column counts as used when any feature of the portfolio reads it, whether the model in use kept that feature or not:
what is asked of people must not change from one promotion to the next. What the audit alone reads is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import narwhals as nw

from credit_platform.features.compiling import compile_group
from credit_platform.features.engines.native import to_polars
from credit_platform.features.stages import AddColumns, Aggregate, Filter, JoinParent, Select, Stage
from credit_platform.portfolios.feature_group import Feature, FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio

_KEPT = 16
_Read = tuple[Stage, dict[str, set[str]]]
"""A stage, and what each column that it makes reads."""


def feature_inputs(portfolio: Portfolio) -> Mapping[str, frozenset[str]]:
    """Columns of the application that each feature reads, by name of the feature, through all steps before it.

    Features over a history read none of them, unless their history is joined to the application.

    Raises:
        FeatureError: a definition does not fit its contract.
    """
    return _inputs(_ById(portfolio))


def cross_inputs(portfolio: Portfolio) -> Mapping[str, frozenset[str]]:
    """Features that each feature over all groups reads, by its name."""
    return {feature.name: frozenset(_roots([feature.expression])) for feature in portfolio.cross_features}


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


def audit_inputs(portfolio: Portfolio) -> Mapping[str, frozenset[str]]:
    """Columns of the application that each attribute of the audit reads: audit features, and protected columns."""
    protected = {column.name: frozenset({column.name}) for column in portfolio.application_columns if column.protected}
    return {
        **protected,
        **{feature.name: frozenset(_roots([feature.expression])) for feature in portfolio.audit_features},
    }


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
    return frozenset().union(*_inputs(wrapped).values())


@lru_cache(maxsize=_KEPT)
def _inputs(wrapped: _ById) -> Mapping[str, frozenset[str]]:
    portfolio = wrapped.portfolio
    known = {column.name for column in portfolio.application_columns}
    found: dict[str, frozenset[str]] = {}
    for group in portfolio.feature_groups:
        if group.all_features:
            found |= _of_group(group, portfolio, known)
    for feature in portfolio.cross_features:
        read = _roots([feature.expression])
        found[feature.name] = frozenset().union(*(found.get(name, frozenset()) for name in read))
    return MappingProxyType(found)


def _of_group(group: FeatureGroup, portfolio: Portfolio, known: set[str]) -> dict[str, frozenset[str]]:
    parent = group.reduction.parent if group.reduction is not None else None
    if portfolio.training_table not in {group.table, parent}:
        return {feature.name: frozenset() for feature in group.all_features}
    compiled = compile_group(group, portfolio)
    # Stages that only give features their final types read each feature for itself: nothing to follow.
    derived = compiled.finish[1:2]
    stages = [(stage, _made(stage)) for stage in (*compiled.prepare, compiled.compute, *derived)]
    return {
        feature.name: frozenset(_read_by(feature, group, stages, portfolio) & known) for feature in group.all_features
    }


def _read_by(feature: Feature, group: FeatureGroup, stages: Sequence[_Read], portfolio: Portfolio) -> set[str]:
    """Columns of the application that a feature needs, from the last stage of its group to the first.

    A step that makes a column which the feature does not read makes nothing used.
    """
    application = portfolio.training_table
    from_parent: set[str] = set()
    needed = {feature.name}
    for stage, made in reversed(stages):
        if isinstance(stage, JoinParent):
            if stage.parent.name == application:
                from_parent |= needed & set(stage.columns)
            needed = (needed - set(stage.columns)) | set(stage.key)
            continue
        needed = (needed - made.keys()).union(*(made[name] for name in needed & made.keys()))
        if isinstance(stage, Filter):
            needed |= _roots([stage.condition])
        elif isinstance(stage, Aggregate):
            needed |= set(stage.key)
    return from_parent | (needed if group.table == application else set())


def _made(stage: Stage) -> dict[str, set[str]]:
    if not isinstance(stage, AddColumns | Select | Aggregate):
        return {}
    return {one.meta.output_name(): set(one.meta.root_names()) for one in to_polars(stage.expressions)}


def _roots(expressions: Iterable[nw.Expr]) -> set[str]:
    return {name for expression in to_polars(expressions) for name in expression.meta.root_names()}
