"""Features follow raw tables: once, in one run, and not where somebody makes them anyway."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.definitions.freshness import CronFreshnessPolicy

from credit_platform.orchestration.automation import automation_sensor, follows_raw_tables, made_every_night
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

# Dagster's own function to try conditions calls what it warns of itself.
pytestmark = pytest.mark.filterwarnings("ignore:Parameter `include_sources` of function `AssetSelection.all`")
PORTFOLIO = get_portfolio("home_credit")
Condition = dg.AutomationCondition[dg.AssetKey]
FOLLOWS = follows_raw_tables(PORTFOLIO)
RAW = [asset_key(PORTFOLIO.name, "raw", table.name) for table in PORTFOLIO.tables]
AGGREGATES = [asset_key(PORTFOLIO.name, "aggregates", table.name) for table in PORTFOLIO.tables[:3]]
APPLICANTS = asset_key(PORTFOLIO.name, "features", "applicants")


class World:
    """Assets with the keys of the portfolio, and a daemon that looks."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.fails, self.passes, self.meanwhile = instance, False, True, 0
        self.cursor: object = None
        self.raw = [self._asset(key, []) for key in RAW]
        self.made = [self._asset(key, [RAW[n]], FOLLOWS) for n, key in enumerate(AGGREGATES)]
        self.made.append(self._asset(APPLICANTS, [*RAW, *AGGREGATES], FOLLOWS))

        @dg.asset_check(asset=RAW[0], blocking=True)
        def keys_are_unique() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=self.passes)

        @dg.asset_check(asset=AGGREGATES[0], blocking=True)
        def is_complete() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=True)

        self.check, self.own = keys_are_unique, is_complete

    def _asset(
        self, key: dg.AssetKey, deps: list[dg.AssetKey], condition: Condition | None = None
    ) -> dg.AssetsDefinition:
        group = "_".join(key.path[:2])

        @dg.asset(key=key, deps=deps, group_name=group, automation_condition=condition)
        def made() -> None:
            if key == RAW[-1]:
                self.meanwhile += self.look()
            if self.fails:
                raise dg.Failure("The store is away.")

        return made

    def run(self, *assets: dg.AssetsDefinition) -> bool:
        chosen = [*assets, self.check] if self.raw[0] in assets else [*assets]
        return dg.materialize(chosen, instance=self.instance, raise_on_error=False).success

    def look(self) -> int:
        """How many tables one look asks for."""
        defs = dg.Definitions(assets=[*self.raw, *self.made], asset_checks=[self.check, self.own])
        result = dg.evaluate_automation_conditions(defs, self.instance, cursor=self.cursor)  # type: ignore[arg-type]  # its class is private
        self.cursor = result.cursor
        return result.total_requested


@pytest.fixture
def world() -> Iterator[World]:
    with dg.instance_for_test() as instance:
        yield World(instance)


def test_it_fires_once_for_all_after_ingestion_and_not_while_it_goes_on(world: World) -> None:
    assert world.look() == 0
    world.run(*world.raw)
    assert world.meanwhile == 0
    assert [world.look(), world.look(), world.look()] == [4, 0, 0]
    world.run(*world.made)
    assert world.look() == 0
    world.run(*world.raw)
    assert [world.meanwhile, world.look(), world.look()] == [0, 4, 0]


def test_ingestion_that_ended_before_the_first_look_is_followed_where_features_are_missing(world: World) -> None:
    world.run(*world.raw)
    assert [world.look(), world.look()] == [4, 0]


def test_a_home_whose_features_are_there_is_left_alone_when_the_daemon_starts(world: World) -> None:
    world.run(*world.raw, *world.made)
    assert [world.look(), world.look()] == [0, 0]


def test_a_run_that_makes_features_itself_is_not_followed(world: World) -> None:
    world.look()
    world.run(*world.raw, *world.made)
    assert [world.meanwhile, world.look(), world.look()] == [0, 0, 0]


def test_one_that_fails_is_not_repeated_before_its_inputs_change(world: World) -> None:
    world.look()
    world.run(*world.raw)
    assert world.look() == 4
    world.fails = True
    assert not world.run(*world.made)
    assert [world.look() for _ in range(20)] == [0] * 20
    world.fails = False
    world.run(*world.raw)
    assert world.look() == 4


def test_tables_whose_blocking_check_failed_are_not_followed(world: World) -> None:
    world.look()
    world.passes = False
    world.run(*world.raw)
    assert world.look() < 4
    asked = AGGREGATES[0]
    assert world.instance.get_latest_materialization_event(asked) is None


def test_the_sensor_runs_from_the_start() -> None:
    sensor = automation_sensor(PORTFOLIO, Settings())
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.run_tags["dagster/max_runtime"] == "7200"


def test_what_is_watched_is_late_from_six_where_the_lender_is() -> None:
    policy = made_every_night(PORTFOLIO)
    assert isinstance(policy, CronFreshnessPolicy)
    assert (policy.deadline_cron, policy.timezone) == ("0 6 * * *", "Europe/Paris")
