"""What Dagster knows besides runs: ticks, the daemon, code locations, stale tables."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateEvaluation
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RemoteInstigatorOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._daemon.types import DaemonHeartbeat
from dagster_shared.error import SerializableErrorInfo

from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Observation, Problem
from credit_platform.orchestration.run_origin import shown_under_its_job
from credit_platform.orchestration.watching import (
    daemon_observations,
    location_observations,
    observations_of_instance,
    without_contradiction,
)
from credit_platform.settings import Settings

PAGES = "http://pages"


class World:
    """Dagster's records, and a home."""

    def __init__(self, instance: dg.DagsterInstance, home: Path) -> None:
        self.instance, self.home, self.book = instance, home, IncidentBook.of(Settings(home=home))
        self.origin: Any = None

    def look(self) -> dict[str, bool]:
        """Key to whether it is a problem."""
        found = observations_of_instance(self.instance, self.book, self.home, PAGES, time.time())
        return {one.key: isinstance(one, Problem) for one in found}

    def tick(self, name: str, status: TickStatus, error: str | None = None, kind: str = "ValueError") -> None:
        origin = RemoteInstigatorOrigin(repository_origin=repository(self.instance), instigator_name=name)
        state = InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING, SensorInstigatorData())
        if self.instance.get_instigator_state(origin.get_id(), state.selector_id) is None:
            self.instance.add_instigator_state(state)
        fault = None if error is None else SerializableErrorInfo(error, [], kind)
        self.instance.create_tick(
            TickData(
                instigator_origin_id=origin.get_id(),
                instigator_name=name,
                instigator_type=InstigatorType.SENSOR,
                status=status,
                timestamp=time.time(),
                selector_id=state.selector_id,
                error=fault,
            )
        )


def repository(instance: dg.DagsterInstance) -> Any:
    @dg.job
    def noop() -> None:
        """Names the code location."""

    run = shown_under_its_job(instance, "noop").create_run_for_job(noop)
    assert run.remote_job_origin is not None
    return run.remote_job_origin.repository_origin


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with dg.instance_for_test() as instance:
        world = World(instance, tmp_path)
        world.look()
        yield world


def test_a_sensor_that_fails_is_a_problem_until_it_works(world: World) -> None:
    world.tick("fragile", TickStatus.FAILURE, "ValueError: The folder is gone.")
    world.tick("fragile", TickStatus.STARTED)
    assert world.look()["sensor:fragile"]
    world.tick("fragile", TickStatus.SKIPPED)
    assert world.look()["sensor:fragile"] is False


def test_a_code_process_that_does_not_answer_is_one_problem_for_all_sensors(world: World) -> None:
    for name in ("a", "b", "c"):
        world.tick(name, TickStatus.FAILURE, "Unable to reach", "DagsterUserCodeUnreachableError")
    assert world.look() == {"location:credit_platform": True}
    world.tick("b", TickStatus.SKIPPED)
    assert world.look() == {"location:credit_platform": False, "sensor:b": False}


def test_what_failed_before_the_first_look_is_not_told(tmp_path: Path) -> None:
    with dg.instance_for_test() as instance:
        world = World(instance, tmp_path)
        world.tick("fragile", TickStatus.FAILURE, "ValueError: Long ago.")
        assert world.look() == {}


def test_a_run_is_looked_at_when_it_ended_since(world: World) -> None:
    @dg.op
    def breaks() -> None:
        raise dg.Failure("The disk is full.")

    @dg.job
    def doomed() -> None:
        breaks()

    doomed.execute_in_process(instance=world.instance, raise_on_error=False)
    assert world.look() == {"step:breaks": True}


def test_a_daemon_is_dead_after_a_silence_that_somebody_saw(world: World) -> None:
    assert daemon_observations(world.instance, 0, 150, 1000) == []  # none ever ran
    world.instance.add_daemon_heartbeat(DaemonHeartbeat(100.0, "SENSOR", "id", []))
    kinds = [
        isinstance(one, Problem)
        for started, now in ((0, 200), (0, 251), (240, 390), (240, 391))
        for one in daemon_observations(world.instance, started, 150, now)
    ]
    assert kinds == [False, True, False, True]


@pytest.mark.parametrize(("state", "problem"), [(FreshnessState.FAIL, True), (FreshnessState.PASS, False)])
def test_a_table_that_is_late_is_a_problem(world: World, state: FreshnessState, *, problem: bool) -> None:
    key = dg.AssetKey(["toy", "monitoring", "decisions"])

    @dg.asset(key=key)
    def decisions() -> None:
        """Is made."""

    dg.materialize([decisions], instance=world.instance)
    world.look()
    world.instance._report_runless_asset_event(FreshnessStateEvaluation(key=key, freshness_state=state))
    assert world.look().get("stale:toy/monitoring/decisions") in (problem, None)


class WebServer:
    """Answers what Dagster's web server would say of code locations."""

    def __init__(self) -> None:
        self.said: object = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                body = json.dumps({"data": {"workspaceOrError": outer.said}}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    server = WebServer()
    thread = threading.Thread(target=server.server.serve_forever)
    thread.start()
    yield server
    server.server.shutdown()
    thread.join()
    server.server.server_close()


def test_a_code_location_that_does_not_load_says_why(web_server: WebServer) -> None:
    error = {
        "__typename": "PythonError",
        "message": "module=x",
        "causes": [{"message": "RuntimeError: It is\nbroken.\n"}],
    }
    entries = [
        {"name": "good", "loadStatus": "LOADED", "locationOrLoadError": {"__typename": "RepositoryLocation"}},
        {"name": "loading", "loadStatus": "LOADING", "locationOrLoadError": None},
        {"name": "bad", "loadStatus": "LOADED", "locationOrLoadError": error},
    ]
    web_server.said = {"__typename": "Workspace", "locationEntries": entries}
    (one,) = location_observations(web_server.url, None, PAGES, 5.0) or []
    assert (one.key, one.message.startswith("RuntimeError: It is broken. No")) == ("location:bad", True)
    web_server.said = error
    (one,) = location_observations(web_server.url, None, PAGES, 5.0) or []
    assert one.key == "location:credit_platform"


def test_a_web_server_that_does_not_answer_says_nothing(tmp_path: Path) -> None:
    assert location_observations("http://127.0.0.1:9", None, PAGES, 5.0) is None
    assert location_observations("http://127.0.0.1", tmp_path / "none", PAGES, 5.0) is None


def test_a_location_that_does_not_load_is_not_well_because_of_an_older_tick(world: World) -> None:
    world.tick("a", TickStatus.SKIPPED)
    found: list[Observation] = observations_of_instance(world.instance, world.book, world.home, PAGES, time.time())
    broken = Problem(key="location:credit_platform", title="t", message="m", at=5.0)
    kept = without_contradiction(found, [broken])
    assert [one for one in kept if one.key == broken.key] == [broken]
    assert without_contradiction(found, None) == found
