from __future__ import annotations

import pytest

from credit_platform.features import ApplicantFeatures
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.portfolios.german_credit.portfolio import PORTFOLIO


def test_it_is_found_by_its_name() -> None:
    assert "german_credit" in portfolio_names()
    assert get_portfolio("german_credit") is PORTFOLIO


def test_costs_are_those_of_the_source() -> None:
    assert (PORTFOLIO.costs.false_negative, PORTFOLIO.costs.false_positive) == (5.0, 1.0)
    assert PORTFOLIO.costs.break_even == pytest.approx(1 / 6)


@pytest.mark.parametrize("name", ["accepted", "refused"])
def test_examples_are_valid_applications(name: str) -> None:
    assert ApplicantFeatures(PORTFOLIO).build(PORTFOLIO.examples[name]).height == 1


def test_the_shipped_file_is_in_the_package() -> None:
    assert PORTFOLIO.bundled_raw is not None
    assert (PORTFOLIO.bundled_raw / PORTFOLIO.table("applications").file_name).is_file()
