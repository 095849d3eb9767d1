"""The page Monitoring in a real browser: an empty home, the same home watched, files, refreshing, a phone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import DecisionStore, Filter
from credit_platform.monitoring.overview.drift import DriftOverview, drift_overview
from credit_platform.monitoring.scrape_targets import SERVICE_JOB, Target, announced_targets
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.settings import Settings
from credit_platform_tests.e2e.accessibility import barriers
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.e2e.test_console import ARGUMENTS, CHROMIUM, running_console
from credit_platform_tests.unit.monitoring.overview.made_up import record
from credit_platform_tests.watched_home import A_DAY, MOVED, make_watched_home

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}: apt-get install chromium"),
]
PORTFOLIO = get_portfolio("german_credit")
PATIENCE = 60_000
"""Milliseconds, for a machine with everything at work."""
SHOWN = re.compile(r"Refreshed at (\S+ \S+) \(Paris time\)")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which nothing is, with a name as people give one."""
    home = tmp_path / "a home, é"
    home.mkdir()
    return Settings(home=home)


@pytest.fixture
def page(settings: Settings, unused_port: int, tmp_path: Path) -> Iterator[Page]:
    """The page Monitoring, in English; whatever the browser complains of fails the test."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only where there is a browser

    own: dict[str, str | float | bool] = {
        **os.environ,
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    problems: list[str] = []
    quiet = {"CREDIT_PLATFORM_CONSOLE_REFRESH_SECONDS": "0"}
    with running_console(settings, unused_port, quiet) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=own)
        page = browser.new_page(locale="en-GB", viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(address)
        page.get_by_role("link", name="Monitoring").click()
        yield page
        browser.close()
    assert problems == []


def metric(page: Page, label: str) -> str:
    """A figure of the page."""
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue").inner_text()


def saved(page: Page, label: str, folder: Path) -> pl.DataFrame:
    """The file that a button saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return pl.read_csv(path, try_parse_dates=True) if path.suffix == ".csv" else pl.read_parquet(path)


def test_an_operator_watches(settings: Settings, page: Page, served: Served, tmp_path: Path) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415  # only where there is a browser

    expect.set_options(timeout=PATIENCE)
    # Nothing yet, in both languages.
    expect(page.get_by_text("it has no model in use. First build one")).to_have_count(2)
    page.get_by_text("Français").click()
    expect(page.get_by_text("il n’a pas de modèle en service. Il faut d’abord en construire un")).to_have_count(2)
    page.get_by_text("English").click()
    expect(page.get_by_text("Nothing was ever noted to be wrong in this home")).to_be_visible()
    expect(page.get_by_text("the page does not refresh itself")).to_be_visible()
    assert not (settings.home / "decisions").exists()

    # What comes is shown without a touch, and when.
    page.get_by_role("combobox", name="Refresh every").click()
    page.get_by_role("option", name="10 seconds").click()
    shown = page.get_by_text(SHOWN)
    expect(shown).to_contain_text("again every 10 seconds")
    before = shown.inner_text()
    home = make_watched_home(settings.home)
    targets = [Target(SERVICE_JOB, str(served.service.metrics), {"portfolio": "german_credit"})]
    access = ServiceAccess("german_credit", served.service.url, served.service.key)
    with ServiceClient(access) as client:
        client.predict(Asked(next(iter(PORTFOLIO.examples.values()))))
    with announced(settings, [access]), announced_targets(settings, targets):
        expect(page.get_by_text("feed of features broke")).to_be_visible()
        assert shown.inner_text() != before

        # Another visit, which refreshes when it is asked to.
        page.goto(page.url.partition("/monitoring")[0])
        page.get_by_role("link", name="Monitoring").click()
        expect(page.get_by_role("heading", name="Recent decisions")).to_be_visible()
        assert metric(page, "Decisions") == f"{2 * A_DAY:,}"
        assert metric(page, "Error rate").endswith("%")
        assert int(metric(page, "Scoring requests").replace(",", "")) >= 1
        expect(page.locator("canvas, svg.marks").first).to_be_visible()
        _files_are_the_tables(page, home.store, settings, tmp_path)
        home.store.append([record(1, datetime.now(UTC), request_id="new")])
        before = shown.inner_text()
        page.get_by_role("button", name="Refresh now").press("Enter")
        expect(page.get_by_test_id("stMetric").filter(has_text="Decisions")).to_contain_text(f"{2 * A_DAY + 1:,}")
        assert shown.inner_text() != before

        # A phone: nothing is wider than the screen.
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.get_by_role("heading", name="Recent decisions")).to_be_visible()
        page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
        assert barriers(page, "en") == []


def _files_are_the_tables(page: Page, store: DecisionStore, settings: Settings, folder: Path) -> None:
    """What is saved has the rows that are shown, whole, and nobody they are about."""
    newest = store.search(Filter(portfolio="german_credit"), limit=50)
    csv, parquet = (saved(page, f"Save “Recent decisions” as {kind}", folder) for kind in ("CSV", "Parquet"))
    assert csv["request_id"].to_list() == [one.request_id for one in newest]
    assert csv.columns == parquet.columns
    assert "applicant_id" not in csv.columns
    assert_frame_equal(
        csv.with_columns(pl.col("decided_at").cast(parquet.schema["decided_at"])), parquet.with_columns()
    )
    assert parquet["probability"].to_list() == [one.probability for one in newest]

    drift = drift_overview(Lakehouse(settings.lakehouse_root), PORTFOLIO)
    assert isinstance(drift, DriftOverview)
    assert_frame_equal(saved(page, "Save “Drift” as Parquet", folder), drift.features)
    assert saved(page, "Save “Drift” as CSV", folder)["feature"].to_list()[0] == MOVED
