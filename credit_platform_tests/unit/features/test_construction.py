"""What a feature is made of, whatever its steps are called."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw

from credit_platform.features.construction import constructions, reads_columns
from credit_platform.portfolios import all_portfolios
from credit_platform_tests.unit.features.toy import APPLICATION, HISTORY, TOY, column, feature


def test_two_ways_to_one_column_are_one_construction() -> None:
    steps = ({"a": column("income"), "b": column("income")}, {"a": column("a") * 2.0, "c": column("b")})
    features = (feature("x", column("c")), feature("y", column("income")), feature("z", column("a")))
    made = constructions(
        replace(TOY, feature_groups=(replace(APPLICATION, steps=steps, features=features, derived=()),))
    )
    assert made["x"] == made["y"] != made["z"]


def test_rows_of_two_histories_are_two_constructions() -> None:
    other = replace(HISTORY, name="other", table="payments", features=(feature("n", nw.len()),), derived=())
    made = constructions(replace(TOY, feature_groups=(APPLICATION, HISTORY, other), cross_features=()))
    assert made["n"] != made["loans__count"]


def test_no_two_features_of_a_portfolio_are_made_alike_and_each_reads_a_column() -> None:
    for portfolio in all_portfolios():
        made = constructions(portfolio)
        assert set(made) == {f.name for f in portfolio.features}
        assert len(set(made.values())) == len(made)
        assert all(map(reads_columns, made.values()))
    assert not reads_columns(constructions(replace(TOY, cross_features=(feature("one", nw.lit(1.0)),)))["one"])
