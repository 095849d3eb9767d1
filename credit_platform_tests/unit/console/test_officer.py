"""Each officer signs in with a key of their own, and what they do has their name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bento.http.access import Gatekeeper
from credit_platform.api_keys import KeyFile, KeyRing, Scope, new_key
from credit_platform.logs.lines import FIELDS
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.settings import Settings
from credit_platform_tests.unit.console.conftest import Bridge
from credit_platform_tests.unit.console.test_app import start
from credit_platform_tests.unit.console.views.test_applicant import button, said

Make = Callable[..., tuple[str, str]]


@pytest.fixture
def keys(service: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    """A service that asks for keys, and a console in which people sign in."""
    file = KeyFile(tmp_path / "keys.json")
    service.app.state.service.gatekeeper = Gatekeeper(KeyRing(file, look_every=0))
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_SIGN_IN", "true")
    return file


def made(file: KeyFile, name: str, *scopes: Scope) -> tuple[str, str]:
    text, stored = new_key(name, scopes)
    file.add(stored)
    return text, stored.id


def sign_in(page: AppTest, key: str) -> AppTest:
    page.text_input(key="officer_key").input(key)
    return button(page, "Sign in")


def test_nothing_is_shown_before_somebody_signed_in(keys: KeyFile) -> None:
    made(keys, "ada", Scope.SCORE, Scope.EXPLAIN)
    page = start()
    assert not page.exception
    assert [title.value for title in page.title] == ["Sign in"]
    page = sign_in(page, "cp_00000000_wrong")
    assert "does not know this key" in said(page)
    assert [title.value for title in page.title] == ["Sign in"]


def test_a_key_that_may_neither_decide_nor_explain_is_no_officers(keys: KeyFile) -> None:
    key, _ = made(keys, "operator", Scope.ADMIN)
    assert "may neither decide nor explain" in said(sign_in(start(), key))


def test_a_decision_names_who_asked_and_a_revoked_key_ends_the_visit(
    keys: KeyFile, home: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="credit_platform.console.officer")
    key, number = made(keys, "ada lovelace", Scope.SCORE, Scope.EXPLAIN)
    page = sign_in(start(), key)
    assert not page.exception
    assert "You are: **ada lovelace**" in said(page)
    page = button(page, "Ask for the decision")
    (record,) = DecisionStore(home.decision_log).search()
    assert (record.client_name, record.client) == ("ada lovelace", number)
    (line,) = [one for one in caplog.records if one.name == "credit_platform.console.officer"]
    assert (line.message, getattr(line, FIELDS)) == ("signed in", {"officer": "ada lovelace"})

    keys.revoke(number)
    import streamlit as st  # noqa: PLC0415  # as the minute that keys are remembered for would end

    st.cache_resource.clear()
    page = page.run()
    assert [title.value for title in page.title] == ["Sign in"]
    assert "no longer good" in said(page)
    assert "ada" not in said(page)


def test_the_next_officer_sees_nothing_of_the_one_before(keys: KeyFile) -> None:
    key, _ = made(keys, "ada", Scope.SCORE, Scope.EXPLAIN)
    page = button(sign_in(start(), key), "Ask for the decision")
    page = page.button(key="sign_out").click().run()
    assert [title.value for title in page.title] == ["Sign in"]
    assert all(name not in page.session_state for name in ("draft", "result", "officer"))
    other, _ = made(keys, "grace", Scope.SCORE, Scope.EXPLAIN)
    page = sign_in(page, other)
    assert "You are: **grace**" in said(page)
    assert "the risk of" not in said(page)
