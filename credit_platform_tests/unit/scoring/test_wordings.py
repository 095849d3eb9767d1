"""Conditions hold when they should, of what is known only; and wordings come back from JSON as they went."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credit_platform.errors import ScorerError
from credit_platform.portfolios import all_portfolios
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Condition, Wording
from credit_platform.scoring.wordings import Phrase, reasons_from_json, reasons_to_json


def fits(operator: Any, bound: Any, value: Any) -> bool:
    wording = Wording(situation="adverse", fr="f", en="e", when=(Condition("x", operator, bound),))
    return Phrase(wording).fits({"x": value}.__getitem__)


@pytest.mark.parametrize(
    ("operator", "bound", "holds", "fails"),
    [
        ("known", None, 0.0, None),
        ("unknown", None, None, 0.0),
        ("==", "rent", "rent", "own"),
        ("==", 1, 1.0, 2.0),
        ("in", ("a", "b"), "b", "c"),
        ("<", 3, 2.9, 3.0),
        ("<=", 3, 3.0, 3.1),
        (">", 3, 3.1, 3.0),
        (">=", 3, 3.0, 2.9),
    ],
)
def test_a_condition_holds_or_fails(operator: str, bound: Any, holds: Any, fails: Any) -> None:
    assert fits(operator, bound, holds)
    assert not fits(operator, bound, fails)
    if operator != "unknown":
        assert not fits(operator, bound, None)


def test_all_conditions_must_hold() -> None:
    when = (Condition("x", ">", 1), Condition("y", "==", "a"))
    phrase = Phrase(Wording(situation="adverse", fr="f", en="e", when=when))
    assert phrase.fits({"x": 2, "y": "a"}.__getitem__)
    assert not phrase.fits({"x": 2, "y": "b"}.__getitem__)
    assert phrase.features == {"x", "y"}


@pytest.mark.parametrize("change", [{"situation": "neutral"}, {"when": (Condition("x", "~", 1),)}])  # type: ignore[arg-type]  # what is tested
def test_what_is_not_known_is_refused(change: dict[str, Any]) -> None:
    good: dict[str, Any] = {"situation": "adverse", "fr": "f", "en": "e"}
    with pytest.raises(ScorerError, match="is not known"):
        Phrase(Wording(**{**good, **change}))
    with pytest.raises(ScorerError, match="is not known"):
        fits(">", None, 1.0)


@pytest.mark.parametrize("portfolio", all_portfolios(), ids=lambda portfolio: portfolio.name)
def test_families_come_back_from_json(portfolio: Portfolio) -> None:
    written = json.loads(json.dumps(reasons_to_json(portfolio.reasons)))
    assert reasons_from_json(written) == portfolio.reasons
