"""What may be kept no longer goes by itself, what must be kept stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import DecisionStore, verify
from credit_platform.monitoring.decision_retention import expired, purge_expired, require_horizon
from credit_platform.orchestration.jobs import retention_job
from credit_platform.orchestration.resources import ClockResource
from credit_platform.orchestration.schedules import retention_schedule
from credit_platform.portfolios import all_portfolios, get_portfolio
from credit_platform.portfolios.retention import Period
from credit_platform.settings import Settings
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record

NOW = datetime(2026, 11, 30, tzinfo=UTC)
GERMAN = get_portfolio("german_credit")


def fill(store: DecisionStore, now: datetime) -> None:
    ages = {"old": 731, "young": 729}
    store.append([make_record(name, decided_at=now - timedelta(days=days)) for name, days in ages.items()])
    store.append([make_record("other", portfolio="home_credit", decided_at=now - timedelta(days=731))])


def test_only_what_the_portfolio_may_keep_no_longer_goes(tmp_path: Path) -> None:
    store = DecisionStore(f"sqlite:///{tmp_path / 'decisions.db'}")
    fill(store, NOW)
    assert expired(store, GERMAN, NOW) == 1
    assert [purge_expired(store, GERMAN, ACT, NOW) for _ in range(3)] == [1, 0, 0]
    assert {one.request_id for one in store.each()} == {"young", "other"}
    [removal] = store.removals()
    assert (removal.portfolio, removal.person, removal.account) == ("german_credit", "K. Auditor", "tester")


def test_a_horizon_below_what_is_declared_is_refused() -> None:
    require_horizon([GERMAN], timedelta(days=730))
    with pytest.raises(DecisionLogError, match=r"home_credit keeps decisions for 1825 days \(GDPR.*730 days are less"):
        require_horizon(all_portfolios(), timedelta(days=730))


def test_every_portfolio_declares_periods_and_grounds() -> None:
    for portfolio in all_portfolios():
        for period in (portfolio.retention.decisions, portfolio.retention.features, portfolio.retention.reports):
            assert "to be confirmed" in period.ground
    with pytest.raises(ValueError, match="at least one day"):
        Period(days=0, ground="x")


def test_the_job_purges_beside_a_service_and_again_and_again(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "société 1")
    store = DecisionStore(settings.decision_log)
    fill(store, datetime.now(UTC))
    job = retention_job(GERMAN, settings)
    with dg.instance_for_test() as instance:
        for _ in range(3):
            assert job.execute_in_process(instance=instance, resources={"clock": ClockResource()}).success
            store.append([make_record(f"beside-{store.count()}", decided_at=datetime.now(UTC))])
    assert store.find("old") is None
    assert [one.person for one in store.removals()] == ["retention job"]
    assert verify(store).is_clean


def test_it_runs_every_day_unless_somebody_stops_it(tmp_path: Path) -> None:
    schedule = retention_schedule(GERMAN, retention_job(GERMAN, Settings(home=tmp_path)))
    assert (schedule.cron_schedule, schedule.default_status) == ("30 1 * * *", dg.DefaultScheduleStatus.RUNNING)
