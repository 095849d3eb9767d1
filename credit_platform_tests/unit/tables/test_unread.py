"""What is noted of a raw file that was not put in force, for as long as that is true."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.tables.unread import held_up, note_read, note_unread, unread_tables

HOME_CREDIT = get_portfolio("home_credit")
WAITS = "It waits for bureau, which was not put in force."


class Home:
    """A home in which files are damaged and mended."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(home=folder)
        self.lakehouse = Lakehouse(self.settings.lakehouse_root)

    def damage(self, name: str, reason: str) -> None:
        note_unread(HOME_CREDIT, self.settings, self.lakehouse, name, reason)

    def mend(self, name: str) -> bool:
        return note_read(HOME_CREDIT, self.settings, name)

    @property
    def unread(self) -> dict[str, str]:
        return unread_tables(HOME_CREDIT, self.settings, self.lakehouse)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "a home, é")


def test_a_table_waits_for_every_damaged_table_above_it() -> None:
    assert held_up(HOME_CREDIT, "bureau") == {"bureau_balance": "bureau"}
    assert set(held_up(HOME_CREDIT, "application_train")) == {
        "application_test",
        "bureau",
        "bureau_balance",
        "previous_application",
        "pos_cash_balance",
        "credit_card_balance",
        "installments_payments",
    }
    assert held_up(HOME_CREDIT, "bureau_balance") == {}


def test_what_is_mended_holds_nothing_up_any_more(home: Home) -> None:
    assert home.unread == {}
    home.damage("bureau", "Damaged.")
    assert home.unread == {"bureau": "Damaged.", "bureau_balance": WAITS}
    assert home.mend("bureau")
    assert home.unread == {}
    assert not home.mend("bureau")


def test_a_file_that_is_damaged_itself_does_not_wait(home: Home) -> None:
    home.damage("bureau_balance", "No such column.")
    home.damage("bureau", "Damaged.")
    assert home.unread == {"bureau": "Damaged.", "bureau_balance": "No such column."}
    home.mend("bureau")
    assert home.unread == {"bureau_balance": "No such column."}


def test_two_runs_of_one_table_each_forget_nothing_of_the_other(home: Home) -> None:
    home.damage("bureau", "Damaged.")
    home.damage("previous_application", "Empty.")
    assert {"bureau", "bureau_balance", "previous_application", "installments_payments"} <= home.unread.keys()


def test_a_version_that_somebody_put_in_force_since_ends_it(home: Home) -> None:
    home.damage("bureau_balance", "Refused.")
    home.lakehouse.write("home_credit/raw/bureau_balance", pl.DataFrame({"a": [1]}))
    assert home.unread == {}
    home.damage("bureau_balance", "Refused again.")
    assert home.unread == {"bureau_balance": "Refused again."}
