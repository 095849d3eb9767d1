"""The letter of a refusal says what the log says, and no more."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from credit_platform.console.letter import Sender, can_be_written, refusal_letter
from credit_platform.console.texts import Texts
from credit_platform.monitoring.decision_log import DecisionStore, StoredDecision
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.settings import Settings
from credit_platform_tests.unit.console.conftest import Bridge

EXAMPLES = get_portfolio("german_credit").examples
TODAY = date(2026, 12, 1)
SENDER = Sender("Banque <Été> & Cie", "ada lovelace")


def decide(home: Settings, example: str, language: str, reference: str | None = None) -> StoredDecision:
    with ServiceClient(ServiceAccess("german_credit", "http://service", None)) as client:
        client.predict(Asked(EXAMPLES[example], reference), language)
    (found,) = DecisionStore(home.decision_log).search()
    return found


def words(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_has_the_reasons_and_rights_that_were_given_in_their_language(
    service: Bridge, home: Settings, language: str
) -> None:
    decision = decide(home, "refused", language, "A-1")
    # Whatever the page is in: reasons and rights were logged in one language.
    letter = refusal_letter(decision, SENDER, Texts("fr", "german_credit"), TODAY)
    said = words(letter).replace("\u2019", "'").replace("\u202f", " ").replace("\u00a0", " ")
    rights = json.loads(decision.answer)["rights"]
    assert f"lang='{language}'" in letter
    for text in (*(reason["text"] for reason in decision.reasons), rights["review"], rights["how"], rights["grounds"]):
        assert text in said
    assert decision.request_id in said
    assert "A-1" in said
    assert "Banque <Été> & Cie" in said
    assert "Banque <" not in letter
    assert "ada lovelace" in said
    assert "%" not in said


def test_a_contact_that_is_made_up_cannot_be_overlooked(service: Bridge, home: Settings) -> None:
    decision = decide(home, "refused", "en")
    assert "Not to be sent" in refusal_letter(decision, SENDER, Texts("en"), TODAY)
    answer = json.loads(decision.answer)
    answer["rights"]["contact"]["example"] = False
    real = replace(decision, answer=json.dumps(answer))
    assert "Not to be sent" not in refusal_letter(real, SENDER, Texts("en"), TODAY)


def test_only_a_refusal_whose_rights_were_logged_has_a_letter(service: Bridge, home: Settings) -> None:
    accepted = decide(home, "accepted", "en")
    assert not can_be_written(accepted)
    refused = replace(accepted, decision="refused")
    assert not can_be_written(refused), "its rights are not known"
