"""The one judge of NaN and the infinities: which operations can give them, and what becomes of them.

What is here: `stays_finite` and `surely_finite`, by which no stage and no engine looks for what cannot be there, and
the two forms of the rule itself: NaN and the infinities are null (`finite_or_null`, `finite_value`).
What to add here: an operation that gives finite numbers for finite numbers.
What must not be here: division, logarithms, powers, roots: anything that leaves the finite numbers.

Looking costs: on Spark half a dozen more nodes in the plan for each column, for one applicant a stage of its own.
An operation that is not known here counts as harmful.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import narwhals as nw

from credit_platform.features.engines.parts import Operation, operations

_ALWAYS = frozenset(
    {"eq", "ne", "lt", "le", "gt", "ge", "and", "or", "invert", "all_horizontal"}
    | {"is_null", "is_in", "is_finite", "count", "len"}
)
"""Give truth values or counts, whatever they are given. By name in Narwhals, less its underscores."""
_KEEPING = frozenset(
    {"col", "lit", "alias", "when_then", "fill_null", "cast", "rank", "over", "shift", "unordered_shift"}
    | {"add", "radd", "sub", "rsub", "mul", "rmul", "neg"}
    | {"sum", "mean", "min", "max", "min_horizontal", "max_horizontal"}
    # What the direct engine calls its own.
    | {"when", "when_else", "to_float", "to_int", "mean_of"}
)
"""Give finite numbers for finite numbers; sums and products of what occurs in lending do not overflow float64."""


def stays_finite(operation: str, given: bool) -> bool:  # noqa: FBT001  # a judgement, handed on
    """Whether what `operation` gives is finite.

    Args:
        operation: its name in Narwhals or in the direct engine.
        given: whether everything it is applied to is finite.
    """
    name = operation.strip("_")
    return name in _ALWAYS or (given and name in _KEEPING)


def surely_finite(expression: nw.Expr, finite_columns: Collection[str]) -> bool:
    """Whether `expression` gives only finite numbers and nulls.

    Args:
        expression: what to judge.
        finite_columns: columns that hold finite numbers, nulls, or no numbers at all.

    Returns:
        True only when that follows from what is known of its operations, columns and constants.
    """
    finite = True
    for operation in operations(expression):
        parts = (_part(part, operation, finite_columns) for part in operation.exprs)
        finite = stays_finite(operation.name, finite and _source(operation, finite_columns) and all(parts))
    return finite


def finite_or_null(value: nw.Expr) -> nw.Expr:
    """`value` of type float with NaN and infinities made null."""
    return nw.when(value.is_finite()).then(value).otherwise(None)


def finite_value(value: float | str | None) -> float | str | None:
    """Final value of a feature of one applicant: a number as a float, NaN and infinities as None, a text as given."""
    if value is None or type(value) is str:
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def finite_constant(value: object) -> bool:
    """Whether a constant is no number that is NaN or infinite."""
    return not isinstance(value, float) or math.isfinite(value)


def _source(operation: Operation, finite_columns: Collection[str]) -> bool:
    """Whether the columns or the constant that an operation reads by itself are finite; True when it reads none."""
    if operation.name == "col":
        return set(operation.kwargs["names"]) <= set(finite_columns)
    return finite_constant(operation.kwargs["value"]) if operation.name == "lit" else True


def _part(part: Any, operation: Operation, finite_columns: Collection[str]) -> bool:
    if isinstance(part, nw.Expr):
        return surely_finite(part, finite_columns)
    if isinstance(part, str) and not operation.str_as_lit:
        return part in finite_columns
    return finite_constant(part)
