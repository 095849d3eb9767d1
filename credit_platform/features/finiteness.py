"""Which expressions cannot give NaN or an infinity, so that no stage needs to look for them.

What is here: `surely_finite`, which says yes only when each part of an expression is known to be harmless.
What to add here: an operation that gives finite numbers for finite numbers.
What must not be here: division, logarithms, powers, roots: anything that leaves the finite numbers.

Looking costs: on Spark half a dozen more nodes in the plan for each column, for one applicant a stage of its own.
The judgement is made on the text of the Narwhals expression; what it does not know counts as harmful.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import narwhals as nw

_HARMLESS = frozenset(
    {"col", "lit", "when_then", "all_horizontal", "fill_null", "cast", "is_null", "is_in", "rank", "shift", "over"}
    | {f"__{name}__" for name in ("add", "radd", "sub", "rsub", "mul", "rmul", "neg", "invert", "and", "or")}
    | {f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge")}
    | {"sum", "count", "len", "mean", "min", "max"}
)
_CALL = re.compile(r"(\w+)\(")
_COLUMNS = re.compile(r"\bcol\(([^()]*)\)")
_NOT_FINITE = re.compile(r"\b(inf|nan)\b")


def surely_finite(expression: nw.Expr, finite_columns: Collection[str]) -> bool:
    """Whether `expression` gives only finite numbers and nulls.

    Args:
        expression: what to judge. Sums and products of numbers that occur in lending do not overflow float64.
        finite_columns: columns that hold finite numbers, nulls, or no numbers at all.

    Returns:
        True when every operation in it is known to be harmless and every column it reads is in `finite_columns`.
    """
    text = repr(expression)
    read = {name.strip() for names in _COLUMNS.findall(text) for name in names.split(",")}
    harmless = set(_CALL.findall(text)) <= _HARMLESS and not _NOT_FINITE.search(text)
    return harmless and read <= set(finite_columns)
