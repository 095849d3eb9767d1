"""Evidence is what it says, and a champion is only compared on the same applicants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from credit_platform.errors import ModellingError
from credit_platform.governance.evidence import Evidence
from credit_platform.modelling.threshold import choose_threshold
from credit_platform_tests.unit.governance.samples import CHAMPION, PORTFOLIO, gate_input


def test_evidence_at_a_threshold_refuses_from_it_on() -> None:
    evidence = Evidence.at_threshold([0, 1, 1], [0.1, 0.3, 0.2], 0.2)

    assert evidence.refused.tolist() == [False, True, True]
    assert evidence.costs(PORTFOLIO.costs).tolist() == [0.0, 0.0, 0.0]


def test_cross_fitted_evidence_is_decided_like_the_quoted_cost() -> None:
    given = gate_input().development
    fold = np.arange(given.y.size) % 5

    evidence = Evidence.cross_fitted(given.y, given.probability, fold, PORTFOLIO.costs, seed=3)

    choice = choose_threshold(given.y, given.probability, PORTFOLIO.costs, fold, seed=3)
    assert evidence.costs(PORTFOLIO.costs).mean() == pytest.approx(choice.cost_per_applicant_cross_fitted)


def test_pooled_evidence_is_development_then_holdout() -> None:
    given = gate_input()

    pooled = given.pooled

    assert pooled.y.tolist() == [*given.development.y, *given.holdout.y]
    assert pooled.probability.tolist() == [*given.development.probability, *given.holdout.probability]
    assert pooled.refused.tolist() == [*given.development.refused, *given.holdout.refused]


def test_scores_that_are_not_numbers_are_no_evidence() -> None:
    with pytest.raises(ModellingError, match="not finite"):
        Evidence.at_threshold([0, 1], [0.1, float("nan")], 0.2)


def test_a_champion_scored_on_other_applicants_is_refused() -> None:
    given, other = gate_input(seed=1), gate_input(seed=2)

    with pytest.raises(ModellingError, match="logistic_regression version 2 and lightgbm version 4 were scored on"):
        replace(given, champion=CHAMPION, champion_holdout=other.holdout)


def test_a_champion_comes_with_its_scores() -> None:
    given = gate_input()

    with pytest.raises(ValueError, match="or neither"):
        replace(given, champion=CHAMPION)
    with pytest.raises(ValueError, match="or neither"):
        replace(given, champion_holdout=given.holdout)
