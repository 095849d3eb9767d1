"""Narwhals expressions as native Polars expressions, converted once.

For one applicant the cost lies in converting expressions, not in computing them, so the conversion is done when the
process starts. Narwhals 2 has no public function for it: this module is the only place that knows the private one, and
a characterization test pins what it returns. If an upgrade of Narwhals breaks that test, mend it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw
import polars as pl


def to_polars(expressions: Iterable[nw.Expr]) -> list[pl.Expr]:
    """Convert expressions; they give on a Polars frame what the Narwhals ones give on its Narwhals wrapper."""
    frame: Any = nw.from_native(pl.DataFrame())
    namespace = frame._compliant_frame.__narwhals_namespace__()
    return [_native(expression, namespace) for expression in expressions]


def _native(expression: Any, namespace: Any) -> pl.Expr:
    native = expression._to_compliant_expr(namespace).native
    if not isinstance(native, pl.Expr):
        raise TypeError(f"Narwhals gave {type(native).__name__} instead of a Polars expression.")
    return native
