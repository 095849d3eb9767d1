from __future__ import annotations

import pytest

from credit_platform.portfolios.german_credit.reasons import REASONS
from credit_platform.portfolios.reason import Reason


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_texts_are_sentences_in_two_languages(reason: Reason) -> None:
    texts = [reason.text(language, adverse=adverse) for language in ("fr", "en") for adverse in (True, False)]
    assert len(set(texts)) == 4
    for text in texts:
        assert text.endswith(".")
        assert text[0].isupper()
        assert "score" not in text.lower()


def test_codes_are_unique() -> None:
    codes = [reason.code for reason in REASONS]
    assert len(set(codes)) == len(codes)


def test_nobody_is_told_of_an_employer() -> None:
    """The data hold the time in the present employment, also of people who work for themselves."""
    texts = [text for reason in REASONS for one in reason.all_wordings for text in (one.fr, one.en)]
    assert not [text for text in texts if "employer" in text or "employeur" in text]
