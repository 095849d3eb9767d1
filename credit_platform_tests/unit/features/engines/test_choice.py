"""Which engine takes which group, and that each gives the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw
import pytest

from credit_platform.features.compiling import compile_group, compile_row_features
from credit_platform.features.engines.choice import group_engine, row_engine
from credit_platform.features.engines.direct import RowProgram
from credit_platform.features.engines.direct.groups import DirectApplication, DirectHistory
from credit_platform.features.engines.engine import NoFeatures
from credit_platform.features.engines.native import NativeGroup, NativeRowFeatures
from credit_platform.features.stages import feature_schema
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform_tests.unit.features.toy import APPLICATION, HISTORY, TOY, feature

KNOWN = replace(HISTORY, features=tuple(f for f in HISTORY.features if f.name != "loans__kinds"))
"""The direct engine does not count distinct values."""


def engine_of(group: FeatureGroup) -> Any:
    portfolio = replace(TOY, feature_groups=(group,), cross_features=())
    return group_engine(compile_group(group, portfolio), portfolio)


def test_what_the_direct_engine_knows_it_takes() -> None:
    assert isinstance(engine_of(APPLICATION), DirectApplication)
    assert isinstance(engine_of(KNOWN), DirectHistory)


def test_what_it_does_not_know_is_taken_by_polars() -> None:
    assert isinstance(engine_of(HISTORY), NativeGroup)


@pytest.mark.parametrize(
    ("expression", "engine"), [(nw.col("a") / 2, RowProgram), (nw.col("a").exp(), NativeRowFeatures)]
)
def test_features_over_features(expression: nw.Expr, engine: type) -> None:
    source, made = feature("a", nw.col("debt")), feature("b", expression)
    available = feature_schema([source])
    found = row_engine((made,), compile_row_features((made,), available, "toy"), available)
    assert isinstance(found, engine)
    assert found.compute({"a": None}) == {"b": None}


def test_of_no_features_nothing_is_computed() -> None:
    assert isinstance(row_engine((), (), {}), NoFeatures)
    assert row_engine((), (), {}).compute({"a": 1.0}) == {}


@pytest.mark.parametrize("name", portfolio_names())
def test_every_group_that_ships_is_taken_by_the_fast_engine(name: str) -> None:
    """A declaration that falls back to Polars still works, at ten times the time: that should be a decision."""
    portfolio = get_portfolio(name)
    engines = [group_engine(compile_group(group, portfolio), portfolio) for group in portfolio.feature_groups]
    assert [engine.table for engine in engines if isinstance(engine, NativeGroup)] == []
