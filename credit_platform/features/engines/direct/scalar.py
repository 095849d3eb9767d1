"""What operations give for one value: Python numbers, texts and None for null.

What is here: one small function for each operation; each gives what Polars gives for the same values.
What must not be here: operations over rows (`columns.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Value = Any
"""float, int, bool, str or None."""


def _binary(operation: Callable[[Any, Any], Any]) -> Callable[[Value, Value], Value]:
    """`operation`, null when one of the two is."""
    return lambda a, b: None if a is None or b is None else operation(a, b)


def _unary(operation: Callable[[Any], Any]) -> Callable[[Value], Value]:
    return lambda a: None if a is None else operation(a)


def _divide(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        # IEEE 754, as every engine divides.
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)


def _and(a: Value, b: Value) -> Value:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def _or(a: Value, b: Value) -> Value:
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


def _log(a: float) -> float:
    if a > 0:
        return math.log(a)
    return -math.inf if a == 0 else math.nan


def _least(*values: Value) -> Value:
    known = [value for value in values if value is not None]
    return min(known) if known else None


def _greatest(*values: Value) -> Value:
    known = [value for value in values if value is not None]
    return max(known) if known else None


# NaN is equal to itself and greater than every number, as Polars orders floats.
def _equal(a: Any, b: Any) -> bool:
    return bool(a == b or (_is_nan(a) and _is_nan(b)))


def _greater(a: Any, b: Any) -> bool:
    return bool(a > b or (_is_nan(a) and not _is_nan(b)))


def _is_nan(value: Any) -> bool:
    return bool(value != value)  # noqa: PLR0124  # also for texts, which math.isnan refuses


SCALAR: dict[str, Callable[..., Value]] = {
    "add": _binary(lambda a, b: a + b),
    "sub": _binary(lambda a, b: a - b),
    "mul": _binary(lambda a, b: a * b),
    "truediv": _binary(_divide),
    "neg": _unary(lambda a: -a),
    "eq": _binary(_equal),
    "ne": _binary(lambda a, b: not _equal(a, b)),
    "gt": _binary(_greater),
    "le": _binary(lambda a, b: not _greater(a, b)),
    "lt": _binary(lambda a, b: _greater(b, a)),
    "ge": _binary(lambda a, b: not _greater(b, a)),
    "and": _and,
    "or": _or,
    "invert": _unary(lambda a: not a),
    "is_null": lambda a: a is None,
    "is_finite": _unary(math.isfinite),
    "is_in": lambda a, allowed: None if a is None else a in allowed,
    "fill_null": lambda a, b: b if a is None else a,
    "when": lambda condition, yes: yes if condition else None,
    "when_else": lambda condition, yes, no: yes if condition else no,
    "to_float": _unary(float),
    "to_int": _unary(int),
    "log": _unary(_log),
    "sqrt": _unary(lambda a: math.sqrt(a) if a >= 0 else math.nan),
    "min_horizontal": _least,
    "max_horizontal": _greatest,
    "mean_of": lambda total, count: None if count == 0 else total / count,
}
