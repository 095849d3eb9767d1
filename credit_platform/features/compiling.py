"""From a feature group to its stages.

`compile_group` works against empty frames that have the contract's types, so that a wrong definition is found, and
named, before any data are read. It also settles the rules that hold for every feature, beside those of `reading.py`:

* NaN and the infinities (0/0, 1/0, log 0) become null at the end of each stage that can give any (`finiteness.py`).
* A numeric feature is float64, counts and flags included: engines count in different integer types, and a model reads
  float64. A categorical feature is a string.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

import narwhals as nw
import polars as pl
from narwhals.exceptions import NarwhalsError

from credit_platform.errors import FeatureError
from credit_platform.features.engines.frames import apply_stage
from credit_platform.features.finiteness import finite_or_null, surely_finite
from credit_platform.features.reading import Schema, clean_schema
from credit_platform.features.stages import (
    AddColumns,
    Aggregate,
    CompiledGroup,
    Filter,
    JoinParent,
    Preparation,
    Select,
    Stage,
    named,
)
from credit_platform.portfolios.feature_group import Feature, FeatureGroup, FeatureKind
from credit_platform.portfolios.portfolio import Portfolio

T = TypeVar("T")
_KEPT_GROUPS = 64


def finished(feature: Feature, finite_columns: Collection[str] = ()) -> nw.Expr:
    """Column of a computed feature in its final type, NaN and infinities made null."""
    value = nw.col(feature.name)
    if feature.kind is FeatureKind.CATEGORICAL:
        return value.cast(nw.String)
    value = value.cast(nw.Float64)
    if surely_finite(feature.expression, finite_columns):
        return value
    return finite_or_null(value).alias(feature.name)


class _Same(Generic[T]):
    """Equal to what wraps the very same object: declarations hold expressions, whose `==` is no comparison."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value


def compile_group(group: FeatureGroup, portfolio: Portfolio, *, carried: tuple[str, ...] = ()) -> CompiledGroup:
    """Turn a group into stages over the cleaned table; done once for a group, which takes longer than small tables do.

    Args:
        group: the group.
        portfolio: its portfolio.
        carried: columns that pass through beside the applicant key (groups without history only).

    Raises:
        FeatureError: an expression does not fit the contract; the message names feature or column and the reason.
    """
    return _compiled(_Same(group), _Same(portfolio), carried)


@lru_cache(maxsize=_KEPT_GROUPS)
def _compiled(same_group: _Same[FeatureGroup], same: _Same[Portfolio], carried: tuple[str, ...]) -> CompiledGroup:
    group, portfolio = same_group.value, same.value
    table = portfolio.table(group.table)
    builder = _Builder(group, portfolio, clean_schema(table, portfolio))
    if group.known_at is not None and group.table == portfolio.training_table:
        raise FeatureError(
            f"{builder.owner}: `known_at` would drop applicants.",
            "Leave it out: an application is known by definition.",
        )
    if group.known_at is not None:
        builder.add(Filter(condition=group.known_at))
    builder.add_steps(group.steps)
    if group.reduction is not None:
        builder.add_reduction()
        builder.add_steps(group.reduced_steps)
    compute, finish = builder.feature_stages((portfolio.applicant_key, *carried))
    return CompiledGroup(group=group, table=table, prepare=tuple(builder.stages), compute=compute, finish=finish)


def compile_row_features(features: tuple[Feature, ...], schema: Schema, owner: str) -> tuple[AddColumns, ...]:
    """Stages that add row features to a frame with `schema` (cross features, audit features)."""
    if not features:
        return ()
    _check_kinds(features, _check_fits(AddColumns(expressions=named(features)), schema, owner), owner)
    return AddColumns(expressions=named(features)), AddColumns(expressions=tuple(map(finished, features)))


class _Builder:
    """Stages so far and the types of the columns after them."""

    def __init__(self, group: FeatureGroup, portfolio: Portfolio, schema: Schema) -> None:
        self.group = group
        self.portfolio = portfolio
        self.owner = f"{portfolio.name}/{group.name}"
        self.schema = schema
        self.stages: list[Preparation] = []
        columns = portfolio.table(group.table).columns
        self.finite = {c.name for c in columns if c.type.is_integer or not c.type.is_numeric}

    def add(self, stage: Filter | AddColumns | Aggregate) -> None:
        """Append a stage after trying it on an empty frame."""
        self.schema = _check_fits(stage, self.schema, self.owner)
        self.stages.append(stage)

    def add_steps(self, steps: tuple[Mapping[str, nw.Expr], ...]) -> None:
        """Append each step, and make NaN and infinities of its columns null."""
        for step in steps:
            self.add(AddColumns(expressions=tuple(e.alias(name) for name, e in step.items())))
            self._keep_finite(step)

    def add_reduction(self) -> None:
        """Append the reduction to `key`, and the join that brings the applicant key."""
        reduction = self.group.reduction
        assert reduction is not None  # noqa: S101  # the caller asked for it
        named = tuple(e.alias(name) for name, e in reduction.aggregates.items())
        self.add(Aggregate(key=reduction.key, expressions=named))
        self._keep_finite(reduction.aggregates)
        if reduction.parent is None:
            return
        parent = self.portfolio.table(reduction.parent)
        columns = (self.portfolio.applicant_key, *reduction.parent_columns)
        types = clean_schema(parent, self.portfolio)
        missing = [name for name in (*reduction.key, *columns) if name not in types]
        if missing:
            raise FeatureError(
                f"{self.owner}: the parent table {parent.name} has no readable column {', '.join(missing)}.",
                "Correct `parent_columns` or the contract.",
            )
        self.stages.append(JoinParent(parent=parent, key=reduction.key, columns=columns))
        self.schema = {**self.schema, **{name: types[name] for name in columns}}
        self.finite |= {name for name in columns if not types[name].is_float()}

    def feature_stages(self, carried: tuple[str, ...]) -> tuple[Aggregate | Select, tuple[AddColumns, ...]]:
        """Stages of the features and of what follows, tried on an empty frame but not appended."""
        features, group = self.group.features, self.group
        compute: Aggregate | Select = (
            Aggregate(key=carried[:1], expressions=named(features))
            if group.history
            else Select(carried=carried, expressions=named(features))
        )
        finish = AddColumns(expressions=tuple(finished(feature, self.finite) for feature in features))
        schema = _check_fits(compute, self.schema, self.owner)
        _check_kinds(features, schema, self.owner)
        schema = _check_fits(finish, schema, self.owner)
        return compute, (finish, *compile_row_features(group.derived, schema, self.owner))

    def _keep_finite(self, made: Mapping[str, nw.Expr]) -> None:
        """Make NaN and infinities null in the columns just made, where there can be any."""
        doubtful = [name for name, expression in made.items() if not surely_finite(expression, self.finite)]
        floats = tuple(name for name in doubtful if self.schema[name].is_float())
        if floats:
            self.add(AddColumns(expressions=tuple(finite_or_null(nw.col(name)).alias(name) for name in floats)))
        self.finite |= set(made)


def _check_fits(stage: Stage, schema: Schema, owner: str) -> Schema:
    """Types after `stage`; FeatureError that names the expression which does not fit."""
    try:
        return _types_after(stage, schema)
    except (pl.exceptions.PolarsError, NarwhalsError, TypeError) as error:
        culprit = _culprit(stage, schema)
        raise FeatureError(
            f"{owner}: {culprit} cannot be computed: {str(error).splitlines()[0]}",
            "Features read the columns of the contract, less protected ones and the target; correct the expression.",
        ) from error


def _check_kinds(features: tuple[Feature, ...], schema: Schema, owner: str) -> None:
    """Refuse text as a number and numbers as a category: engines write and read numbers as text differently."""
    for feature in features:
        dtype = schema[feature.name]
        fits = (
            dtype == pl.String if feature.kind is FeatureKind.CATEGORICAL else dtype.is_numeric() or dtype == pl.Boolean
        )
        if not fits and dtype != pl.Null:
            raise FeatureError(
                f"{owner}: {feature.name} is declared {feature.kind} but its expression gives {dtype}.",
                "Correct its `kind` or its expression.",
            )


def _types_after(stage: Stage, schema: Schema) -> Schema:
    frame = nw.from_native(pl.LazyFrame(schema=schema))
    return dict(apply_stage(frame, stage).to_native().collect_schema())


def _culprit(stage: Stage, schema: Schema) -> str:
    if isinstance(stage, Filter):
        return "`known_at`"
    assert not isinstance(stage, JoinParent)  # noqa: S101  # it holds no expression
    for expression in stage.expressions:
        single: Stage = AddColumns(expressions=(expression,))
        if isinstance(stage, Aggregate):
            single = Aggregate(key=stage.key, expressions=(expression,))
        try:
            _types_after(single, schema)
        except (pl.exceptions.PolarsError, NarwhalsError, TypeError):
            return repr(expression).rsplit("name=", 1)[-1].rstrip(")")
    return "a combination of columns (one name twice?)"
