"""What surely gives finite numbers, and what that saves."""

from __future__ import annotations

import narwhals as nw
import pytest

from credit_platform.features.finiteness import surely_finite
from credit_platform.features.stages import AddColumns, compile_group
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
        nw.max_horizontal("a", "b"),
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


def test_a_column_whose_name_looks_like_a_call_is_doubtful() -> None:
    assert not surely_finite(nw.col("f(x)"), {"f(x)"})


def test_a_stage_that_cannot_leave_the_finite_numbers_is_not_followed_by_a_look() -> None:
    """Each look is a stage of its own for one applicant, and many nodes of a plan on Spark."""
    portfolio = home_credit()
    group = next(g for g in portfolio.feature_groups if g.name == "pos_cash_balance")
    made = len(group.steps) + len(group.reduced_steps)
    stages = [stage for stage in compile_group(group, portfolio).prepare if isinstance(stage, AddColumns)]
    assert made < len(stages) < 2 * made
