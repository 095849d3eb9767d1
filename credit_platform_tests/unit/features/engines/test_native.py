"""Pins what the private conversion of Narwhals gives; an upgrade that changes it shows here."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl
import pytest

from credit_platform.features.engines import native
from credit_platform.features.engines.native import to_polars


def test_expressions_become_the_native_ones() -> None:
    condition = nw.when(nw.col("a") > 1).then(nw.col("b")).otherwise(None)
    converted = to_polars([(nw.col("a") / nw.col("b")).alias("ratio"), condition.sum().alias("total"), nw.len()])
    expected = [
        (pl.col("a") / pl.col("b")).alias("ratio"),
        pl.when(pl.col("a") > 1).then(pl.col("b")).otherwise(None).sum().alias("total"),
        pl.len(),
    ]
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, None, 6.0]})
    assert all(isinstance(expression, pl.Expr) for expression in converted)
    assert frame.select(converted).equals(frame.select(expected), null_equal=True)


def test_another_answer_is_refused() -> None:
    class Impostor:
        native = "text"

        def _to_compliant_expr(self, namespace: Any) -> Impostor:
            return self

    with pytest.raises(TypeError, match="str instead of a Polars expression"):
        native._native(Impostor(), None)
