"""The console as a whole: language, portfolio, and no service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from credit_platform.serving.running_services import FILE_NAME
from credit_platform.settings import Settings
from credit_platform_tests.unit.console.conftest import Bridge
from credit_platform_tests.unit.console.views.test_applicant import said

APP = "from credit_platform.console.app import main; main()"


def start() -> AppTest:
    return AppTest.from_string(APP, default_timeout=30).run()


def test_the_language_changes_and_what_was_typed_stays(service: Bridge) -> None:
    page = start()
    assert not page.exception
    assert page.title[0].value == "Applicant"
    page = next(one for one in page.text_input if one.label == "Amount (DM) *").input("4,321").run()
    page = next(one for one in page.text_input if one.label.startswith("Your reference")).input("A-1").run()
    page = page.radio(key="language_choice").set_value("fr").run()
    assert not page.exception
    assert page.title[0].value == "Demandeur"
    assert next(one for one in page.text_input if one.label == "Montant (DM) *").value == "4321"
    assert next(one for one in page.text_input if one.label.startswith("Votre référence")).value == "A-1"
    page = page.radio(key="language_choice").set_value("en").run()
    assert next(one for one in page.text_input if one.label.startswith("Your reference")).value == "A-1"


def test_what_a_browser_sends_of_the_language_before_is_no_choice_of_an_example(service: Bridge) -> None:
    """It does so when somebody clicks before it has heard which widgets are gone, and Streamlit calls that a change."""
    page = start()
    page = next(one for one in page.text_input if one.label == "Amount (DM) *").input("4,321").run()
    page = next(one for one in page.text_input if one.label.startswith("Your reference")).input("A-1").run()
    before = page._tree.get_widget_states()
    page = page.radio(key="language_choice").set_value("fr").run()
    page = page._run(before)
    assert page.title[0].value == "Applicant"
    assert next(one for one in page.text_input if one.label == "Amount (DM) *").value == "4321"
    assert next(one for one in page.text_input if one.label.startswith("Your reference")).value == "A-1"


def test_the_language_of_the_settings_comes_first(service: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_LANGUAGE", "fr")
    assert start().title[0].value == "Demandeur"


def test_without_a_service_it_says_what_to_do(service: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "new"))
    page = start()
    assert not page.exception
    assert "No scoring service is running" in said(page)


def test_a_spoilt_file_of_services_is_a_sentence(
    service: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE_NAME).write_text("{", encoding="utf-8")
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    page = start()
    assert not page.exception
    assert "start the services again" in said(page)


def test_with_two_services_a_portfolio_is_chosen(
    service: Bridge, home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = [{"portfolio": one, "url": f"http://{one}", "key": None} for one in ("german_credit", "home_credit")]
    (tmp_path / FILE_NAME).write_text(json.dumps(services), encoding="utf-8")
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    page = start()
    assert not page.exception
    chosen = next(one for one in page.selectbox if one.label == "Portfolio")
    assert list(chosen.options) == ["German Credit", "Home Credit"]


def test_a_wrong_setting_is_a_sentence(service: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_REFRESH_SECONDS", "soon")
    page = start()
    assert not page.exception
    assert "CREDIT_PLATFORM_CONSOLE_REFRESH_SECONDS" in said(page)
