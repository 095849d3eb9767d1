"""The direct engine against Polars: every operation it knows, on values that make trouble."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.features.engines.direct import HistoryProgram, RowProgram, Unsupported
from credit_platform.features.engines.direct.program import ROWS
from credit_platform.features.engines.native import to_polars
from credit_platform.features.request_rows import RowReader
from credit_platform.features.stages import AddColumns, Aggregate, Stage
from credit_platform_tests.unit.features.toy import LOANS, TOY

A, B, T = nw.col("a"), nw.col("b"), nw.col("t")
SCHEMA: dict[str, pl.DataType] = {"a": pl.Float64(), "b": pl.Float64(), "t": pl.String()}
ROW_EXPRESSIONS: dict[str, nw.Expr] = {
    "sum": A + B,
    "difference": 1 - A,
    "product": A * B * 2,
    "quotient": A / B,
    "when": nw.when(A > 0).then(A / B).otherwise(nw.lit(0)),
    "when_null": nw.when(T == "x").then(B),
    "chain": nw.when(T == "x").then(nw.lit(1)).when(T == "y").then(nw.lit(2)).otherwise(None),
    "quotient_above": ((A / B) > 1).cast(nw.Int8),
    "quotient_least": ((A / B) <= (B / A)).cast(nw.Float64),
    "and": ((A > 0) & (B > 0)).cast(nw.Int8),
    "or": ((A > 0) | (B > 0)).cast(nw.Int8),
    "not": (~(A >= B)).cast(nw.Int8),
    "null": A.is_null().cast(nw.Int8),
    "filled": A.fill_null(3),
    "in": T.is_in(["x", "z"]).cast(nw.Int8),
    "least": nw.min_horizontal("a", "b"),
    "greatest": nw.max_horizontal("a", "b"),
    "log": A.log(),
    "root": B.sqrt(),
    "negative": -A,
    "text": T,
    "unlike": (T != "y").cast(nw.Float64),
}
AGGREGATES: dict[str, nw.Expr] = {
    "total": A.sum(),
    "mean": A.mean(),
    "least": B.min(),
    "greatest": B.max(),
    "count": B.count(),
    "rows": nw.len(),
    "share": (A > 0).mean(),
    "hits": (T == "x").sum(),
    "masked": nw.when(T == "x").then(A).max() - nw.when(B > 0).then(B).min(),
    "spread": (A * A).mean() - A.mean() * A.mean(),
    "any": nw.when(A.count() > 1).then(A.sum() / A.count()),
    "both": ((A > 0) & (B > 0)).sum(),
    "either": ((A > 0) | (B > 0)).sum(),
    "extreme": nw.max_horizontal("a", "b").sum(),
    "filled": A.fill_null(1).sum(),
    "latest": nw.when(A.rank(method="min").over("t") <= 1).then(B.fill_null(2)).sum(),
    "in": T.is_in(["x", "y"]).sum(),
    "chain": nw.when(T == "x").then(A).otherwise(B).sum(),
}
NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.0, -2.5, 3.0, 1e6]))
ROW = st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS, "t": st.sampled_from(["x", "y", None])})
FULL = st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS, "t": st.sampled_from(["x", "y"])})


def stage(expressions: dict[str, nw.Expr]) -> tuple[nw.Expr, ...]:
    return tuple(expression.alias(name) for name, expression in expressions.items())


def same(mine: Any, theirs: Any) -> bool:
    if isinstance(theirs, float) and not abs(theirs) < float("inf"):
        theirs = None  # the rule of `finished`
    return bool(mine == theirs) if mine is None or isinstance(theirs, str | None) else mine == pytest.approx(theirs)


@settings(max_examples=60, deadline=None)
@given(row=ROW)
def test_one_row_gives_what_polars_gives(row: dict[str, Any]) -> None:
    expressions = stage(ROW_EXPRESSIONS)
    mine = RowProgram([AddColumns(expressions=expressions)], SCHEMA).compute(row)
    theirs = pl.DataFrame([row], schema=SCHEMA).select(to_polars(expressions)).row(0, named=True)
    assert [name for name in mine if not same(mine[name], theirs[name])] == []


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(FULL, min_size=1, max_size=6))
def test_a_history_gives_what_polars_gives(rows: list[dict[str, Any]]) -> None:
    expressions = stage(AGGREGATES)
    program = HistoryProgram("h", [Aggregate(key=("key",), expressions=expressions)], {"h": SCHEMA}, "key")
    frame = pl.DataFrame(rows, schema=SCHEMA)
    columns: dict[str, tuple[Any, Any]] = {
        name: (frame[name].fill_null(0).to_numpy(), frame[name].is_not_null().to_numpy()) for name in "ab"
    }
    columns["t"] = (frame["t"].to_numpy(), None)
    columns[ROWS] = (frame["a"].to_numpy(), None)
    mine = program.compute({"h": columns})
    assert mine is not None
    theirs = frame.select(to_polars(expressions)).row(0, named=True)
    assert [name for name in mine if not same(mine[name], theirs[name])] == []


ORDERED = st.permutations(range(8)).flatmap(
    lambda order: st.tuples(*(st.tuples(st.just(n), NUMBERS, st.sampled_from(["x", "y"])) for n in order))
)


@settings(max_examples=60, deadline=None)
@given(rows=ORDERED)
def test_the_row_before_is_the_one_polars_takes(rows: tuple[tuple[int, float | None, str], ...]) -> None:
    schema: dict[str, pl.DataType] = {"n": pl.Float64(), "a": pl.Float64(), "t": pl.String(), "key": pl.Int32()}
    frame = pl.DataFrame([(*row, 1) for row in rows], schema=schema, orient="row")
    before = A.shift(1).over("t", order_by="n")
    changes = (nw.col("n") * (A - nw.col("before"))).sum()
    steps: list[Stage] = [
        AddColumns(expressions=(before.alias("before"),)),
        Aggregate(key=("key",), expressions=(changes.alias("c"),)),
    ]
    columns: dict[str, tuple[Any, Any]] = {
        name: (frame[name].fill_null(0).to_numpy(), frame[name].is_not_null().to_numpy()) for name in ("n", "a")
    }
    columns |= {"t": (frame["t"].to_numpy(), None), ROWS: (frame["n"].to_numpy(), None)}
    mine = HistoryProgram("h", steps, {"h": schema}, "key").compute({"h": columns})
    theirs = frame.with_columns(to_polars([before.alias("before")])).select(to_polars([changes.alias("c")])).item()
    assert mine is not None
    assert mine["c"] == pytest.approx(theirs)


def test_a_shift_without_an_order_is_left_to_polars() -> None:
    schema: dict[str, pl.DataType] = {"a": pl.Float64(), "key": pl.Int32()}
    for expression in (A.shift(1), A.shift(1).over("a"), A.shift(2).over("key", order_by="a")):
        steps = [Aggregate(key=("key",), expressions=(expression.sum().alias("c"),))]
        with pytest.raises(Unsupported):
            HistoryProgram("h", steps, {"h": schema}, "key")


@pytest.mark.parametrize(
    "expression",
    [
        A.n_unique(),
        T.str.len_chars(),
        A.cast(nw.Int32),
        A + T,
        A.sum(),
        A.log(base=2),
        nw.lit(float("inf")),
        nw.col("q"),
    ],
)
def test_what_it_does_not_know_is_left_to_polars(expression: nw.Expr) -> None:
    with pytest.raises(Unsupported):
        RowProgram([AddColumns(expressions=(expression.alias("x"),))], SCHEMA)


def test_rows_are_read_alike_one_by_one_and_all_at_once() -> None:
    reader = RowReader(LOANS, TOY, needed=["loan", "day", "debt", "kind"], is_application=False)
    rows: list[Any] = [{"loan": 1, "day": -3, "debt": 2.5, "kind": "a"}, {"loan": 2, "day": None, "debt": None}]
    quick, slow = reader.read_all(rows, "h").columns, reader._columns_of([reader.read(row, "h") for row in rows])
    for name in ("loan", "day", "debt", "kind"):
        for (a, known_a), (b, known_b) in [(quick[name], slow[name])]:
            assert (known_a is None) == (known_b is None)
            keep = slice(None) if known_a is None else known_a
            assert a[keep].tolist() == b[keep].tolist()
