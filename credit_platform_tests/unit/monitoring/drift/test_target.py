"""Default rates against those that were expected."""

from __future__ import annotations

import polars as pl
import pytest
from scipy import stats

from credit_platform.errors import ModellingError
from credit_platform.monitoring.drift.advice import recommendations
from credit_platform.monitoring.drift.reference import Reference
from credit_platform.monitoring.drift.target import target_drift
from credit_platform_tests.unit.monitoring.drift.made_up import drift_of, people


def outcomes(*pairs: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"outcomes": pl.Int64, "defaults": pl.Int64}, orient="row")


def test_the_same_rate_is_stable_and_the_interval_is_that_of_jeffreys(reference: Reference) -> None:
    expected = target_drift(outcomes((1000, 230)), reference).expected
    found = target_drift(outcomes((600, round(600 * expected)), (400, round(400 * expected))), reference)
    assert (found.outcomes, found.verdict) == (1000, "stable")
    exact = stats.beta.ppf([0.025, 0.975], found.defaults + 0.5, found.outcomes - found.defaults + 0.5)
    assert [found.low, found.high] == pytest.approx(exact)
    assert "no material difference" in found.sentence


def test_many_more_defaults_are_a_reason_to_look(reference: Reference) -> None:
    found = target_drift(outcomes((1000, 500)), reference)
    assert found.verdict == "moved"
    advice = recommendations(drift_of(people(1000, 2), reference), found)
    assert any("calibration" in sentence for sentence in advice)


def test_few_or_no_outcomes_say_nothing(reference: Reference) -> None:
    assert target_drift(outcomes((20, 15)), reference).verdict == "too few"
    none = target_drift(outcomes(), reference)
    assert (none.verdict, none.rate, none.low, none.high, none.psi, none.p) == ("too few", 0.0, 0.0, 1.0, 0.0, 1.0)
    assert "No outcome is mature yet" in none.sentence


def test_more_defaults_than_outcomes_cannot_be(reference: Reference) -> None:
    with pytest.raises(ModellingError, match="5 defaults among 3 outcomes"):
        target_drift(outcomes((3, 5)), reference)
