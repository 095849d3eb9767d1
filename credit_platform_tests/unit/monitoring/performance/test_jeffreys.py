"""The Jeffreys test against scipy on hand-made bands, and Holm against its definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from credit_platform.monitoring.performance.jeffreys import holm, jeffreys_interval, too_low

BANDS = [(0, 10, 0.05), (3, 40, 0.02), (12, 100, 0.12), (40, 40, 0.5), (1, 5_000, 0.01)]


@pytest.mark.parametrize(("defaults", "loans", "given_pd"), BANDS)
def test_p_value_is_the_posterior_of_jeffreys_prior(defaults: int, loans: int, given_pd: float) -> None:
    expected = beta(defaults + 0.5, loans - defaults + 0.5).cdf(given_pd)
    assert too_low(defaults, loans, given_pd) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("defaults", "loans", "_"), BANDS)
def test_interval_is_that_of_the_posterior_and_reaches_the_ends(defaults: int, loans: int, _: float) -> None:
    found, posterior = jeffreys_interval(defaults, loans), beta(defaults + 0.5, loans - defaults + 0.5)
    assert found.estimate == defaults / loans
    assert found.low == pytest.approx(posterior.ppf(0.025) if defaults else 0.0)
    assert found.high == pytest.approx(posterior.ppf(0.975) if defaults < loans else 1.0)


def test_holm_by_hand() -> None:
    # Holm (1979): 3 x 0.01, 2 x 0.04 and 1 x 0.03, none below the one before it.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(0.0 <= raw <= new <= 1.0 for raw, new in zip(values, adjusted, strict=True))
    pairs = sorted(zip(values, adjusted, strict=True))
    assert [new for _, new in pairs] == sorted(new for _, new in pairs)
