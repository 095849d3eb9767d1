"""What surely gives finite numbers, and what that saves."""

from __future__ import annotations

import narwhals as nw
import polars as pl
import pytest

from credit_platform.features.compiling import compile_group
from credit_platform.features.engines.direct.expressions import Translator
from credit_platform.features.engines.direct.graph import Graph, Kind, Node
from credit_platform.features.finiteness import finite_or_null, finite_value, surely_finite
from credit_platform.features.stages import AddColumns
from credit_platform_tests.unit.features.engines.direct.test_program import ROW_EXPRESSIONS
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import home_credit

FINITE = {"a", "b"}
A, B = nw.col("a"), nw.col("b")


@pytest.mark.parametrize(
    "expression",
    [
        A,
        A.cast(nw.Float64) + 1.5,
        2.0 - A * B,
        -A,
        nw.when((A > 0) & ~(B == 1)).then(A).otherwise(nw.lit(0.0)),
        (A + B).sum(),
        A.mean(),
        A.count().cast(nw.Float64),
        nw.len(),
        A.rank(method="min").over("c") <= 3,
        A.fill_null(0.0),
        (A / B > 1).cast(nw.Int8),
        nw.when(nw.col("c") > 0).then(A),
        nw.col("c").count(),
        A.fill_null("inf"),
        A.is_in([1.0, float("inf")]),
        nw.max_horizontal("a", "b"),
        nw.all_horizontal(A > 0, B > 1, ignore_nulls=False),
        nw.when(A > 0).then(nw.lit(1)).otherwise(2).alias("c"),
    ],
    ids=str,
)
def test_harmless(expression: nw.Expr) -> None:
    assert surely_finite(expression, FINITE)


@pytest.mark.parametrize(
    "expression",
    [
        A / B,
        1.0 / A,
        A.log(),
        A**2,
        A.sqrt(),
        A.std(),
        nw.col("c"),
        A + nw.col("c"),
        nw.max_horizontal("a", "c"),
        nw.col("a", "c").sum(),
        nw.when(A > 0).then(A / B),
        nw.when(A > 0).then(A).otherwise(nw.lit(float("inf"))),
        nw.lit(float("nan")) + A,
        A.fill_null(float("inf")),
        A * 1e400,
        nw.all(),
    ],
    ids=str,
)
def test_doubtful(expression: nw.Expr) -> None:
    assert not surely_finite(expression, FINITE)


@pytest.mark.parametrize("name", ["f(x)", "inf", "nan", "a / b"])
def test_a_name_is_a_name_whatever_it_looks_like(name: str) -> None:
    assert surely_finite(nw.col(name) + 1, {name})
    assert not surely_finite(nw.col(name) + 1, FINITE)


@pytest.mark.parametrize("name", sorted(ROW_EXPRESSIONS))
def test_tables_and_the_direct_engine_judge_alike(name: str) -> None:
    expression, graph, names = ROW_EXPRESSIONS[name], Graph(), ("a", "b", "t")
    kinds = {"a": Kind.FLOAT, "b": Kind.FLOAT, "t": Kind.TEXT}
    translator = Translator(graph, lambda column: graph.add(Node("input", constant=column, kind=kinds[column])))
    assert graph[translator.translate(expression)].finite == surely_finite(expression, names)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_null_in_a_table_and_for_one_applicant(value: float) -> None:
    column = nw.from_native(pl.DataFrame({"a": [value, 1.0, None]})).select(finite_or_null(A)).to_native()
    assert column["a"].to_list() == [None, 1.0, None]
    assert [finite_value(one) for one in (value, 1, None, "inf")] == [None, 1.0, None, "inf"]


def test_a_stage_that_cannot_leave_the_finite_numbers_is_not_followed_by_a_look() -> None:
    """Each look is a stage of its own for one applicant, and many nodes of a plan on Spark."""
    portfolio = home_credit()
    group = next(g for g in portfolio.feature_groups if g.name == "pos_cash_balance")
    made = len(group.steps) + len(group.reduced_steps)
    stages = [stage for stage in compile_group(group, portfolio).prepare if isinstance(stage, AddColumns)]
    assert made < len(stages) < 2 * made
