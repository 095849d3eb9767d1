"""Families of reasons: a sentence of last resort on each side, and what is missing is no advantage."""

from __future__ import annotations

from credit_platform.portfolios.reason import Condition
from credit_platform.portfolios.reason_families import known_of, missing, says, stated

UNKNOWN = Condition("x__y", "unknown")


def test_last_resorts_claim_nothing_of_the_person() -> None:
    family = known_of("S", "de votre épargne", "your savings", says("adverse", "a.", "b.", UNKNOWN))
    assert (
        family.adverse_en == "What we know, or do not know, of your savings does not speak enough for this application."
    )
    assert family.favourable_fr == "Ce que nous savons ou ne savons pas de votre épargne ne s'oppose pas à ce prêt."
    assert [wording.when for wording in family.all_wordings] == [(UNKNOWN,), (), ()]
    assert stated("D", "La durée", "The duration").favourable_en == (
        "The duration does not stand in the way of this loan."
    )


def test_what_is_missing_is_no_hindrance_and_no_advantage() -> None:
    favourable, nothing_known = missing("Rien n'est connu.", "Nothing is known.", UNKNOWN)
    assert favourable.en == "Nothing is known; that does not stand in the way of this loan."
    assert favourable.fr == "Rien n'est connu ; cela ne s'oppose pas à ce prêt."
    assert (nothing_known.situation, nothing_known.fr) == ("nothing_known", "Rien n'est connu.")
    assert favourable.when == nothing_known.when == (UNKNOWN,)
