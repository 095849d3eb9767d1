"""Who is refused learns what to ask for, of whom, and which data were used; in the language asked for."""

from __future__ import annotations

import json

import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.reason import Contact
from credit_platform.scoring import DataUsed
from credit_platform.scoring.decision import Language, Outcome
from credit_platform.scoring.rights import RightsWords, sources_of

PORTFOLIO = get_portfolio("home_credit")
WORDS = RightsWords.of(Contact(name="Ms N", email="n@bank.example", example=False), PORTFOLIO.reasons)


def test_nobody_who_is_accepted_needs_them() -> None:
    assert WORDS.rights("accepted", DataUsed(), "en") is None


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("outcome", ["refused", "review"])
def test_rights_name_whom_to_ask(outcome: Outcome, language: Language) -> None:
    rights = WORDS.rights(outcome, DataUsed(), language)
    assert rights is not None
    assert "n@bank.example" in rights.how
    assert "Ms N" in rights.how
    assert rights.contact["example"] is False
    assert "2023/2225" in rights.grounds
    assert len(rights.data_used) == 1


def test_the_data_are_those_that_were_looked_at() -> None:
    used = DataUsed(histories=("bureau",), stored="home_credit/features/applicants version 3")
    rights = WORDS.rights("refused", used, "en")
    assert rights is not None
    assert rights.data_used == (
        "the answers in your application",
        "what the credit bureau knows of your credits with other lenders, as of "
        "home_credit/features/applicants version 3",
    )
    brought = WORDS.rights("refused", DataUsed(histories=("bureau", "credit_card_balance")), "fr")
    assert brought is not None
    assert len(brought.data_used) == 3
    assert not any("version" in one for one in brought.data_used)


def test_words_come_back_from_json() -> None:
    again = RightsWords.from_json(json.loads(json.dumps(WORDS.to_json())))
    used = DataUsed(histories=("bureau",), stored="t version 1")
    assert again.rights("refused", used, "fr") == WORDS.rights("refused", used, "fr")


def test_every_history_has_a_source_with_words() -> None:
    tables = [table for source in sources_of(PORTFOLIO.reasons) for table in source.tables]
    applications = {PORTFOLIO.training_table, PORTFOLIO.scoring_table}
    assert sorted(tables) == sorted(table.name for table in PORTFOLIO.tables if table.name not in applications)


def test_the_contact_that_ships_says_that_it_is_made_up() -> None:
    contact = get_portfolio("german_credit").contact
    assert contact.example
    assert "exemple" in contact.name
    assert contact.email.endswith(".example")
