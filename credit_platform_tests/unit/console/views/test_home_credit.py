"""The form of a portfolio with over a hundred columns and histories, in front of a stand-in of its service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bento.published.openapi import openapi_document
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.serving.service_client import ServiceClient
from credit_platform.settings import Settings
from credit_platform_tests.unit.console.conftest import PAGE
from credit_platform_tests.unit.console.views.test_applicant import button, said

INFO: dict[str, Any] = {
    "portfolio": "home_credit",
    "metadata": {"synthetic": True},
    "accepts_reduced_applications": True,
}


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Bodies that the stand-in was sent; it answers with an error that names a field."""
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            document = openapi_document(get_portfolio("home_credit"))
            return httpx.Response(200, json=document if request.url.path == "/openapi.json" else INFO)
        bodies.append(json.loads(request.content))
        error = {"code": "out_of_range", "message": "No.", "field": "application.AMT_CREDIT"}
        return httpx.Response(422, json={"error": error})

    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    monkeypatch.setattr(ServiceClient, "transport", httpx.MockTransport(answer))
    st.cache_resource.clear()
    with announced(Settings(home=tmp_path), [ServiceAccess("home_credit", "http://service", None)]):
        yield bodies


def test_an_example_goes_with_its_histories_and_every_value_survives_the_form(asked: list[dict[str, Any]]) -> None:
    page = AppTest.from_string(PAGE.format(page="applicant", language="fr"), default_timeout=60).run()
    assert not page.exception
    assert "Données synthétiques" in said(page)
    page = button(page, "Demander la décision")
    assert not page.exception
    # Beside the field what is wrong, in the language of the page; beside the button which field it is.
    assert "Le service n’accepte pas cette valeur, et rien n’a été décidé. Il faut un nombre de 0 à" in said(page)
    assert "Pas de décision tant que ces champs ne sont pas corrects\u00a0: Montant." in said(page)
    portfolio = get_portfolio("home_credit")
    name, example = next(iter(portfolio.examples.items()))
    assert asked[0]["application"] == {key: value for key, value in example.items() if value is not None}
    assert asked[0].get("histories") == json.loads(json.dumps(portfolio.example_histories.get(name)))
