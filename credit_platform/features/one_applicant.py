"""The features of one applicant, from a request, in the time of a request.

What is here: `ApplicantFeatures`, and the rows of a request in the forms that the engines ask for.
What must not be here: checking a value (`request_rows.py`), computing one (`engines/`).

The stages are those of `build.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from credit_platform.errors import RequestError
from credit_platform.features.build import check_names, grouped_schema
from credit_platform.features.compiling import compile_group, compile_row_features
from credit_platform.features.engines.choice import group_engine, row_engine
from credit_platform.features.engines.engine import Values
from credit_platform.features.engines.native import to_polars
from credit_platform.features.request_rows import RowReader
from credit_platform.features.stages import (
    AddColumns,
    Aggregate,
    CompiledGroup,
    Filter,
    JoinParent,
    Select,
    feature_schema,
)
from credit_platform.portfolios.portfolio import Portfolio

Row = Mapping[str, object]
Histories = Mapping[str, Sequence[Row]]
FeatureRow = dict[str, float | str | None]
"""Feature values of one applicant, in the order of `portfolio.features`."""


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
        self._groups = tuple(group_engine(group, portfolio) for group in compiled)
        available = grouped_schema(portfolio)
        stages = compile_row_features(portfolio.cross_features, available, f"{portfolio.name}/cross")
        self._cross = row_engine(portfolio.cross_features, stages, available)
        self._order = tuple(feature.name for feature in portfolio.features)
        self._schema = feature_schema(portfolio.features)
        self.readers = _readers(portfolio, compiled)
        """What reads rows of each table; rows that it has read once are not checked again by `values`."""

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
        values: Values = {}
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
            if table == name or table not in self.readers:
                known = ", ".join(sorted(self.readers.keys() - {name})) or "none"
                raise RequestError(
                    f"histories.{table} is not a table of {self._portfolio.name}.",
                    f"Histories it takes: {known}.",
                    f"histories.{table}",
                )
        return Rows(self.readers, name, application, histories)


class Rows:
    """The rows of one request, checked, in the form that an engine asks for."""

    def __init__(self, readers: Mapping[str, RowReader], training: str, application: Row, histories: Histories) -> None:
        """Check those that have not been checked by these readers before.

        Raises:
            FieldError: a value is at fault.
        """
        self._readers = readers
        self._training = training
        checked = readers[training].read(application, "application")
        histories_checked = {
            table: readers[table].read_all(rows, f"histories.{table}") for table, rows in histories.items()
        }
        self._checked: dict[str, Sequence[Row]] = {training: [checked], **histories_checked}
        self.application = checked.values_read
        self.columns = {table: rows.columns for table, rows in histories_checked.items()}

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """All tables as frames, for the groups that Polars computes."""
        return {
            table: self._readers[table].frame(
                rows, "application" if table == self._training else f"histories.{table}", numbered=True
            )
            for table, rows in self._checked.items()
        }


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
