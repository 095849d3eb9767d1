"""Feature groups of one applicant by the direct engine.

What is here: a group over applications, and one over a history, each a `GroupEngine`.
What must not be here: which group takes which engine (`choice.py`), operations (`program.py`).
"""

from __future__ import annotations

from credit_platform.features.engines.direct.graph import Unsupported
from credit_platform.features.engines.direct.program import HistoryProgram, RowProgram
from credit_platform.features.engines.engine import GroupEngine, RowEngine, Rows, Values
from credit_platform.features.reading import clean_schema
from credit_platform.features.stages import CompiledGroup
from credit_platform.portfolios.portfolio import Portfolio


class DirectApplication:
    """A group over applications, by the direct engine."""

    def __init__(self, compiled: CompiledGroup, portfolio: Portfolio, derived: RowEngine) -> None:
        """Compile the group; `derived` computes its derived features.

        Raises:
            Unsupported: an expression is left to another engine.
        """
        self.table = compiled.table.name
        self.names = tuple(feature.name for feature in compiled.group.all_features)
        stages = (*compiled.prepare, compiled.compute, compiled.finish[0])
        self._program = RowProgram(stages, clean_schema(compiled.table, portfolio))
        self._derived = derived

    def compute(self, rows: Rows) -> Values:
        """Feature values of the application."""
        values: Values = self._program.compute(rows.application)
        return {**values, **self._derived.compute(values)}


class DirectHistory:
    """A group over a history, by the direct engine; rows that it cannot take go to another engine."""

    def __init__(
        self, compiled: CompiledGroup, portfolio: Portfolio, derived: RowEngine, otherwise: GroupEngine
    ) -> None:
        """Compile the group.

        Args:
            compiled: the group.
            portfolio: its portfolio.
            derived: computes the group's derived features.
            otherwise: computes the group from rows that this engine cannot take.

        Raises:
            Unsupported: an expression is left to another engine.
        """
        self.table = compiled.table.name
        self.names = tuple(feature.name for feature in compiled.group.all_features)
        schemas = {table.name: clean_schema(table, portfolio) for table in portfolio.tables}
        stages = (*compiled.prepare, compiled.compute)
        self._program = HistoryProgram(self.table, stages, schemas, portfolio.applicant_key)
        self._derived = derived
        self._otherwise = otherwise
        self._absent: Values = dict.fromkeys(self.names)

    def compute(self, rows: Rows) -> Values:
        """Feature values; nulls when the applicant has no row, or none that counts."""
        if self.table not in rows.columns:
            return self._absent
        try:
            values = self._program.compute(rows.columns)
        except Unsupported:
            return self._otherwise.compute(rows)
        return self._absent if values is None else {**values, **self._derived.compute(values)}
