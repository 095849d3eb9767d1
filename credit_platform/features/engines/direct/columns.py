"""What operations give for the rows of a history: NumPy arrays with a mask of what is known.

What is here: one small function for each operation; each gives what Polars gives for the same values.
What must not be here: operations on one value (`scalar.py`).

A column is a pair: values, and for each row whether it is known; None instead of the mask when every row is. Values
of unknown rows mean nothing. Sums may differ from those of Polars in the last bits, by the order of summation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from credit_platform.features.engines.direct.graph import Unsupported

Mask = NDArray[np.bool_]
Column = tuple[Any, Mask | None]
"""Values (rows,), and which of them are known (rows,) or None for all."""
Groups = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]
"""Order that brings rows of a group together; where each group starts in it; how many rows it has."""


class NoRows(Exception):  # noqa: N818  # not an error
    """No row is left: the applicant has no such history."""


def _known(a: Mask | None, b: Mask | None) -> Mask | None:
    if a is None:
        return b
    return a if b is None else a & b


def _binary(operation: Callable[[Any, Any], Any]) -> Callable[[Column, Column], Column]:
    return lambda a, b: (operation(a[0], b[0]), _known(a[1], b[1]))


def _unary(operation: Callable[[Any], Any]) -> Callable[[Column], Column]:
    return lambda a: (operation(a[0]), a[1])


def _and(a: Column, b: Column) -> Column:
    if a[1] is None and b[1] is None:
        return a[0] & b[0], None
    false = _surely(a, value=False) | _surely(b, value=False)
    both = _surely(a, value=True) & _surely(b, value=True)
    return both, both | false


def _or(a: Column, b: Column) -> Column:
    if a[1] is None and b[1] is None:
        return a[0] | b[0], None
    true = _surely(a, value=True) | _surely(b, value=True)
    neither = _surely(a, value=False) & _surely(b, value=False)
    return true, true | neither


def _surely(a: Column, *, value: bool) -> Any:
    """Where a condition is known to be `value`."""
    hit = a[0] if value else ~a[0]
    return hit if a[1] is None else hit & a[1]


def _mask(a: Column) -> Any:
    return np.ones(np.shape(a[0]), dtype=bool) if a[1] is None else a[1]


def _when(condition: Column, yes: Column) -> Column:
    chosen = _surely(condition, value=True)
    values = yes[0] if isinstance(yes[0], np.ndarray) else np.full(chosen.shape, yes[0])
    return values, chosen if yes[1] is None else chosen & yes[1]


def _when_else(condition: Column, yes: Column, no: Column) -> Column:
    chosen = _surely(condition, value=True)
    known = None if yes[1] is None and no[1] is None else np.where(chosen, _mask(yes), _mask(no))
    return np.where(chosen, yes[0], no[0]), known


def _fill_null(a: Column, b: Column) -> Column:
    return a if a[1] is None else (np.where(a[1], a[0], b[0]), b[1] if b[1] is None else a[1] | b[1])


def _is_in(a: Column, allowed: tuple[Any, ...]) -> Column:
    return reduce(np.logical_or, [a[0] == value for value in allowed], np.zeros(np.shape(a[0]), dtype=bool)), a[1]


def _is_null(a: Column) -> Column:
    return (np.zeros(np.shape(a[0]), dtype=bool) if a[1] is None else ~a[1]), None


def _extreme(choose: Callable[[Any, Any], Any], neutral: float) -> Callable[..., Column]:
    def horizontal(*columns: Column) -> Column:
        values = reduce(choose, [v if m is None else np.where(m, v, neutral) for v, m in columns])
        masks = [mask for _, mask in columns if mask is not None]
        return values, None if len(masks) < len(columns) else reduce(lambda a, b: a | b, masks)

    return horizontal


def _known_values(a: Column) -> Any:
    """Values of the known rows."""
    return a[0] if a[1] is None else a[0][a[1]]


def _rank(a: Column, *partition: Column) -> Column:
    """Place of each value among those of its partition, from 1; equals share the least place."""
    values, mask = a
    codes = _codes(partition, len(values))
    places = np.zeros(len(values))
    rows = np.arange(len(values)) if mask is None else np.flatnonzero(mask)
    order = rows[np.lexsort((values[rows], codes[rows]))]
    group, value = codes[order], values[order]
    new_group = _differs(group)
    new_value = new_group | _differs(value)
    position = np.arange(len(order))
    start = np.maximum.accumulate(np.where(new_group, position, 0))
    first = np.maximum.accumulate(np.where(new_value, position, 0))
    places[order] = first - start + 1
    return places, mask


def _row_before(order_by: Column, *partition: Column) -> Column:
    """Position of the row before each row, by `order_by` within its partition; the first one has none."""
    values, mask = order_by
    if mask is not None and not mask.all():
        raise Unsupported("A null in the order.")
    codes = _codes(partition, len(values))
    order = np.lexsort((values, codes))
    before = np.zeros(len(values), dtype=np.intp)
    known = np.zeros(len(values), dtype=bool)
    same = ~_differs(codes[order])
    before[order[1:]] = order[:-1]
    known[order] = same
    return before, known


def _shift(a: Column, before: Column) -> Column:
    """Value of the row before."""
    rows, known = before
    return a[0][rows], known if a[1] is None else known & a[1][rows]  # type: ignore[operator]  # always a mask


def _differs(values: Any) -> Mask:
    """Where a value is another than the one before it; the first one is."""
    new = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _codes(keys: tuple[Column, ...], rows: int) -> NDArray[np.intp]:
    """A number for each combination of keys."""
    codes = np.zeros(rows, dtype=np.intp)
    for values, mask in keys:
        if mask is not None and not mask.all():
            raise Unsupported("A null key.")
        distinct, place = np.unique(values, return_inverse=True)
        codes = codes * len(distinct) + place
    return codes


def _filter(condition: Column) -> NDArray[np.intp]:
    """Positions of the rows that stay; NoRows when none does."""
    rows = np.flatnonzero(_surely(condition, value=True))
    if not len(rows):
        raise NoRows
    return rows


def _take(a: Column, rows: NDArray[np.intp]) -> Column:
    return a[0][rows], None if a[1] is None else a[1][rows]


def _groups(*keys: Column) -> Groups:
    codes = _codes(keys, len(keys[0][0]))
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = np.flatnonzero(_differs(ordered))
    return order, starts, np.diff(starts, append=len(order))


def _group_key(a: Column, groups: Groups) -> Column:
    return a[0][groups[0][groups[1]]], None


def _group_sum(a: Column, groups: Groups) -> Column:
    values = a[0] if a[1] is None else np.where(a[1], a[0], 0)
    return np.add.reduceat(values[groups[0]], groups[1]), None


def _group_count(a: Column, groups: Groups) -> Column:
    if a[1] is None:
        return groups[2], None
    return np.add.reduceat(a[1][groups[0]], groups[1], dtype=np.int64), None


def _group_extreme(choose: np.ufunc, neutral: float) -> Callable[[Column, Groups], Column]:
    def extreme(a: Column, groups: Groups) -> Column:
        if a[1] is None:
            return choose.reduceat(a[0][groups[0]], groups[1]), None
        values = np.where(a[1], a[0], neutral)
        return choose.reduceat(values[groups[0]], groups[1]), _group_count(a, groups)[0] > 0

    return extreme


def _mean_of(total: Column, count: Column) -> Column:
    return total[0] / count[0], None if (count[0] > 0).all() else count[0] > 0


def _match(key: Column, parent: Column) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of a table that have a parent, and the row of the parent of each; NoRows when none has."""
    if parent[1] is not None or key[1] is not None:
        raise Unsupported("A null key.")
    order = np.argsort(parent[0], kind="stable")
    ordered = parent[0][order]
    if (ordered[1:] == ordered[:-1]).any():
        raise Unsupported("A parent that is there twice.")
    place = np.minimum(np.searchsorted(ordered, key[0]), len(ordered) - 1)
    rows = np.flatnonzero(ordered[place] == key[0])
    if not len(rows):
        raise NoRows
    return rows, order[place[rows]]


COLUMNS: dict[str, Callable[..., Any]] = {
    "add": _binary(np.add),
    "sub": _binary(np.subtract),
    "mul": _binary(np.multiply),
    "truediv": _binary(np.true_divide),
    "neg": _unary(np.negative),
    "eq": _binary(lambda a, b: a == b),
    "ne": _binary(lambda a, b: a != b),
    "gt": _binary(np.greater),
    "le": _binary(np.less_equal),
    "lt": _binary(np.less),
    "ge": _binary(np.greater_equal),
    "and": _and,
    "or": _or,
    "invert": _unary(np.logical_not),
    "is_null": _is_null,
    "is_finite": _unary(np.isfinite),
    "is_in": _is_in,
    "fill_null": _fill_null,
    "when": _when,
    "when_else": _when_else,
    "to_float": _unary(lambda a: a.astype(np.float64)),
    "to_int": _unary(lambda a: a.astype(np.int64)),
    "log": _unary(np.log),
    "sqrt": _unary(np.sqrt),
    "min_horizontal": _extreme(np.minimum, np.inf),
    "max_horizontal": _extreme(np.maximum, -np.inf),
    "rank": _rank,
    "row_before": _row_before,
    "shift": _shift,
    "filter": _filter,
    "take": _take,
    "groups": _groups,
    "group_key": _group_key,
    "group_len": lambda groups: (groups[2], None),
    "group_sum": _group_sum,
    "group_count": _group_count,
    "group_min": _group_extreme(np.minimum, np.inf),
    "group_max": _group_extreme(np.maximum, -np.inf),
    "mean_of": _mean_of,
    "match": _match,
    "match_rows": lambda match: match[0],
    "match_parents": lambda match: match[1],
    "known": _known_values,
    "rows": lambda a: a[0],
    "group_rows": lambda groups: groups[1],
    "literal": lambda value: (value, None),
}
"""Operations that give a value for each row (or help to)."""

_FEW = 64
"""Up to so many values Python adds and compares before NumPy has begun: 0.5 microseconds against 3."""


def _sum(known: NDArray[Any]) -> Any:
    if len(known) > _FEW:
        return known.sum().item()
    return sum(known.tolist(), 0.0 if known.dtype.kind == "f" else 0)


def _chosen(choose: Callable[[Any], Any], at_once: Callable[[Any], Any]) -> Callable[[NDArray[Any]], Any]:
    def extreme(known: NDArray[Any]) -> Any:
        if not len(known):
            return None
        if len(known) <= _FEW:
            values = known.tolist()
            total = sum(values)
            if total == total:  # noqa: PLR0124  # NaN is not, and Python would choose by the order of values
                return choose(values)
        return at_once(known).item()

    return extreme


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": _sum,
    "count": len,
    "len": len,
    "min": _chosen(min, np.min),
    "max": _chosen(max, np.max),
}
"""Operations that give one value for all rows."""
