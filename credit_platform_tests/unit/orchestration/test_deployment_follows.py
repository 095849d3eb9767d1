"""What is promoted is deployed: once, in a run of its own, and not again because it failed."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from credit_platform.orchestration.assets.deployment import deployment_asset
from credit_platform.orchestration.automation import follows_the_bento
from credit_platform.orchestration.policies import asset_key

# Dagster's own function to try conditions calls what it warns of itself.
pytestmark = pytest.mark.filterwarnings("ignore:Parameter `include_sources` of function `AssetSelection.all`")
BENTO, DEPLOYMENT = asset_key("toy", "serving", "bento"), deployment_asset("toy")


class World:
    """A Bento, its deployment, and a daemon that looks."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.fails, self.cursor = instance, False, None

        @dg.asset(key=BENTO)
        def bento() -> None: ...

        @dg.asset(key=DEPLOYMENT, deps=[BENTO], automation_condition=follows_the_bento())
        def deployment() -> None:
            if self.fails:
                raise dg.Failure("It was taken back.")

        self._defs = dg.Definitions(assets=[bento, deployment])
        self._bento, self._deployment = bento, deployment

    def promote(self) -> None:
        dg.materialize([self._bento], instance=self.instance)

    def deploy(self) -> None:
        dg.materialize([self._deployment], instance=self.instance, selection=[DEPLOYMENT], raise_on_error=False)

    def look(self) -> int:
        """How many runs one look asks for."""
        result = dg.evaluate_automation_conditions(self._defs, self.instance, cursor=self.cursor)
        self.cursor = result.cursor  # type: ignore[assignment]  # its class is private
        return result.total_requested


@pytest.fixture
def world() -> Iterator[World]:
    with dg.instance_for_test() as instance:
        yield World(instance)


def test_a_promotion_is_followed_once(world: World) -> None:
    assert world.look() == 0
    world.promote()
    assert [world.look(), world.look()] == [1, 0]
    world.deploy()
    assert world.look() == 0


def test_a_rollback_which_no_run_makes_is_followed_too(world: World) -> None:
    world.look()
    world.instance.report_runless_asset_event(dg.AssetMaterialization(asset_key=BENTO))
    assert [world.look(), world.look()] == [1, 0]


def test_one_that_failed_is_not_repeated_before_something_else_is_promoted(world: World) -> None:
    world.look()
    world.promote()
    assert world.look() == 1
    world.fails = True
    world.deploy()
    assert [world.look() for _ in range(5)] == [0] * 5
    world.promote()
    assert world.look() == 1
