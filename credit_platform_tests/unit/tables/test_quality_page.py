"""The page of what was never read; what the integration tests of refused files see is not repeated here."""

from __future__ import annotations

from pathlib import Path

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.tables.quality_page import REPORT_FILE, rewrite_quality_page, write_quality_page
from credit_platform.tables.unread import note_unread

HOME_CREDIT = get_portfolio("home_credit")


def test_a_first_run_that_reads_nothing_has_a_page(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    lakehouse = Lakehouse(settings.lakehouse_root)
    reasons = {table.name: f"File {table.file_name} does not exist." for table in HOME_CREDIT.tables}
    for name, reason in reasons.items():
        note_unread(HOME_CREDIT, settings, lakehouse, name, reason)
    key, rows = write_quality_page(HOME_CREDIT, settings, lakehouse, {})
    assert key == f"home_credit/reports/{REPORT_FILE}"
    page = Shelf.of(settings).store.get(key).decode()
    assert (settings.reports_folder("home_credit") / REPORT_FILE).read_text(encoding="utf-8") == page
    assert all(reason in page for reason in reasons.values())
    assert rows.is_empty()
    assert rewrite_quality_page(HOME_CREDIT, settings, lakehouse) == key
