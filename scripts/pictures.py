"""Pictures of the console and of the reports, for docs/images: `make pictures`, after `make demo`.

What is here: which screens and pages there are, how each is reached, and the programs that are started for them.
What to add here: a screen; its picture is named where the documentation shows it.
What must not be here: pictures of Grafana and of Dagster, which are taken by hand.

The service of the model in use and the console are started on free ports of this machine and stopped again. Decisions
that are made for a picture go to a log of their own, which is thrown away.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Final

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.reports import model_reports_key, reports_key, shown_at
from credit_platform.local import programs
from credit_platform.local.guard.component import guard_component
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.sockets import private_folder
from credit_platform.local.supervisor import Grace, RunningComponent, stop_all
from credit_platform.modelling.records import ScorerRecord
from credit_platform.portfolios.keys import scorer_key
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.promoted import promoted_bento
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

PORTFOLIO: Final = "german_credit"
IMAGES: Final = Path("docs/images")
CHROMIUM: Final = Path("/usr/bin/chromium")
WIDE, PHONE = 1300, 390
REPORTS: Final = {"quality_report": 1000, "feature_catalogue": 1000, "threshold_decision": 1500}
"""Pages of the portfolio, and how much of each is shown, in pixels from the top."""
DOCUMENTS: Final = {"model_card": 1500, "validation_report": 1500, "shap_report": 1300}
_PATIENCE: Final = 60_000


def main() -> int:
    """Take every picture of the home that the settings name; 0 when all were taken."""
    settings = Settings()
    found = promoted_bento(settings, PORTFOLIO)
    if found is None:
        sys.stderr.write(f"No model of {PORTFOLIO} is in use, so there is nothing to show. First: make demo\n")
        return 1
    if not CHROMIUM.exists():
        sys.stderr.write(f"There is no Chromium at {CHROMIUM}: apt-get install chromium\n")
        return 1
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only where there is a browser

    IMAGES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        own = settings.model_copy(update={"decision_log_url": f"sqlite:///{scratch}/decisions.db"})
        # Crash reports and caches of the browser go with the folder.
        places: dict[str, str | float | bool] = {**os.environ, "XDG_CONFIG_HOME": scratch, "XDG_CACHE_HOME": scratch}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], env=places)
        for name, path, height in _pages(settings):
            page = browser.new_page(viewport={"width": WIDE - 200, "height": height})
            page.goto(path.as_uri())
            _take(page, name)
            page.close()
        with start_service(found.path, settings=own) as service:
            access = ServiceAccess(PORTFOLIO, service.url, service.key)
            with announced(own, [access]), _console(own) as address:
                for language, draw in (("fr-FR", _french), ("en-GB", _english)):
                    page = browser.new_page(locale=language, viewport={"width": WIDE, "height": 1000})
                    page.set_default_timeout(_PATIENCE)
                    page.goto(address)
                    draw(page)
                    page.close()
        browser.close()
    return 0


def _pages(settings: Settings) -> Iterator[tuple[str, Path, int]]:
    """Name, file and height of each report that is there."""
    record = ScorerRecord.of(Lakehouse(settings.lakehouse_root).read(scorer_key(PORTFOLIO)))
    places = ((reports_key(PORTFOLIO), REPORTS), (model_reports_key(PORTFOLIO, record.digest), DOCUMENTS))
    for place, wanted in places:
        for name, height in wanted.items():
            path = shown_at(settings.home.resolve(), place) / f"{name}.html"
            if path.is_file():
                yield f"report_{name}", path, height


@contextmanager
def _console(settings: Settings) -> Iterator[str]:
    """The console behind its guard, and the address that opens it."""
    sockets = private_folder("pictures-")
    component = programs.console(settings, _free_port(), sockets / "console")
    guard = guard_component(settings, [component])
    log = settings.decision_log
    environment = {**programs.environment_of(settings), "CREDIT_PLATFORM_DECISION_LOG_URL": log}
    running = [RunningComponent.start(one, environment) for one in (component, guard)]
    try:
        while not all(one.answers() for one in running):
            if any(one.exit_code is not None for one in running):
                raise CreditPlatformError("The console did not start.", f"Look at {settings.home}/logs/console.log.")
            Event().wait(0.25)
        yield f"{component.url}/?token={TokenFile.of(settings).read()}"
    finally:
        stop_all(running, Grace(interrupt=5), Event())
        shutil.rmtree(sockets)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _french(page: Page) -> None:
    months, amount = page.get_by_role("textbox", name="Durée"), page.get_by_role("textbox", name="Montant")
    months.fill("500")
    amount.fill("1.500")
    decide = page.get_by_role("button", name="Demander la décision")
    decide.click()
    page.get_by_text("Il faut un nombre entier de 1 à 120").first.wait_for()
    _take(page, "console_faults", 1000)
    page.set_viewport_size({"width": PHONE, "height": 844})
    _take(page, "console_phone", 844)
    page.set_viewport_size({"width": WIDE, "height": 1000})
    page.get_by_role("link", name="Portefeuille").click()
    page.get_by_role("heading", name="Coût d’autres limites").wait_for()
    _take(page, "console_portfolio", 1500)


def _english(page: Page) -> None:
    page.get_by_role("combobox", name="Example").click()
    page.get_by_role("option", name="A typical refused").click()
    page.get_by_role("button", name="Ask for the decision").click()
    page.get_by_role("tab", name="Why this score").wait_for()
    _take(page, "console_applicant", 1700, end=True)
    page.get_by_role("button", name="Show the record").click()
    page.get_by_role("heading", name="What was sent").wait_for()
    _take(page, "console_decisions", 1500)


def _take(page: Page, name: str, height: int | None = None, *, end: bool = False) -> None:
    """Save what is shown once the page has come to rest: from its top on, or its `end`."""
    if height is not None:
        page.set_viewport_size({"width": page.viewport_size["width"] if page.viewport_size else WIDE, "height": height})
    _rest(page)
    place = "one.scrollHeight" if end else "0"
    page.evaluate(f"(one => one?.scrollTo(0, {place}))(document.querySelector('[data-testid=stMain]'))")
    _rest(page)
    page.screenshot(path=IMAGES / f"{name}.png")
    sys.stdout.write(f"{IMAGES / name}.png\n")


def _rest(page: Page) -> None:
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton]')")
    seen: bytes | None = None
    for _ in range(40):
        now = page.screenshot()
        if now == seen:
            return
        seen = now
        page.wait_for_timeout(500)


if __name__ == "__main__":
    sys.exit(main())
