"""The portfolio as a whole: what it promises about its data, and that its parts fit together."""

from __future__ import annotations

import pytest

from credit_platform.features.build import check_names, grouped_schema
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.portfolios.home_credit.portfolio import PORTFOLIO


def test_it_is_found_by_its_name() -> None:
    assert "home_credit" in portfolio_names()
    assert get_portfolio("home_credit") is PORTFOLIO


def test_a_missed_default_costs_ten_refusals() -> None:
    assert (PORTFOLIO.costs.false_negative, PORTFOLIO.costs.false_positive) == (10.0, 1.0)
    assert PORTFOLIO.costs.break_even == pytest.approx(1 / 11)


def test_it_says_that_the_real_data_do_not_ship_and_that_generated_data_are_synthetic() -> None:
    assert PORTFOLIO.bundled_raw is None
    assert "redistributed" in PORTFOLIO.source
    assert "synthetic" in PORTFOLIO.source
    assert "synthetic" in PORTFOLIO.description


def test_eight_tables_give_over_600_features_from_seven_of_them() -> None:
    assert len(PORTFOLIO.tables) == 8
    assert len(PORTFOLIO.features) > 600
    sources = {group.table for group in PORTFOLIO.feature_groups}
    assert sources == {table.name for table in PORTFOLIO.tables} - {PORTFOLIO.scoring_table}


def test_names_are_unique_and_every_feature_has_a_known_reason() -> None:
    check_names(PORTFOLIO)
    grouped_schema(PORTFOLIO)
    assert {feature.reason for feature in PORTFOLIO.features} <= {reason.code for reason in PORTFOLIO.reasons}


def test_parents_of_foreign_keys_are_tables_that_come_earlier() -> None:
    seen: set[str] = set()
    for table in PORTFOLIO.tables:
        for key in table.foreign_keys:
            assert {key.parent, *key.also} <= seen, table.name
        seen.add(table.name)
