"""The console in a real browser: decide, explain, what if, language, record, replay, portfolio; no error on the way."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest

from credit_platform.local import programs
from credit_platform.local.guard.component import guard_component
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.sockets import private_folder
from credit_platform.local.supervisor import Grace, RunningComponent, stop_all
from credit_platform.monitoring.decision_log import DecisionStore, Filter
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.settings import Settings
from credit_platform_tests.console_home import make_console_home
from credit_platform_tests.e2e.accessibility import barriers
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.logged import found_in_logs, log_lines

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
REFERENCE = "console-1"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}: apt-get install chromium"),
]


@pytest.fixture
def console(served: Served, tmp_path: Path, unused_port: int) -> Iterator[str]:
    """The console in front of the service that all tests share, with tables of its own and the service's log."""
    settings = make_console_home(tmp_path / "home", served.scorer, served.scorer_folder)
    own = {"CREDIT_PLATFORM_DECISION_LOG_URL": served.settings.decision_log}
    access = ServiceAccess("german_credit", served.service.url, served.service.key)
    with announced(settings, [access]), running_console(settings, unused_port, own) as address:
        yield address
    # What was typed, and who it is about.
    typed = [REFERENCE, "console-2", "2 500 000", "2500000", "1 500,00", "1500"]
    assert found_in_logs(settings.home, typed) == found_in_logs(served.settings.home, typed) == []


@contextmanager
def running_console(settings: Settings, port: int, variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """The console of a home behind its guard, and the address that opens it; at the end its log holds no traceback."""
    # Not below pytest's folder, whose name is too long for a socket.
    sockets = private_folder("console-")
    component = programs.console(settings, port, sockets / "console")
    guard = guard_component(settings, [component])
    environment = {**os.environ, "CREDIT_PLATFORM_HOME": str(settings.home), **(variables or {})}
    running = [RunningComponent.start(one, environment) for one in (component, guard)]
    try:
        for one in running:
            wait_for(one)
        yield f"{component.url}/?token={TokenFile.of(settings).read()}"
    finally:
        stop_all(running, Grace(interrupt=5), Event())
        shutil.rmtree(sockets)
    logged = [line for line in log_lines(settings.home) if "failure" in line or line["level"] in ("error", "critical")]
    assert logged == []


def wait_for(one: RunningComponent) -> None:
    for _ in range(600):
        if one.answers():
            return
        assert one.exit_code is None, one.tail()
        Event().wait(0.25)


def test_a_loan_officer_decides_understands_varies_and_replays(console: str, served: Served, tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  # only where there is a browser

    login, console = console, console.partition("/?")[0]
    assert httpx.get(console, trust_env=False).status_code == 401
    problems: list[str] = []
    elsewhere: list[str] = []
    addresses: set[str] = set()
    with sync_playwright() as playwright:
        # Crash reports and caches of the browser stay out of the home of whoever runs the tests.
        own: dict[str, str | float | bool] = {
            **os.environ,
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=own)
        page = browser.new_page(locale="en-GB", viewport={"width": 1300, "height": 1000})
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda one: None if one.url.startswith((console, "data:", "blob:")) else elsewhere.append(one.url),
        )
        page.on("framenavigated", lambda frame: addresses.add(frame.url))
        page.goto(login)

        # Score.
        page.get_by_role("combobox", name="Example").click()
        page.get_by_role("option", name="A typical refused").click()
        expect(page.get_by_role("textbox", name="Amount")).to_have_value("9000")
        # Perhaps before the page is drawn to its end: the field stays, and with it what is typed.
        page.get_by_role("textbox", name="Your reference").fill(REFERENCE)
        page.get_by_role("textbox", name="Your reference").press("Enter")
        page.get_by_role("button", name="Ask for the decision").click()
        expect(page.get_by_text("Refused: the risk of")).to_be_visible()

        # Explain.
        expect(page.get_by_role("tab", name="Why this score")).to_be_visible()
        expect(page.get_by_text("From the average applicant")).to_be_visible()
        expect(page.locator("canvas, svg.marks").first).to_be_visible()
        page.get_by_role("tab", name="Similar applicants").click()
        expect(page.get_by_text("Of the 50 applicants whose answers")).to_be_visible()

        # What if: nothing is recorded by it.
        page.get_by_role("tab", name="What if").click()
        slider = page.get_by_role("slider", name="Length of the loan")
        slider.focus()
        for _ in range(6):
            slider.press("ArrowLeft")
        expect(page.get_by_text(re.compile("With these values"))).to_be_visible()
        store = DecisionStore(served.settings.decision_log)
        assert store.count(Filter(applicant_id=REFERENCE)) == 1

        # Language: what was typed and decided stays.
        page.get_by_text("Français").click()
        expect(page.get_by_text("Refusé\u00a0: le risque de")).to_be_visible()
        expect(page.get_by_role("textbox", name="Montant")).to_have_value("9000")
        expect(page.get_by_text("Motifs, à l’attention du demandeur")).to_be_visible()

        # The record, and the same decision again.
        page.get_by_role("button", name="Voir l’enregistrement").click()
        expect(page.get_by_text(f"Demandeur\u00a0: {REFERENCE}")).to_be_visible()
        page.get_by_role("button", name="Refaire le calcul").click()
        expect(page.get_by_text("Identique\u00a0: le modèle qui a décidé")).to_be_visible()

        page.get_by_role("link", name="Portefeuille").click()
        expect(page.get_by_text("La dérive n’a pas encore été évaluée")).to_be_visible()
        browser.close()
    assert problems == []
    assert elsewhere == []
    # No personal data in an address: the name of a page, nothing else.
    assert {address.removeprefix(console).strip("/") for address in addresses} <= {
        "",
        "decisions",
        "portfolio",
        "applicant",
    }


def test_what_is_wrong_on_the_screen_is_not_decided(console: str, served: Served, tmp_path: Path) -> None:
    """A field for numbers of the browser keeps 500 months to itself, and 12 would be decided on."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  # only where there is a browser

    store = DecisionStore(served.settings.decision_log)
    wanted = Filter(applicant_id="console-2")
    with sync_playwright() as playwright:
        own: dict[str, str | float | bool] = {
            **os.environ,
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=own)
        page = browser.new_page(locale="fr-FR", viewport={"width": 1300, "height": 1000})
        page.goto(console)
        months, amount = page.get_by_role("textbox", name="Durée"), page.get_by_role("textbox", name="Montant")
        reference, decide = page.get_by_role("textbox", name="référence"), page.get_by_role("button", name="Demander")
        reference.fill("console-2")
        months.fill("500")
        amount.fill("2 500 000")
        # The last one is typed and nothing has been pressed: the button must not decide on what was there before.
        decide.click()
        expect(page.get_by_text("Il faut un nombre entier de 1 à 120 (mois).").first).to_be_visible()
        expect(page.get_by_text("Il faut un nombre entier de 100 à 100\u202f000 (DM).").first).to_be_visible()
        # The page moves what is wrong in between the press and its release; a second press is one.
        decide.click()
        expect(page.get_by_text("Pas de décision tant que")).to_be_visible()
        assert store.count(wanted) == 0
        page.get_by_text("English").click()
        expect(page.get_by_text("It takes a whole number from 1 to 120 (months).").first).to_be_visible()
        expect(page.get_by_role("textbox", name="Length")).to_have_value("500")
        # Back and forth, faster than the page is drawn: what stood there before is no choice of an example.
        for language in ["Français", "English"] * 3 + ["Français"]:
            page.get_by_text(language).click()
        expect(page.get_by_text("Il faut un nombre entier de 1 à 120 (mois).").first).to_be_visible()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        expect(months).to_have_value("500")
        months.fill("24")
        months.press("Enter")
        amount.fill("1 500,00")
        amount.press("Enter")
        expect(page.get_by_text("Lu comme 1\u202f500.")).to_be_visible()
        decide.click()
        expect(page.get_by_text("Décidé d’après\u00a0:")).to_contain_text("1\u202f500 DM")
        expect(page.get_by_text("Décidé d’après\u00a0:")).to_contain_text("24 mois")
        (record,) = store.search(wanted)
        sent = json.loads(str(record.inputs))["application"]
        assert (sent["duration_months"], sent["amount"]) == (24, 1500)
        assert "age_years" not in sent
        browser.close()


def test_no_page_shuts_anybody_out(console: str, tmp_path: Path) -> None:
    """axe-core finds nothing at WCAG A and AA, on a screen and on a telephone; the page says its language itself."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  # only where there is a browser

    expect.set_options(timeout=60_000)
    own: dict[str, str | float | bool] = {
        **os.environ,
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=own)
        page = browser.new_page(locale="fr-FR", viewport={"width": 1300, "height": 1000})
        page.goto(console)
        page.get_by_role("combobox", name="Exemple").click()
        page.get_by_role("option", name="typiquement refusée").click()
        expect(page.get_by_role("textbox", name="Montant")).to_have_value("9000")
        assert barriers(page, "fr") == []
        page.get_by_role("button", name="Demander la décision").click()
        page.get_by_text("Tous les détails du modèle").click()
        assert barriers(page, "fr") == []
        page.get_by_role("tab", name="Et si").click()
        expect(page.get_by_role("slider", name="Durée")).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        # What a telephone folds away is not known to whoever decides.
        expect(page.get_by_text("Portefeuille\u00a0: German Credit")).to_be_visible()
        expect(page.get_by_text("English")).to_be_visible()
        assert barriers(page, "fr") == []
        page.set_viewport_size({"width": 1300, "height": 1000})
        page.get_by_role("button", name="Voir l’enregistrement").click()
        expect(page.get_by_role("heading", name="Ce qui a été envoyé")).to_be_visible()
        assert barriers(page, "fr") == []
        page.get_by_text("English").click()
        page.get_by_role("link", name="Portfolio").click()
        expect(page.get_by_role("heading", name="Drift")).to_be_visible()
        assert barriers(page, "en") == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert barriers(page, "en") == []
        browser.close()
