"""A feature group, or features over features, as a list of operations.

What is here: `RowProgram` (one row: the application, derived and cross features) and `HistoryProgram` (the rows of a
history, down to one value for each feature).
What must not be here: what an operation gives (`scalar.py`, `columns.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from credit_platform.features.engines.direct.columns import COLUMNS, REDUCTIONS, Column, NoRows
from credit_platform.features.engines.direct.expressions import Translator
from credit_platform.features.engines.direct.graph import Graph, Kind, Node, Unsupported
from credit_platform.features.engines.direct.scalar import SCALAR
from credit_platform.features.engines.parts import output_name
from credit_platform.features.finiteness import finite_value
from credit_platform.features.reading import Schema
from credit_platform.features.stages import AddColumns, Aggregate, Filter, JoinParent, Select, Stage

Row = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, Column]]
ROWS = ""
"""Name of the column of a table that only says how many rows there are."""


_Operation = tuple[int, Callable[..., Any], int, int, tuple[int, ...]]
"""Place of the result, function, number of arguments, place of the first, places of all."""


class _Compiled:
    """Operations in order, and where the wanted values are afterwards."""

    def __init__(self, graph: Graph, outputs: Mapping[str, int], checks: Iterable[int] = ()) -> None:
        wanted = set(outputs.values())
        numbers = graph.needed(wanted | set(checks))
        place = {number: position for position, number in enumerate(numbers)}
        self._slots: list[Any] = [None] * len(numbers)
        self.inputs: list[tuple[int, str]] = []
        self._operations: list[_Operation] = []
        for number in numbers:
            node = graph[number]
            if node.operation == "literal" and not node.wide:
                self._slots[place[number]] = node.constant
            elif node.operation == "input":
                self.inputs.append((place[number], str(node.constant)))
            else:
                arguments = tuple(place[argument] for argument in node.arguments)
                self._operations.append((place[number], _function(node), len(arguments), arguments[0], arguments))
        self.outputs = {name: place[number] for name, number in outputs.items()}

    def run(self, values: Iterable[Any]) -> list[Any]:
        """Values of all nodes, for the values of `inputs`."""
        slots = self._slots.copy()
        for (slot, _), value in zip(self.inputs, values, strict=True):
            slots[slot] = value
        # Nearly all have one argument or two, and there are thousands: a list for each would be a tenth of the time.
        for slot, function, count, first, arguments in self._operations:
            if count == 1:
                slots[slot] = function(slots[first])
            elif count == 2:  # noqa: PLR2004  # a pair of arguments
                slots[slot] = function(slots[first], slots[arguments[1]])
            else:
                slots[slot] = function(*[slots[argument] for argument in arguments])
        return slots


def _function(node: Node) -> Callable[..., Any]:
    if not node.wide and node.operation in REDUCTIONS:
        return REDUCTIONS[node.operation]
    helper = node.operation in ("known", "filter", "groups", "match", "match_rows", "match_parents", "rows")
    table = COLUMNS if node.wide or helper or node.operation == "group_rows" else SCALAR
    function = table.get(node.operation)
    if function is None:
        raise Unsupported(node.operation)
    if node.operation != "is_in":
        return function
    allowed = node.constant
    return lambda value: function(value, allowed)


def _kind(dtype: pl.DataType) -> Kind:
    if dtype.is_float():
        return Kind.FLOAT
    if dtype.is_integer():
        return Kind.INT
    return Kind.TEXT if dtype == pl.String else Kind.BOOL


class RowProgram:
    """Features of one row of plain values."""

    def __init__(self, stages: Sequence[Stage], schema: Schema) -> None:
        """Compile the stages of a group over applications, or of features over features.

        Args:
            stages: what happens to the row.
            schema: types of its columns.

        Raises:
            Unsupported: a stage or an expression is left to Polars.
        """
        graph = Graph()
        names: dict[str, int] = {}

        def find(name: str) -> int:
            if name in names:
                return names[name]
            if name not in schema:
                raise Unsupported(f"column {name}")
            return graph.add(Node("input", constant=name, kind=_kind(schema[name])))

        made: dict[str, int] = {}
        for stage in stages:
            if not isinstance(stage, AddColumns | Select):
                raise Unsupported(type(stage).__name__)
            translator = Translator(graph, find)
            made = {_name(e): translator.translate(e) for e in stage.expressions}
            names.update(made)
        self._compiled = _Compiled(graph, made)
        self.columns = [name for _, name in self._compiled.inputs]

    def compute(self, row: Row) -> dict[str, float | str | None]:
        """Final values of the features; `row` has every one of `columns`, null as None."""
        slots = self._compiled.run([row[name] for name in self.columns])
        return {name: finite_value(slots[slot]) for name, slot in self._compiled.outputs.items()}


class HistoryProgram:
    """Features of the rows of one history."""

    def __init__(self, table: str, stages: Sequence[Stage], schemas: Mapping[str, Schema], applicant_key: str) -> None:
        """Compile the stages of a group over a history, up to its last aggregation.

        Args:
            table: the table of the group.
            stages: what happens to its rows; the last stage is the aggregation to the applicant.
            schemas: types of the cleaned columns, by table.
            applicant_key: all rows are one applicant's, so it separates nothing and is no column here.

        Raises:
            Unsupported: a stage or an expression is left to Polars.
        """
        self._key = applicant_key
        self._schemas = schemas
        self._graph = Graph()
        self._rows = self._graph.add(Node("rows", (self._input(table, ROWS),)))
        self._names: Callable[[str], int] = lambda name: self._input(table, name)
        checks = [self._apply(stage) for stage in stages[:-1]]
        last = stages[-1]
        if not isinstance(last, Aggregate) or last.key != (applicant_key,):
            raise Unsupported(type(last).__name__)
        translator = self._translator()
        outputs = {_name(e): translator.translate(e) for e in last.expressions}
        if any(self._graph[number].wide for number in outputs.values()):
            raise Unsupported("A list for an applicant.")
        self._compiled = _Compiled(self._graph, outputs, [check for check in checks if check is not None])
        self._inputs = [tuple(name.split("\n")) for _, name in self._compiled.inputs]
        self.tables = {name for name, _ in self._inputs}

    def compute(self, tables: Tables) -> dict[str, float | str | None] | None:
        """Final values of the features; None when no row counts.

        Raises:
            Unsupported: the rows have something that is left to Polars, such as a null key.
        """
        if not all(name in tables and len(tables[name][ROWS][0]) for name in self.tables):
            return None
        try:
            with np.errstate(all="ignore"):
                slots = self._compiled.run([tables[table][column] for table, column in self._inputs])
        except NoRows:
            return None
        return {name: finite_value(slots[slot]) for name, slot in self._compiled.outputs.items()}

    def _translator(self, groups: int | None = None) -> Translator:
        return Translator(self._graph, self._names, rows=self._rows, groups=groups, key=self._key)

    def _input(self, table: str, name: str) -> int:
        if name == ROWS:
            return self._graph.add(Node("input", constant=f"{table}\n", wide=True))
        if name == self._key or name not in self._schemas[table]:
            raise Unsupported(f"column {name}")
        kind = _kind(self._schemas[table][name])
        return self._graph.add(Node("input", constant=f"{table}\n{name}", kind=kind, wide=True))

    def _apply(self, stage: Stage) -> int | None:
        """Go through one stage; the node that finds out whether any row is left, if the stage drops rows."""
        translator = self._translator()
        match stage:
            case AddColumns():
                made = {_name(e): translator.translate(e) for e in stage.expressions}
                self._names = _first_of(made, self._names)
                return None
            case Filter():
                kept = self._graph.add(Node("filter", (translator.translate(stage.condition),)))
                self._names, self._rows = self._taking(self._names, kept), kept
                return kept
            case Aggregate():
                self._group(stage)
                return None
            case JoinParent():
                return self._join(stage)
        raise Unsupported(type(stage).__name__)

    def _group(self, stage: Aggregate) -> None:
        keys = [name for name in stage.key if name != self._key]
        if not keys:
            raise Unsupported("No key but the applicant's.")
        numbers = [self._names(name) for name in keys]
        groups = self._graph.add(Node("groups", tuple(numbers)))
        translator = self._translator(groups)
        made = {_name(e): translator.translate(e) for e in stage.expressions}
        for name, number in zip(keys, numbers, strict=True):
            kind = self._graph[number].kind
            made[name] = self._graph.add(Node("group_key", (number, groups), kind=kind, wide=True))
        self._names = _first_of(made, _nothing)
        self._rows = self._graph.add(Node("group_rows", (groups,)))

    def _join(self, stage: JoinParent) -> int:
        if len(stage.key) != 1:
            raise Unsupported("A key of several columns.")
        parent, (key,) = stage.parent.name, stage.key
        match = self._graph.add(Node("match", (self._names(key), self._input(parent, key))))
        # Names that the parent does not have must not be looked for before they are needed.
        rows = self._graph.add(Node("match_rows", (match,)))
        parents = self._graph.add(Node("match_parents", (match,)))
        columns = [name for name in stage.columns if name != self._key]
        taken = {name: self._take(self._input(parent, name), parents) for name in columns}
        self._names, self._rows = _first_of(taken, self._taking(self._names, rows)), rows
        return rows

    def _take(self, number: int, rows: int) -> int:
        node = self._graph[number]
        return self._graph.add(Node("take", (number, rows), kind=node.kind, wide=True, finite=node.finite))

    def _taking(self, names: Callable[[str], int], rows: int) -> Callable[[str], int]:
        return lambda name: self._take(names(name), rows)


def _first_of(made: Mapping[str, int], otherwise: Callable[[str], int]) -> Callable[[str], int]:
    return lambda name: made[name] if name in made else otherwise(name)


def _nothing(name: str) -> int:
    raise Unsupported(f"column {name}")


def _name(expression: nw.Expr) -> str:
    """Name that an expression gives its column."""
    name = output_name(expression)
    if name is None:
        raise Unsupported("An expression without a name.")
    return name
