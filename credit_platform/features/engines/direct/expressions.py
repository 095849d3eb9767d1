"""From Narwhals expressions to operations.

What is here: `Translator`, which reads an expression and adds what it needs to a graph.
What to add here: an operation that a portfolio's features use; `scalar.py` and `columns.py` say what it gives.
What must not be here: stages of a feature group (`program.py`).

An operation that is not known here, or that this engine would not compute as Polars does, is `Unsupported`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import narwhals as nw

from credit_platform.features.engines.direct.graph import Constant, Graph, Kind, Node, Unsupported
from credit_platform.features.engines.parts import operations
from credit_platform.features.finiteness import finite_constant, stays_finite

Names = Callable[[str], int]
"""From the name of a column to the number of its node; Unsupported when there is no such column."""
_ARITHMETIC = ("__add__", "__sub__", "__mul__", "__truediv__")
_COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_AGGREGATES = ("sum", "mean", "min", "max", "count")


class Translator:
    """Adds expressions over the columns of one frame to a graph."""

    def __init__(
        self, graph: Graph, names: Names, *, rows: int | None = None, groups: int | None = None, key: str = ""
    ) -> None:
        """Read columns by `names`.

        Args:
            graph: where operations are added.
            names: columns.
            rows: node with something as long as the frame; None when the frame is one row of plain values.
            groups: node with groups of rows, when aggregates are to be computed for each of them.
            key: column that is the same on all rows, so that it separates none.
        """
        self._graph = graph
        self._names = names
        self._rows = rows
        self._groups = groups
        self._key = key

    def translate(self, expression: object) -> int:
        """Number of the node that computes `expression`.

        Raises:
            Unsupported: an operation is not known here.
        """
        if not isinstance(expression, nw.Expr):
            return self.literal(expression)
        current: int | None = None
        for step in operations(expression):
            current = self._step(step, current)
        assert current is not None  # noqa: S101  # an expression has a first node
        return current

    def literal(self, value: Any) -> int:
        """Number of a constant."""
        kinds = {float: Kind.FLOAT, int: Kind.INT, bool: Kind.BOOL, str: Kind.TEXT, type(None): Kind.NULL}
        kind = kinds.get(type(value))
        if kind is None or not finite_constant(value):
            raise Unsupported(f"literal {value!r}")
        return self._graph.add(Node("literal", constant=value, kind=kind))

    def _step(self, step: Any, current: int | None) -> int:
        name: str = step.name
        if current is None:
            return self._first(name, step)
        others = [self.translate(other) for other in step.exprs]
        return self._then(name, current, others, step.kwargs)

    def _first(self, name: str, step: Any) -> int:
        match name:
            case "col" if len(step.kwargs["names"]) == 1:
                return self._names(step.kwargs["names"][0])
            case "lit" if step.kwargs["dtype"] is None:
                return self.literal(step.kwargs["value"])
            case "len":
                return self._length()
            case "when_then":
                return self._when([self.translate(part) for part in step.exprs])
            case "all_horizontal":
                return reduce(self._both, [self._bool(self._part(part)) for part in step.exprs])
            case "min_horizontal" | "max_horizontal":
                return self._extreme(name, [self._part(part) for part in step.exprs])
        raise Unsupported(name)

    def _part(self, part: object) -> int:
        """An argument of a horizontal function, where a text is the name of a column."""
        return self._names(part) if isinstance(part, str) else self.translate(part)

    def _then(self, name: str, current: int, others: list[int], options: Mapping[str, Any]) -> int:
        if name in _ARITHMETIC:
            return self._arithmetic(name.strip("_"), current, others[0])
        if name in _COMPARISONS:
            return self._compare(name.strip("_"), current, others[0])
        if name in _AGGREGATES:
            return self._aggregate(name, current)
        if name in ("__radd__", "__rsub__", "__rmul__", "__rtruediv__"):
            return self._arithmetic(name.strip("_")[1:], others[0], current)
        if name in ("__and__", "__or__"):
            return self._logic(name.strip("_"), current, others[0])
        return self._treated(name, current, others, options)

    def _treated(self, name: str, current: int, others: list[int], options: Mapping[str, Any]) -> int:
        """Operations with options."""
        number: int | None = None
        match name:
            case "alias":
                number = current
            case "fill_null" if others and options["strategy"] is None:
                number = self._fill_null(current, others[0])
            case "cast":
                number = self._cast(current, options["dtype"])
            case "is_in" if isinstance(options["other"], list | tuple | set | frozenset):
                number = self._is_in(current, tuple(options["other"]))
            case "rank" if options == {"method": "min", "descending": False}:
                # Its partition follows in an `over`.
                number = self._graph.add(Node("rank", (self._wide(current),), kind=Kind.FLOAT, wide=True))
            case "shift" if options == {"n": 1}:
                # Its order and partition follow in an `over`.
                kind = self._graph[current].kind
                number = self._graph.add(Node("unordered_shift", (self._wide(current),), kind=kind, wide=True))
            case "over":
                number = self._over(current, options["partition_by"], options["order_by"])
        return self._one(name, current, options) if number is None else number

    def _one(self, name: str, current: int, options: Mapping[str, Any]) -> int:
        """Operations on one number or condition."""
        kind = self._graph[current].kind
        match name:
            case "is_null":
                return self._add("is_null", current, kind=Kind.BOOL)
            case "__invert__":
                return self._add("invert", self._bool(current), kind=Kind.BOOL)
            case "__neg__" if kind.is_number:
                return self._add("neg", current, kind=kind)
            case "is_finite" if kind is Kind.FLOAT:
                return self._add("is_finite", current, kind=Kind.BOOL)
            case "sqrt" if kind.is_number:
                return self._add("sqrt", self._float(current))
            case "log" if kind.is_number and options["base"] == math.e:
                return self._add("log", self._float(current))
        raise Unsupported(name)

    def _add(self, operation: str, *arguments: int, kind: Kind = Kind.FLOAT, finite: bool | None = None) -> int:
        """An operation on values of one row, for each row if one of the arguments is."""
        nodes = [self._graph[number] for number in arguments]
        wide = any(node.wide for node in nodes)
        if finite is None:
            finite = stays_finite(operation, all(node.finite for node in nodes))
        taken = tuple(self._wide(number) for number in arguments) if wide else arguments
        return self._graph.add(Node(operation, taken, kind=kind, wide=wide, finite=finite))

    def _wide(self, number: int) -> int:
        """A node as a column; a literal stands for itself on each row."""
        node = self._graph[number]
        if node.wide:
            return number
        if node.operation != "literal" or node.kind in (Kind.NULL, Kind.BOOL):
            raise Unsupported("One value beside a column.")
        return self._graph.add(Node("literal", (number,), kind=node.kind, wide=True))

    def _bool(self, number: int) -> int:
        if self._graph[number].kind is not Kind.BOOL:
            raise Unsupported("A condition that is none.")
        return number

    def _both(self, left: int, right: int) -> int:
        return self._add("and", left, right, kind=Kind.BOOL)

    def _logic(self, operation: str, left: int, right: int) -> int:
        return self._add(operation, self._bool(left), self._bool(right), kind=Kind.BOOL)

    def _float(self, number: int) -> int:
        kind = self._graph[number].kind
        if kind is Kind.FLOAT:
            return number
        if kind is Kind.INT and self._graph[number].operation == "literal":
            return self.literal(float(self._graph[number].constant))  # type: ignore[arg-type]  # an INT literal holds an int
        if kind in (Kind.INT, Kind.BOOL):
            return self._add("to_float", number)
        raise Unsupported("Text as a number.")

    def _arithmetic(self, operation: str, left: int, right: int) -> int:
        kinds = {self._graph[left].kind, self._graph[right].kind}
        if not all(kind.is_number for kind in kinds):
            raise Unsupported(f"{operation} of {kinds}")
        if operation == "truediv":
            return self._add(operation, self._float(left), self._float(right))
        if kinds == {Kind.INT}:
            return self._add(operation, left, right, kind=Kind.INT)
        return self._add(operation, self._float(left), self._float(right))

    def _compare(self, operation: str, left: int, right: int) -> int:
        a, b = self._graph[left], self._graph[right]
        texts = a.kind is b.kind is Kind.TEXT and operation in ("eq", "ne")
        numbers = a.kind.is_number and b.kind.is_number
        # Rows: NumPy and Polars disagree about NaN.
        if not (texts or numbers) or ((a.wide or b.wide) and not (a.finite and b.finite)):
            raise Unsupported(f"{operation} of {a.kind} and {b.kind}")
        return self._add(operation, left, right, kind=Kind.BOOL)

    def _extreme(self, operation: str, parts: list[int]) -> int:
        if not all(self._graph[part].kind.is_number and self._graph[part].finite for part in parts):
            raise Unsupported(operation)
        return self._add(operation, *map(self._float, parts))

    def _fill_null(self, value: int, filler: int) -> int:
        kind = self._graph[value].kind
        if kind is Kind.FLOAT:
            filler = self._float(filler)
        if self._graph[filler].kind is not kind:
            raise Unsupported("fill_null")
        return self._add("fill_null", value, filler, kind=kind)

    def _cast(self, value: int, dtype: Any) -> int:
        kind, name = self._graph[value].kind, str(dtype)
        if name == "Float64" and kind is not Kind.TEXT:
            return self._float(value)
        if name.startswith("Int") and kind is Kind.BOOL:
            return self._add("to_int", value, kind=Kind.INT)
        if name == "String" and kind is Kind.TEXT:
            return value
        raise Unsupported(f"cast of {kind} to {name}")

    def _is_in(self, value: int, allowed: tuple[Any, ...]) -> int:
        node = self._graph[value]
        types = (str,) if node.kind is Kind.TEXT else (int, float)
        if node.kind is Kind.BOOL or not all(type(one) in types for one in allowed):
            raise Unsupported("is_in")
        constant: Constant = allowed
        number = Node("is_in", (value,), constant=constant, kind=Kind.BOOL, wide=node.wide)
        return self._graph.add(number)

    def _when(self, parts: list[int]) -> int:
        test_number, yes, *otherwise = parts
        condition = self._bool(test_number)
        no = otherwise[0] if otherwise else self.literal(None)
        if self._graph[no].kind is Kind.NULL:
            test = self._graph[condition]
            checked = test.operation == "is_finite" and test.arguments == (yes,)
            kind = self._graph[yes].kind
            if kind is Kind.NULL:
                raise Unsupported("when without a value")
            return self._add("when", condition, yes, kind=kind, finite=checked or self._graph[yes].finite)
        kinds = {self._graph[yes].kind, self._graph[no].kind}
        if kinds == {Kind.FLOAT, Kind.INT}:
            yes, no, kinds = self._float(yes), self._float(no), {Kind.FLOAT}
        if len(kinds) > 1:
            raise Unsupported(f"when of {kinds}")
        return self._add("when_else", condition, yes, no, kind=kinds.pop())

    def _over(self, current: int, partition: list[str], order: list[str]) -> int:
        node = self._graph[current]
        keys = tuple(self._names(name) for name in partition if name != self._key)
        if node.operation == "unordered_shift" and len(order) == 1:
            ordered = self._graph.add(Node("row_before", (self._names(order[0]), *keys), kind=Kind.INT, wide=True))
            value = self._graph[node.arguments[0]]
            arguments = (*node.arguments, ordered)
            return self._graph.add(Node("shift", arguments, kind=value.kind, wide=True, finite=value.finite))
        if node.operation != "rank" or order or not self._graph[node.arguments[0]].finite:
            raise Unsupported("over")
        return self._graph.add(Node("rank", (*node.arguments, *keys), wide=True))

    def _length(self) -> int:
        if self._groups is not None:
            return self._graph.add(Node("group_len", (self._groups,), kind=Kind.INT, wide=True))
        if self._rows is None:
            raise Unsupported("len of one row")
        return self._graph.add(Node("len", (self._rows,), kind=Kind.INT))

    def _aggregate(self, name: str, value: int) -> int:
        node = self._graph[value]
        extreme = name in ("min", "max")
        counted = name == "count" or node.kind.is_number or (node.kind is Kind.BOOL and not extreme)
        if not node.wide or self._rows is None or not counted or (extreme and not node.finite):
            raise Unsupported(f"{name} of {node.kind}")
        if name == "mean":
            total, count = self._float(self._aggregate("sum", value)), self._aggregate("count", value)
            return self._add("mean_of", total, count, finite=node.finite)
        kind = Kind.INT if name == "count" or (node.kind is Kind.BOOL) else node.kind
        if self._groups is None:
            known = self._graph.add(Node("known", (value,), kind=node.kind))
            return self._graph.add(Node(name, (known,), kind=kind, finite=node.finite))
        if node.kind is not Kind.FLOAT and name != "count":
            value = self._float(value)
            kind = Kind.FLOAT
        return self._graph.add(Node(f"group_{name}", (value, self._groups), kind=kind, wide=True, finite=node.finite))
