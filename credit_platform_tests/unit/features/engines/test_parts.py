"""Pins what Narwhals keeps of an expression; an upgrade that changes it shows here."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pytest

from credit_platform.features.engines.parts import operations, output_name

A = nw.col("a")


def shown(expression: nw.Expr) -> list[tuple[str, list[Any], dict[str, Any]]]:
    return [(each.name, list(map(str, each.exprs)), dict(each.kwargs)) for each in operations(expression)]


def test_operations_come_in_order_with_their_arguments() -> None:
    assert shown((A + 1.5).sum().alias("x")) == [
        ("col", [], {"names": ["a"]}),
        ("__add__", ["1.5"], {}),
        ("sum", [], {}),
        ("alias", [], {"name": "x"}),
    ]


def test_a_condition_is_an_argument_and_a_text_is_a_column_or_a_constant() -> None:
    (choice,) = operations(nw.when(A > 0).then(nw.lit("yes")).otherwise(None))
    assert (choice.name, len(choice.exprs)) == ("when_then", 2)
    assert isinstance(choice.exprs[0], nw.Expr)
    (largest,) = operations(nw.max_horizontal("a", "b"))
    assert (largest.name, list(largest.exprs), largest.str_as_lit) == ("max_horizontal", ["a", "b"], False)
    assert operations(A.fill_null("x"))[-1].str_as_lit


@pytest.mark.parametrize(
    ("expression", "name"),
    [(A, "a"), (A.sum(), "a"), (A.alias("b"), "b"), (nw.col("a", "b"), None), (nw.len(), None), (nw.lit(1), None)],
    ids=str,
)
def test_the_name_of_a_column(expression: nw.Expr, name: str | None) -> None:
    assert output_name(expression) == name
