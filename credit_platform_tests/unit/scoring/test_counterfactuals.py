from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from credit_platform.errors import RequestError
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Request, Scorer
from credit_platform.scoring.counterfactuals import MOST, alternatives, find_counterfactuals

PORTFOLIO = get_portfolio("german_credit")
REFUSED = Request(application=PORTFOLIO.examples["refused"])


@pytest.fixture
def scorer(scorer_of: Callable[[str], Scorer]) -> Scorer:
    return scorer_of("logistic_regression")


def test_what_is_found_is_what_the_scorer_says_of_the_changed_applicant(scorer: Scorer) -> None:
    found = find_counterfactuals(scorer, REFUSED)
    assert 1 <= len(found) <= MOST
    for option in found:
        again = scorer.score(replace(REFUSED, application={**REFUSED.application, **option.changes}))
        assert again.probability_of_default == option.probability_of_default
        assert (again.decision == "accepted") == option.accepted


def test_a_decision_that_was_made_before_is_not_made_again(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = find_counterfactuals(scorer, REFUSED)
    decided = scorer.score(REFUSED)
    seen: list[object] = []
    features_of = scorer.features_of

    def watched(request: Request, **more: object) -> object:
        seen.append(request.application)
        return features_of(request, **more)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(scorer, "features_of", watched)
    assert find_counterfactuals(scorer, REFUSED, decided=decided) == expected
    assert REFUSED.application not in seen
    assert find_counterfactuals(scorer, REFUSED, decided=replace(decided, probability_of_default=0.0)) == []


def test_nobody_who_is_accepted_has_to_change(scorer: Scorer) -> None:
    assert find_counterfactuals(scorer, Request(application=PORTFOLIO.examples["accepted"])) == []


def test_a_request_that_cannot_be_scored_is_refused(scorer: Scorer, raw: pl.DataFrame) -> None:
    with pytest.raises(RequestError, match="shoe_size"):
        find_counterfactuals(scorer, replace(REFUSED, application={**REFUSED.application, "shoe_size": 42}))
    with pytest.raises(RequestError, match="is not known"):
        find_counterfactuals(scorer, replace(REFUSED, language="de"))  # type: ignore[arg-type]  # what is tested


def test_alternatives_come_nearest_first_and_keep_within_the_contract() -> None:
    lower = (c for c in PORTFOLIO.application_columns if c.advice == "lower" and c.type.is_integer)
    column = max(lower, key=lambda c: c.maximum or 0)
    value = int(column.maximum or 0) // 2
    others = alternatives(column, value)
    assert others
    assert all(isinstance(other, int) and (column.minimum or 0) <= other < value for other in others)
    assert others == sorted(others, key=lambda other: value - int(str(other)))
    assert alternatives(column, None) == []
