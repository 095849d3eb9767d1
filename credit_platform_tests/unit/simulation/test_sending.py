"""Which service is asked, and what is counted; sending itself is tried in unit/cli/test_simulate.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import ServiceError
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.settings import Settings
from credit_platform.simulation.sending import Outcome, choose_service


def test_the_only_running_service_is_chosen(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    both = [ServiceAccess("german_credit", "http://a"), ServiceAccess("home_credit", "http://b")]
    with pytest.raises(ServiceError, match="No scoring service is running"):
        choose_service(settings, None)
    with announced(settings, both[:1]):
        assert choose_service(settings, None) == both[0]
        with pytest.raises(ServiceError, match="No scoring service of home_credit"):
            choose_service(settings, "home_credit")
    with announced(settings, both):
        assert choose_service(settings, "home_credit") == both[1]
        with pytest.raises(ServiceError, match="Several services"):
            choose_service(settings, None)


def test_quantiles_are_those_of_the_answers() -> None:
    outcome = Outcome(seconds=[n / 1000 for n in range(1, 101)])
    assert [outcome.quantile(share) for share in (0.5, 0.95, 0.99, 1.0)] == pytest.approx([50, 95, 99, 100])
