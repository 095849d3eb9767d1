"""Operations and what they are applied to, each of them once.

What is here: `Node`, `Graph` that hands out one number for equal nodes, and `Unsupported`.
What must not be here: what an operation computes (`scalar.py`, `columns.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Constant = str | int | float | bool | tuple[str | int | float, ...] | None


class Unsupported(Exception):  # noqa: N818  # not an error: the caller goes another way
    """An expression, or data, that this engine leaves to Polars."""


class Kind(StrEnum):
    """Type of a value."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    TEXT = "text"
    NULL = "null"

    @property
    def is_number(self) -> bool:
        """Whether one can calculate with it."""
        return self in (Kind.FLOAT, Kind.INT)


@dataclass(frozen=True)
class Node:
    """One operation."""

    operation: str
    arguments: tuple[int, ...] = ()
    """Numbers of the nodes whose values it takes."""
    constant: Constant = None
    """What it needs besides: the value of a literal, the name of an input."""
    kind: Kind = Kind.FLOAT
    wide: bool = False
    """Whether it gives a value for each row, or one value."""
    finite: bool = True
    """Whether it gives neither NaN nor an infinity, when no input is one."""


class Graph:
    """Nodes in an order in which they can be computed; equal nodes are one."""

    def __init__(self) -> None:
        """Start empty."""
        self.nodes: list[Node] = []
        self._numbers: dict[tuple[Node, str], int] = {}

    def __getitem__(self, number: int) -> Node:
        """Node with this number."""
        return self.nodes[number]

    def add(self, node: Node) -> int:
        """Number of `node`, which is the number of its twin when there is one."""
        # 1, 1.0 and True are equal, and not the same literal.
        key = (node, type(node.constant).__name__)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.nodes)
            self.nodes.append(node)
        return number

    def needed(self, outputs: set[int]) -> list[int]:
        """Numbers of the nodes that `outputs` rest on, in order."""
        wanted = set(outputs)
        for number in range(len(self.nodes) - 1, -1, -1):
            if number in wanted:
                wanted.update(self.nodes[number].arguments)
        return sorted(wanted)
