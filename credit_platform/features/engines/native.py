"""The engine for one applicant that knows every expression: Polars, with expressions converted once.

What is here: `to_polars`, a feature group and features over features by what it gives.
What must not be here: anything faster that not every expression has (`direct/`).

For one applicant the cost lies in converting expressions, not in computing them, so the conversion is done when the
process starts. Narwhals 2 has no public function for it: this module is the only place that knows the private one, and
a characterization test pins what it returns. If an upgrade of Narwhals breaks that test, mend it here.

All rows of a history belong to the one applicant, so the last aggregation is a plain selection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from credit_platform.errors import RequestError
from credit_platform.features.engines.engine import Rows, Values
from credit_platform.features.finiteness import finite_value
from credit_platform.features.reading import Schema
from credit_platform.features.stages import (
    AddColumns,
    Aggregate,
    CompiledGroup,
    Filter,
    JoinParent,
    Preparation,
    feature_schema,
    named,
)
from credit_platform.portfolios.feature_group import Feature

_Frames = Mapping[str, pl.DataFrame]
_Step = Callable[[pl.DataFrame, _Frames], pl.DataFrame]


def to_polars(expressions: Iterable[nw.Expr]) -> list[pl.Expr]:
    """Convert expressions; they give on a Polars frame what the Narwhals ones give on its Narwhals wrapper."""
    frame: Any = nw.from_native(pl.DataFrame())
    namespace = frame._compliant_frame.__narwhals_namespace__()
    return [_native(expression, namespace) for expression in expressions]


def _native(expression: Any, namespace: Any) -> pl.Expr:
    native = expression._to_compliant_expr(namespace).native
    if not isinstance(native, pl.Expr):
        raise TypeError(f"Narwhals gave {type(native).__name__} instead of a Polars expression.")
    return native


class NativeGroup:
    """A feature group with native Polars expressions."""

    def __init__(self, compiled: CompiledGroup, applicant_key: str) -> None:
        """Convert the expressions of `compiled`; all rows are of one `applicant_key`."""
        group, compute = compiled.group, compiled.compute
        stages = (*compiled.prepare, compute) if isinstance(compute, Aggregate) else compiled.prepare
        self.table = compiled.table.name
        self.names = tuple(feature.name for feature in group.all_features)
        self._steps = tuple(_native_step(stage, applicant_key) for stage in stages)
        self._features = None if isinstance(compute, Aggregate) else _RowExpressions(group.features)
        self._derived = NativeRowFeatures(group.derived, feature_schema(group.features))
        self._absent: Values = dict.fromkeys(feature.name for feature in group.all_features)

    def compute(self, rows: Rows) -> Values:
        """Feature values of this group; nulls when the applicant has no row, or none that counts.

        Raises:
            RequestError: several rows of a table that has one per applicant.
        """
        frames = rows.frames
        frame = frames.get(self.table)
        for step in self._steps:
            if frame is None or frame.height == 0:
                return self._absent
            frame = step(frame, frames)
        if frame is None or frame.height == 0:
            return self._absent
        if frame.height > 1:
            raise RequestError(
                f"histories.{self.table} has {frame.height} rows that count.",
                "It takes one row per applicant.",
                f"histories.{self.table}",
            )
        row = frame.row(0, named=True) if self._features is None else self._features.compute(frame)
        values = _finished(row)
        return {**values, **self._derived.compute(values)}


class _RowExpressions:
    """Expressions over one row. Plain columns are copied: an expression costs more than what it computes."""

    def __init__(self, features: tuple[Feature, ...]) -> None:
        native = to_polars(named(features))
        self._copied = {e.meta.output_name(): e.meta.root_names()[0] for e in native if _is_plain_column(e)}
        self._computed = [expression for expression in native if not _is_plain_column(expression)]
        self.read = {name for expression in native for name in expression.meta.root_names()}

    def compute(self, frame: pl.DataFrame) -> Values:
        """Values for the only row of `frame`."""
        row = frame.row(0, named=True)
        values = {new: row[old] for new, old in self._copied.items()}
        if self._computed:
            values.update(frame.select(self._computed).row(0, named=True))
        return values


class NativeRowFeatures:
    """Features over other features."""

    def __init__(self, features: tuple[Feature, ...], available: Schema) -> None:
        """Convert the expressions of `features`; `available` are the types of what they may read."""
        self._expressions = _RowExpressions(features) if features else None
        read = self._expressions.read if self._expressions else set()
        self._schema = {name: dtype for name, dtype in available.items() if name in read}

    def compute(self, values: Mapping[str, Any], /) -> Values:
        """Values of these features, given those they read."""
        if self._expressions is None:
            return {}
        frame = pl.DataFrame([values], schema=self._schema)
        return _finished(self._expressions.compute(frame))


def _is_plain_column(expression: pl.Expr) -> bool:
    return bool(expression.meta.undo_aliases().meta.is_column())


def _finished(row: Values) -> Values:
    """Values in their final types, as `compiling.finished` makes them, cheaper in Python for one row."""
    return {name: finite_value(value) for name, value in row.items()}


def _native_step(stage: Preparation, applicant_key: str) -> _Step:
    """A function that does to one applicant's rows what `stage` does to everybody's."""
    match stage:
        case Filter():
            (condition,) = to_polars([stage.condition])
            return lambda frame, _: frame.filter(condition)
        case AddColumns():
            added = to_polars(stage.expressions)
            return lambda frame, _: frame.with_columns(added)
        case Aggregate():
            return _native_aggregate(stage, applicant_key)
        case JoinParent():
            return _native_join(stage, applicant_key)


def _native_aggregate(stage: Aggregate, applicant_key: str) -> _Step:
    aggregates = to_polars(stage.expressions)
    # All rows are the applicant's, so the applicant key separates nothing; it stays beside other keys, as a constant,
    # for window expressions over what was reduced.
    key = list(stage.key)
    if key == [applicant_key]:
        return lambda frame, _: frame.select(aggregates)
    return lambda frame, _: frame.drop_nulls(key).group_by(key).agg(aggregates)


def _native_join(stage: JoinParent, applicant_key: str) -> _Step:
    name, key = stage.parent.name, list(stage.key)
    columns = [*key, *(column for column in stage.columns if column != applicant_key)]

    def join(frame: pl.DataFrame, frames: _Frames) -> pl.DataFrame:
        if name not in frames:
            return frame.clear()
        return frame.join(frames[name].select(columns), on=key, how="inner")

    return join
