"""The reasons of both portfolios pass the review, and the review finds what it is for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from credit_platform.governance.reason_review import review_reasons, unexplained_features
from credit_platform.portfolios import all_portfolios, get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Condition, Reason, Wording

GOOD = Reason(
    code="income",
    adverse_fr="Vos revenus laissent peu de marge.",
    adverse_en="Your income leaves little room.",
    favourable_fr="Vos revenus parlent en votre faveur.",
    favourable_en="Your income speaks in your favour.",
)


def with_reason(**texts: Any) -> Portfolio:
    return replace(get_portfolio("german_credit"), reasons=(replace(GOOD, **texts),))


@pytest.mark.parametrize("portfolio", all_portfolios(), ids=lambda portfolio: portfolio.name)
def test_every_sentence_of_our_portfolios_passes(portfolio: Portfolio) -> None:
    assert review_reasons(portfolio) == []
    assert unexplained_features(portfolio, [feature.name for feature in portfolio.features]) == []


def test_a_good_sentence_passes() -> None:
    assert review_reasons(with_reason()) == []


@pytest.mark.parametrize(
    ("side", "text", "fault"),
    [
        ("adverse_en", "Your score is too low.", "names the machinery"),
        ("adverse_fr", "Votre score est trop bas.", "names the machinery"),
        ("adverse_fr", "Vous êtes sous le seuil.", "names the machinery"),
        ("adverse_en", "You are a bad payer.", "it blames"),
        ("adverse_fr", "Vous êtes insolvable.", "it blames"),
        ("adverse_en", "Income leaves little room.", "does not address the applicant"),
        ("adverse_en", "You earn less than 1200 a month.", "figures"),
        ("adverse_en", "Your income leaves little room", "full stop"),
        ("adverse_en", "  ", "it is empty"),
        ("adverse_fr", "Vos revenus comptent; un autre montant aide.", "punctuation"),
        ("adverse_en", "Your income counts ; another amount helps.", "punctuation"),
        ("adverse_en", "Your income " + "really " * 30 + "counts.", "longer than"),
    ],
)
def test_a_sentence_that_would_not_do_is_named(side: str, text: str, fault: str) -> None:
    findings = review_reasons(with_reason(**{side: text}))
    assert any(finding.startswith(f"income, {side.replace('_', ' ')}") and fault in finding for finding in findings)


@pytest.mark.parametrize(
    ("wording", "fault"),
    [
        ({"when": (Condition("shoe_size", ">", 1),)}, "there is no feature shoe_size"),
        ({"when": ()}, "it has no condition"),
        ({"situation": "not_looked_at"}, "no source that could be left out"),
        ({"en": "Your score is low.", "when": (Condition("application__amount", ">", 1),)}, "names the machinery"),
        ({"fr": "Votre revenu 12.", "when": (Condition("application__amount", ">", 1),)}, "figures"),
    ],
)
def test_wordings_are_reviewed_like_the_others(wording: dict[str, Any], fault: str) -> None:
    good: dict[str, Any] = {"situation": "adverse", "fr": "Votre revenu est petit.", "en": "Your income is small."}
    reasons = (replace(GOOD, wordings=(Wording(**{**good, **wording}),)),)
    findings = review_reasons(replace(get_portfolio("german_credit"), reasons=reasons))
    assert any(fault in finding for finding in findings)


def test_two_families_must_not_say_the_same() -> None:
    portfolio = replace(get_portfolio("german_credit"), reasons=(GOOD, replace(GOOD, code="wealth")))
    assert "wealth says the same as income" in review_reasons(portfolio)[0]


def test_a_feature_without_family_or_texts_is_unexplained() -> None:
    portfolio = get_portfolio("german_credit")
    first = portfolio.features[0]
    emptied = tuple(replace(r, adverse_fr=" ") if r.code == first.reason else r for r in portfolio.reasons)

    assert unexplained_features(portfolio, ["mystery", first.name]) == ["mystery"]
    assert first.name in unexplained_features(replace(portfolio, reasons=emptied), [first.name])
