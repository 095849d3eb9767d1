"""No value that a contract admits breaks the range of a feature, for every portfolio there is."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.features import build_features, checks
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.rules import row_rules
from credit_platform_tests.unit.portfolios.corner_rows import corner_tables


@pytest.fixture(scope="module", params=portfolio_names())
def portfolio(request: pytest.FixtureRequest) -> Portfolio:
    return get_portfolio(request.param)


@pytest.mark.parametrize("seed", range(3))
def test_what_contracts_admit_is_within_the_range_of_every_feature(portfolio: Portfolio, seed: int) -> None:
    tables = corner_tables(portfolio, seed)
    for table in portfolio.tables:
        broken = tables[table.name].select(rule.broken.sum().alias(rule.name) for rule in row_rules(table)).collect()
        assert {name: count for name, count in broken.row(0, named=True).items() if count} == {}
    built = build_features(portfolio, tables).collect()
    assert [finding.message for finding in checks.out_of_range(portfolio, built)] == []
    numbers = built.select(pl.col(pl.Float64))
    assert [name for name in numbers.columns if not numbers[name].is_finite().fill_null(value=True).all()] == []
