"""Which tables a damaged one holds up, and the page written for them; the hook itself runs in the integration tests."""

from __future__ import annotations

from pathlib import Path

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.quality_page import REPORT_FILE, _held_up, write_quality_page
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

HOME_CREDIT = get_portfolio("home_credit")


def test_a_table_waits_for_every_damaged_table_above_it() -> None:
    held = _held_up(HOME_CREDIT, {"bureau"})
    assert held == {"bureau_balance": "It waits for bureau, which was not put in force."}
    assert set(_held_up(HOME_CREDIT, {"application_train"})) == {
        "application_test",
        "bureau",
        "bureau_balance",
        "previous_application",
        "pos_cash_balance",
        "credit_card_balance",
        "installments_payments",
    }


def test_what_is_damaged_itself_does_not_wait_and_nothing_waits_for_nothing() -> None:
    assert _held_up(HOME_CREDIT, {"bureau", "bureau_balance"}) == {}
    assert _held_up(HOME_CREDIT, set()) == {}


def test_a_first_run_that_reads_nothing_has_a_page(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    reasons = {table.name: f"File {table.file_name} does not exist." for table in HOME_CREDIT.tables}
    path, rows = write_quality_page(HOME_CREDIT, settings, Lakehouse(settings.lakehouse_root), {}, reasons)
    assert path == settings.reports_folder("home_credit") / REPORT_FILE
    page = path.read_text(encoding="utf-8")
    assert all(reason in page for reason in reasons.values())
    assert rows.is_empty()
