"""What a Narwhals expression is made of.

What is here: the operations of an expression in their order, and the name it gives its column. Narwhals 2 keeps them in
`_nodes`, which is private: this module is the only place that reads it, and a characterization test pins it. If an
upgrade of Narwhals breaks that test, mend it here.
What must not be here: what an operation means (`finiteness.py` says which are harmless, `direct/` computes them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import narwhals as nw


class Operation(Protocol):
    """One operation of an expression, applied to what the operations before it gave."""

    @property
    def name(self) -> str:
        """Name in Narwhals, `__add__` for `+`."""
        ...

    @property
    def exprs(self) -> Sequence[Any]:
        """Other arguments: expressions, constants and texts."""
        ...

    @property
    def str_as_lit(self) -> bool:
        """Whether a text among `exprs` is a constant; otherwise it is the name of a column."""
        ...

    @property
    def kwargs(self) -> Mapping[str, Any]:
        """Options."""
        ...


def operations(expression: nw.Expr) -> Sequence[Operation]:
    """Operations of `expression`, the first of which has nothing before it."""
    found: Sequence[Operation] = expression._nodes
    return found


def output_name(expression: nw.Expr) -> str | None:
    """Name that an expression gives its column: its alias or the one column it is; None when it is neither."""
    first, *_ = parts = operations(expression)
    if parts[-1].name == "alias":
        return str(parts[-1].kwargs["name"])
    if first.name == "col" and len(first.kwargs["names"]) == 1:
        return str(first.kwargs["names"][0])
    return None
