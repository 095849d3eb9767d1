"""Page 3, as Streamlit runs it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.settings import Settings
from credit_platform_tests.unit.console.conftest import Show
from credit_platform_tests.unit.console.views.test_applicant import button, said


@pytest.fixture
def request_id(show: Show, home: Settings) -> str:
    """One decision in the log."""
    button(show("applicant"), "Ask for the decision")
    return DecisionStore(home.decision_log).search()[0].request_id


def test_an_empty_log_says_so(show: Show) -> None:
    page = show("decisions")
    assert not page.exception
    assert "No decision matches." in said(page)


def test_a_decision_is_found_opened_and_replayed(show: Show, request_id: str) -> None:
    page = show("decisions")
    assert "1 of 1 decision," in said(page)
    assert list(page.dataframe[0].value["Request"]) == [request_id]
    page = page.text_input(key="typed_request").input(request_id).run()
    assert "Accepted: the risk of" in said(page)
    inputs = page.dataframe[1].value
    assert dict(zip(inputs["Field"], inputs["Value"], strict=True))["Purpose of the loan"] == "radio or television"
    page = button(page, "Score it again")
    assert "Equal: the model that decided" in said(page)
    assert not page.exception


def test_a_falsified_decision_is_found_out(show: Show, request_id: str, home: Settings) -> None:
    with sqlite3.connect(home.decision_log.removeprefix("sqlite:///")) as log:
        log.execute("UPDATE decisions SET points = points + 1")
    page = show("decisions-fr").text_input(key="typed_request").input(request_id).run()
    page = button(page, "Refaire le calcul")
    assert "Différent\u00a0: le nouveau calcul" in said(page)
    assert "langue dans laquelle ils ont été donnés" in said(page)


def test_a_decision_whose_model_is_gone_cannot_be_replayed(
    show: Show, request_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "elsewhere"))
    page = show("decisions").text_input(key="typed_request").input(request_id).run()
    assert "cannot be scored again here" in said(button(page, "Score it again"))


def test_the_search_restricts(show: Show, request_id: str) -> None:
    page = show("decisions").selectbox(key="filter-decision-en").select("refused").run()
    assert "No decision matches." in said(page)
    page = page.selectbox(key="filter-decision-en").select("accepted").run()
    assert "1 of 1 decision," in said(page)
    page = page.text_input(key="filter_applicant").input("A-1").run()
    assert "No decision matches." in said(page)


def test_a_request_that_is_not_in_the_log(show: Show, request_id: str) -> None:
    page = show("decisions").text_input(key="typed_request").input("nobody").run()
    assert "There is no decision of this request." in said(page)


def test_a_log_that_keeps_digests_says_so(show: Show, request_id: str, home: Settings) -> None:
    with sqlite3.connect(home.decision_log.removeprefix("sqlite:///")) as log:
        log.execute("UPDATE decisions SET inputs = NULL")
    page = show("decisions").text_input(key="typed_request").input(request_id).run()
    assert "only a digest" in said(page)


def test_a_log_that_cannot_be_read_is_a_sentence(show: Show, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps({}))
    monkeypatch.setenv("CREDIT_PLATFORM_DECISION_LOG_URL", f"sqlite:///{tmp_path}/file/decisions.db")
    assert "cannot be read" in said(show("decisions"))
    assert "cannot be read" in said(show("portfolio"))
