"""The monitoring policy: what a lender may not decide."""

import pytest

from credit_platform.portfolios import all_portfolios
from credit_platform.portfolios.portfolio import MonitoringPolicy


def test_every_portfolio_has_a_policy_and_paris_is_the_default() -> None:
    assert {portfolio.monitoring.zone.key for portfolio in all_portfolios()} == {"Europe/Paris"}


@pytest.mark.parametrize("timezone", ["Europe/Atlantis", "", "/etc/passwd"])
def test_a_timezone_that_does_not_exist_is_refused_by_name(timezone: str) -> None:
    with pytest.raises(ValueError, match="no timezone"):
        MonitoringPolicy(timezone=timezone)


@pytest.mark.parametrize(
    "wrong",
    [{"maturity_months": 0}, {"least_mature_outcomes": 0}, {"least_mature_defaults": 0}, {"cool_down_days": -1}],
)
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="of a monitoring policy"):
        MonitoringPolicy(**wrong)  # type: ignore[arg-type]  # values of a test
