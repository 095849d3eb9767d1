"""The features of one applicant, from a request, in the time of a request.

The same stages as in `build.py`, by the direct engine (`direct/`); what that does not know is converted to Polars once.
All rows of a history belong to the one applicant, so the last aggregation is a plain selection.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import polars as pl

from credit_platform.errors import RequestError
from credit_platform.features.build import check_names, grouped_schema
from credit_platform.features.engines.direct import HistoryProgram, RowProgram, Unsupported
from credit_platform.features.engines.native import to_polars
from credit_platform.features.reading import Schema, clean_schema
from credit_platform.features.request_rows import RowReader
from credit_platform.features.stages import (
    AddColumns,
    Aggregate,
    CompiledGroup,
    Filter,
    JoinParent,
    Preparation,
    Select,
    compile_group,
    compile_row_features,
    feature_schema,
    named,
)
from credit_platform.portfolios.portfolio import Feature, FeatureKind, Portfolio

Row = Mapping[str, object]
Histories = Mapping[str, Sequence[Row]]
_Frames = Mapping[str, pl.DataFrame]
FeatureRow = dict[str, float | str | None]
"""Feature values of one applicant, in the order of `portfolio.features`."""
_Values = dict[str, Any]
_Step = Callable[[pl.DataFrame, _Frames], pl.DataFrame]


class ApplicantFeatures:
    """Computes the feature row of one applicant; build it once and share it, also between threads."""

    def __init__(self, portfolio: Portfolio) -> None:
        """Compile every expression of `portfolio`, for the direct engine where it can, else for Polars.

        Raises:
            FeatureError: a definition does not fit its contract.
        """
        check_names(portfolio)
        self._portfolio = portfolio
        compiled = [compile_group(group, portfolio) for group in portfolio.feature_groups]
        self._groups = tuple(_group(group, portfolio) for group in compiled)
        available = grouped_schema(portfolio)
        stages = compile_row_features(portfolio.cross_features, available, f"{portfolio.name}/cross")
        self._cross = _row_features(portfolio.cross_features, stages, available)
        self._order = tuple(feature.name for feature in portfolio.features)
        self._schema = feature_schema(portfolio.features)
        self._readers = _readers(portfolio, compiled)

    @property
    def histories(self) -> frozenset[str]:
        """Tables that features of an applicant's history come from."""
        return frozenset(group.table for group in self._groups if group.table != self._portfolio.training_table)

    def build(self, application: Row, histories: Histories | None = None) -> pl.DataFrame:
        """`values` as a frame of one row: numbers float64 and categories strings."""
        return pl.DataFrame([self.values(application, histories)], schema=self._schema)

    def values(
        self, application: Row, histories: Histories | None = None, *, stored: Mapping[str, Any] | None = None
    ) -> FeatureRow:
        """Compute the features of one applicant.

        Args:
            application: columns of the training table less key and target. Protected columns may be left out.
            histories: raw rows of the other tables by table name. The applicant key in them is not needed and, when
                given, not used; other keys are.
            stored: feature values of the groups over histories that were computed before, taken when no rows are
                given.

        Returns:
            `portfolio.features` in their order, numbers and texts and None for null, equal to the row that
            `build_features` gives for the same values.

        Raises:
            RequestError: a table or column is unknown, a value is missing, of another type or impossible; `field`
                is its path, as in `application.amount` or `histories.bureau[3].AMT_CREDIT_SUM`.
        """
        rows = self._read(application, histories or {})
        values: _Values = {}
        for group in self._groups:
            if stored is not None and not histories and group.table != self._portfolio.training_table:
                values.update({name: stored[name] for name in group.names})
            else:
                values.update(group.compute(rows))
        values.update(self._cross.compute(values))
        return {name: values[name] for name in self._order}

    def _read(self, application: Row, histories: Histories) -> Rows:
        name = self._portfolio.training_table
        for table in histories:
            if table == name or table not in self._readers:
                known = ", ".join(sorted(self._readers.keys() - {name})) or "none"
                raise RequestError(
                    f"histories.{table} is not a table of {self._portfolio.name}.",
                    f"Histories it takes: {known}.",
                    f"histories.{table}",
                )
        return Rows(self._readers, name, application, histories)


class Rows:
    """The rows of one request, checked, in the form that an engine asks for."""

    def __init__(self, readers: Mapping[str, RowReader], training: str, application: Row, histories: Histories) -> None:
        """Check all of them.

        Raises:
            RequestError: a value is at fault.
        """
        self._readers = readers
        self._training = training
        self._raw = {training: [application], **{table: list(rows) for table, rows in histories.items()}}
        self.application = readers[training].values(application, "application")
        self.columns = {
            table: readers[table].columns(rows, f"histories.{table}")
            for table, rows in self._raw.items()
            if table != training
        }

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """All tables as frames, for the groups that Polars computes."""
        return {
            table: self._readers[table].frame(
                rows, "application" if table == self._training else f"histories.{table}", numbered=True
            )
            for table, rows in self._raw.items()
        }


def _group(compiled: CompiledGroup, portfolio: Portfolio) -> _Group:
    native = _NativeGroup(compiled, portfolio)
    try:
        if compiled.group.history:
            return _DirectHistory(compiled, portfolio, native)
        if compiled.group.table == portfolio.training_table:
            return _DirectApplication(compiled, portfolio)
    except Unsupported:
        return native
    return native


def _row_features(features: tuple[Feature, ...], stages: Sequence[AddColumns], available: Schema) -> _FeaturesOverRow:
    """Features over other features."""
    if not features:
        return _NoFeatures()
    try:
        return RowProgram(stages, available)
    except Unsupported:
        return _RowFeatures(features, available)


class _FeaturesOverRow(Protocol):
    def compute(self, row: Mapping[str, Any], /) -> _Values:
        """Values of features, given those they read."""
        ...


class _NoFeatures:
    def compute(self, _: Mapping[str, Any]) -> _Values:
        return {}


class _Group(Protocol):
    @property
    def table(self) -> str:
        """Its table."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its features."""
        ...

    def compute(self, rows: Rows) -> _Values:
        """Feature values; nulls when the applicant has no row, or none that counts."""
        ...


class _DirectApplication:
    """A group over applications, by the direct engine."""

    def __init__(self, compiled: CompiledGroup, portfolio: Portfolio) -> None:
        self.table = compiled.table.name
        self.names = tuple(feature.name for feature in compiled.group.all_features)
        stages = (*compiled.prepare, compiled.compute, compiled.finish[0])
        self._program = RowProgram(stages, clean_schema(compiled.table, portfolio))
        self._derived = _derived(compiled)

    def compute(self, rows: Rows) -> _Values:
        values: _Values = self._program.compute(rows.application)
        return {**values, **self._derived.compute(values)}


class _DirectHistory:
    """A group over a history, by the direct engine; what rows it cannot take go to Polars."""

    def __init__(self, compiled: CompiledGroup, portfolio: Portfolio, native: _NativeGroup) -> None:
        self.table = compiled.table.name
        self.names = tuple(feature.name for feature in compiled.group.all_features)
        schemas = {table.name: clean_schema(table, portfolio) for table in portfolio.tables}
        stages = (*compiled.prepare, compiled.compute)
        self._program = HistoryProgram(self.table, stages, schemas, portfolio.applicant_key)
        self._derived = _derived(compiled)
        self._native = native
        self._absent: _Values = dict.fromkeys(self.names)

    def compute(self, rows: Rows) -> _Values:
        if self.table not in rows.columns:
            return self._absent
        try:
            values = self._program.compute(rows.columns)
        except Unsupported:
            return self._native.compute(rows)
        return self._absent if values is None else {**values, **self._derived.compute(values)}


def _derived(compiled: CompiledGroup) -> _FeaturesOverRow:
    stages = tuple(stage for stage in compiled.finish[1:])
    return _row_features(compiled.group.derived, stages, feature_schema(compiled.group.features))


class _NativeGroup:
    """One group with native Polars expressions: what the direct engine does not know."""

    def __init__(self, compiled: CompiledGroup, portfolio: Portfolio) -> None:
        group, compute = compiled.group, compiled.compute
        stages = (*compiled.prepare, compute) if isinstance(compute, Aggregate) else compiled.prepare
        self.table = compiled.table.name
        self.names = tuple(feature.name for feature in group.all_features)
        self._steps = tuple(_native_step(stage, portfolio.applicant_key) for stage in stages)
        self._categories = _categories(group.features)
        self._features = None if isinstance(compute, Aggregate) else _RowExpressions(group.features)
        self._derived = _RowFeatures(group.derived, feature_schema(group.features))
        self._absent: _Values = dict.fromkeys(feature.name for feature in group.all_features)

    def compute(self, rows: Rows) -> _Values:
        """Feature values of this group; nulls when the applicant has no row, or none that counts."""
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
        values = _finished(row, self._categories)
        return {**values, **self._derived.compute(values)}


class _RowExpressions:
    """Expressions over one row. Plain columns are copied: an expression costs more than what it computes."""

    def __init__(self, features: tuple[Feature, ...]) -> None:
        native = to_polars(named(features))
        self._copied = {e.meta.output_name(): e.meta.root_names()[0] for e in native if _is_plain_column(e)}
        self._computed = [expression for expression in native if not _is_plain_column(expression)]
        self.read = {name for expression in native for name in expression.meta.root_names()}

    def compute(self, frame: pl.DataFrame) -> _Values:
        """Values for the only row of `frame`."""
        row = frame.row(0, named=True)
        values = {new: row[old] for new, old in self._copied.items()}
        if self._computed:
            values.update(frame.select(self._computed).row(0, named=True))
        return values


class _RowFeatures:
    """Features over other features."""

    def __init__(self, features: tuple[Feature, ...], available: Schema) -> None:
        self._expressions = _RowExpressions(features) if features else None
        self._categories = _categories(features)
        read = self._expressions.read if self._expressions else set()
        self._schema = {name: dtype for name, dtype in available.items() if name in read}

    def compute(self, values: Mapping[str, Any]) -> _Values:
        """Values of these features, given those they read."""
        if self._expressions is None:
            return {}
        frame = pl.DataFrame([values], schema=self._schema)
        return _finished(self._expressions.compute(frame), self._categories)


def _is_plain_column(expression: pl.Expr) -> bool:
    return bool(expression.meta.undo_aliases().meta.is_column())


def _categories(features: Sequence[Feature]) -> frozenset[str]:
    return frozenset(feature.name for feature in features if feature.kind is FeatureKind.CATEGORICAL)


def _finished(row: _Values, categories: frozenset[str]) -> _Values:
    """Values in their final types: the rule of `stages.finished`, cheaper in Python for one row."""
    return {name: value if value is None or name in categories else _finite(value) for name, value in row.items()}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


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


def _readers(portfolio: Portfolio, compiled: Sequence[CompiledGroup]) -> dict[str, RowReader]:
    """A reader for each table an applicant may send rows of, reading only what features need."""
    needed: dict[str, set[str]] = {t.name: set() for t in portfolio.tables if t.name != portfolio.scoring_table}
    for group in compiled:
        own = needed[group.table.name]
        for stage in group.stages:
            if isinstance(stage, JoinParent):
                needed[stage.parent.name].update(stage.key, stage.columns)
                own.update(stage.key)
            else:
                own.update(_read_by(stage, portfolio.applicant_key))
    return {
        name: RowReader(
            portfolio.table(name), portfolio, needed=columns, is_application=name == portfolio.training_table
        )
        for name, columns in needed.items()
    }


def _read_by(stage: Filter | AddColumns | Aggregate | Select, applicant_key: str) -> set[str]:
    """Columns that a stage reads, made by earlier stages or not."""
    expressions = to_polars([stage.condition] if isinstance(stage, Filter) else stage.expressions)
    key = set(stage.key) - {applicant_key} if isinstance(stage, Aggregate) else set()
    return key.union(*(expression.meta.root_names() for expression in expressions))
