"""Names of raw tables, and which is read before which."""

from __future__ import annotations

from credit_platform.portfolios import get_portfolio
from credit_platform.tables.names import raw_key, read_before, rejected_key, rejected_name

HOME_CREDIT = get_portfolio("home_credit")


def test_rejected_rows_lie_beside_their_table() -> None:
    table = HOME_CREDIT.table("bureau")
    assert rejected_name(table) == "bureau__rejected"
    assert (raw_key(HOME_CREDIT, "bureau"), rejected_key(HOME_CREDIT, table)) == (
        "home_credit/raw/bureau",
        "home_credit/raw/bureau__rejected",
    )


def test_a_table_is_read_after_those_it_has_to_be_held_against() -> None:
    assert read_before(HOME_CREDIT, HOME_CREDIT.table("application_train")) == set()
    assert read_before(HOME_CREDIT, HOME_CREDIT.table("application_test")) == {"application_train"}
    assert read_before(HOME_CREDIT, HOME_CREDIT.table("bureau_balance")) == {"bureau"}
    german = get_portfolio("german_credit")
    assert read_before(german, german.tables[0]) == set()
