"""What a portfolio says of its tables: which hold applications, and which is read before which."""

from __future__ import annotations

from credit_platform.portfolios import get_portfolio

HOME_CREDIT, GERMAN = get_portfolio("home_credit"), get_portfolio("german_credit")


def test_a_table_is_read_after_those_it_has_to_be_held_against() -> None:
    assert HOME_CREDIT.read_before(HOME_CREDIT.table("application_train")) == set()
    assert HOME_CREDIT.read_before(HOME_CREDIT.table("application_test")) == {"application_train"}
    assert HOME_CREDIT.read_before(HOME_CREDIT.table("bureau_balance")) == {"bureau"}
    assert GERMAN.read_before(GERMAN.tables[0]) == set()


def test_applications_lie_in_the_training_table_and_in_the_one_to_be_scored_where_there_is_one() -> None:
    assert HOME_CREDIT.application_tables == {"application_train", "application_test"}
    assert GERMAN.application_tables == {"applications"}
