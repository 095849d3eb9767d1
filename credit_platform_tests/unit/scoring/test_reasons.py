from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import ScorerError
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import ReasonMap
from credit_platform.scoring.decision import Language, Outcome

PORTFOLIO = get_portfolio("german_credit")
NAMES = [feature.name for feature in PORTFOLIO.features]
MAP = ReasonMap(PORTFOLIO, NAMES)

contributions = st.lists(st.floats(-5, 5), min_size=len(NAMES), max_size=len(NAMES))


def test_an_unmapped_feature_is_refused() -> None:
    with pytest.raises(ScorerError, match="no reason for shoe_size"):
        ReasonMap(PORTFOLIO, [*NAMES, "shoe_size"])
    first = PORTFOLIO.reasons[0]
    with pytest.raises(ScorerError, match="no reason for"):
        ReasonMap(replace(PORTFOLIO, reasons=tuple(r for r in PORTFOLIO.reasons if r != first)), NAMES)


@settings(deadline=None)
@given(contributions)
def test_families_keep_the_whole_sum(values: list[float]) -> None:
    row = np.array([values])
    families = MAP.by_family(row)
    assert families.shape == (1, len(MAP.codes))
    assert families.sum() == pytest.approx(row.sum(), abs=1e-9)
    for code, value in zip(MAP.codes, families[0], strict=True):
        own = [v for v, feature in zip(values, PORTFOLIO.features, strict=True) if feature.reason == code]
        assert value == pytest.approx(sum(own), abs=1e-9)


@settings(deadline=None)
@given(contributions, st.sampled_from(["fr", "en"]))
def test_the_strongest_families_of_the_right_side_are_given(values: list[float], language: Language) -> None:
    families = MAP.by_family(np.array([values]))[0]
    sides: dict[Outcome, int] = {"refused": 1, "review": 1, "accepted": -1}
    for outcome, sign in sides.items():
        reasons = MAP.choose(families, outcome, language)
        strength = sorted((sign * families)[sign * families > 0], reverse=True)[:4] or [max(sign * families)]
        assert [sign * reason.contribution for reason in reasons] == strength
        for reason in reasons:
            words = PORTFOLIO.reason(reason.code).text(language, adverse=outcome != "accepted")
            assert reason.text == words


def test_equal_families_are_ranked_by_code() -> None:
    reasons = MAP.choose(np.ones(len(MAP.codes)), "refused", "en")
    assert [reason.code for reason in reasons] == MAP.codes[:4]


def test_nobody_is_refused_without_a_reason() -> None:
    families = -np.arange(1.0, len(MAP.codes) + 1)
    (reason,) = MAP.choose(families, "refused", "fr")
    assert reason.contribution == -1.0
    assert reason.text == PORTFOLIO.reason(MAP.codes[0]).adverse_fr
