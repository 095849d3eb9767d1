"""Texts of the reasons: whole sentences, in both languages, that neither blame nor give a score."""

from __future__ import annotations

import re

import pytest

from credit_platform.portfolios.home_credit.reasons import REASONS
from credit_platform.portfolios.reason import Reason

WORDS_OF_A_REASON_THAT_HELPS_NOBODY = re.compile(
    r"\bscore|\bthreshold|\bseuil|\bmodel|\bmodèle|\balgorith|\bprobab|\bfault|\bfaute", re.IGNORECASE
)


def test_codes_are_unique_and_few_enough_to_tell_apart() -> None:
    codes = [reason.code for reason in REASONS]
    assert len(codes) == len(set(codes))
    assert 15 <= len(codes) <= 30


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("adverse", [True, False])
def test_a_text_is_one_sentence_to_the_applicant(reason: Reason, language: str, adverse: bool) -> None:
    text = reason.text(language, adverse=adverse)
    assert re.fullmatch(r"[A-ZÀ-Ý][^.!?]{20,180}\.", text)
    assert re.search(r"\b(vous|votre|vos)\b" if language == "fr" else r"\byou(r)?\b", text, re.IGNORECASE)
    assert not WORDS_OF_A_REASON_THAT_HELPS_NOBODY.search(text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_two_reasons_say_the_same(language: str) -> None:
    texts = [reason.text(language, adverse=adverse) for reason in REASONS for adverse in (True, False)]
    assert len(texts) == len(set(texts))
