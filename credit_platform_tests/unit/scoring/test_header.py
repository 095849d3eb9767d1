"""Columns that must not be there are sorted by kind, all of them."""

from __future__ import annotations

from credit_platform.portfolios import get_portfolio
from credit_platform.scoring.header import unwanted_columns


def test_each_column_is_of_one_kind() -> None:
    portfolio = get_portfolio("german_credit")
    names = ["applicant_id", "sex", "foreign_worker", "amount", "default", "personal_status_sex", "colour"]
    found = unwanted_columns(portfolio, names, {"applicant_id"})
    assert found.protected == ("foreign_worker", "personal_status_sex")
    assert found.target == ("default",)
    assert found.unknown == ("sex", "colour")
