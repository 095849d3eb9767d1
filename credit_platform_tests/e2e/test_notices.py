"""A real web server, daemon and watcher: what breaks is told once by webhook and e-mail, and its end once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml

from credit_platform.environment import prepare_environment
from credit_platform.settings import Settings
from credit_platform_tests.listeners import Hook, Mailbox, mail_server, webhook

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
PATIENCE_SECONDS = 240
LOCATION = "credit_platform"
CODE = """
from pathlib import Path
import dagster as dg
from credit_platform.definitions import build_definitions
from credit_platform.settings import Settings

HERE = Path(__file__).parent
if (HERE / "location_is_broken").exists():
    raise RuntimeError("The module is broken. Mend it.")

@dg.asset(key=["toy", "raw", "loans"])
def loans():
    return dg.MaterializeResult()

@dg.asset_check(asset=["toy", "raw", "loans"])
def no_outliers():
    return dg.AssetCheckResult(passed=not (HERE / "check_fails").exists(), description="17 outliers.")

doubtful = dg.define_asset_job("doubtful", selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor)

@dg.sensor(job=doubtful, minimum_interval_seconds=3, default_status=dg.DefaultSensorStatus.RUNNING)
def fragile(context):
    if (HERE / "sensor_fails").exists():
        raise ValueError("The folder is gone.")
    return dg.SkipReason("Nothing.")

defs = dg.Definitions.merge(
    build_definitions(Settings(), portfolios=[]),
    dg.Definitions(assets=[loans], asset_checks=[no_outliers], jobs=[doubtful], sensors=[fragile]),
)
"""
RELOAD = """mutation { reloadRepositoryLocation(repositoryLocationName: "credit_platform") { __typename } }"""
LAUNCH = """mutation { launchRun(executionParams: {mode: "default", runConfigData: {}, selector: {jobName: "doubtful",
    repositoryName: "__repository__", repositoryLocationName: "credit_platform"}}) { __typename } }"""


class World:
    """Dagster and the watcher as programs of their own, with a webhook and a mail server that listen."""

    def __init__(self, folder: Path, port: int, hook: Hook, box: Mailbox) -> None:
        self.folder, self.hook, self.box = folder, hook, box
        self.home = folder / "un été"
        self.url = f"http://127.0.0.1:{port}"
        (folder / "toy_definitions.py").write_text(CODE)
        loaded = {"python_file": {"relative_path": "toy_definitions.py", "location_name": LOCATION}}
        (folder / "workspace.yaml").write_text(yaml.safe_dump({"load_from": [loaded]}))
        self.environment = {
            **os.environ,
            **prepare_environment(Settings(home=self.home)),
            "CREDIT_PLATFORM_HOME": str(self.home),
            "CREDIT_PLATFORM_NOTIFY_WEBHOOK": hook.url,
            "CREDIT_PLATFORM_NOTIFY_SMTP": box.url,
            "CREDIT_PLATFORM_NOTIFY_MAIL_TO": '["ops@lender.example"]',
            "CREDIT_PLATFORM_PAGES_URL": self.url,
        }
        self.running: list[subprocess.Popen[bytes]] = []
        self.daemon_command = ("daemon", "-m", "dagster._daemon", "run", "-w", str(folder / "workspace.yaml"))
        self.port = port

    def begin(self) -> None:
        """Start the web server, the daemon and the watcher."""
        port, workspace = str(self.port), str(self.folder / "workspace.yaml")
        self.start("webserver", "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", port, "-w", workspace)
        self.wait(self.answers)
        self.daemon = self.start(*self.daemon_command)
        main = "from credit_platform.cli import main; main()"
        watch = ["--port", "0", "--dagster", self.url, "--every", "2s", "--silence", "50s"]
        self.watcher = self.start("watcher", "-c", main, "notices", "watch", *watch)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, *arguments]
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.running.append(process)
        return process

    def stop(self) -> None:
        for process in self.running:
            kill(process)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/server_info", timeout=20).status_code == 200
        except httpx.HTTPError:
            return False

    def ask(self, query: str) -> Any:
        return httpx.post(f"{self.url}/graphql", json={"query": query}, timeout=120).raise_for_status().json()["data"]

    def wait(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not true():
            if time.monotonic() > deadline:
                logs = {log.name: log.read_text(errors="replace")[-3000:] for log in self.folder.glob("*.log")}
                pytest.fail(f"{self.lines()}\n{json.dumps(logs, indent=1)}")
            time.sleep(0.5)

    def lines(self) -> list[tuple[str, str]]:
        file = self.home / "notifications.jsonl"
        read = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [(line["kind"], line["key"]) for line in read]

    def wait_for(self, kind: str, key: str) -> None:
        self.wait(lambda: (kind, key) in self.lines())


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it and what it started."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    for one in [*family, psutil.Process(process.pid)] if process.poll() is None else family:
        try:
            one.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    process.wait(timeout=30)


@pytest.fixture
def world(tmp_path: Path, unused_port: int) -> Iterator[World]:
    with ExitStack() as stack:
        hook, box = stack.enter_context(webhook()), stack.enter_context(mail_server())
        world = World(tmp_path, unused_port, hook, box)
        stack.callback(world.stop)
        world.begin()
        yield world


def a_check_that_does_not_block(world: World) -> str:
    (world.folder / "check_fails").touch()
    for _ in range(2):  # two runs, one incident
        assert world.ask(LAUNCH)["launchRun"]["__typename"] == "LaunchRunSuccess"
    world.wait_for("problem", "check:toy/raw/loans:no_outliers")
    runs = "{ runsOrError { ... on Runs { results { status } } } }"
    world.wait(lambda: [run["status"] for run in world.ask(runs)["runsOrError"]["results"]] == ["SUCCESS"] * 2)
    (world.folder / "check_fails").unlink()
    world.ask(LAUNCH)
    world.wait_for("resolved", "check:toy/raw/loans:no_outliers")
    return "check:toy/raw/loans:no_outliers"


def a_sensor(world: World) -> str:
    (world.folder / "sensor_fails").touch()
    world.wait_for("problem", "sensor:fragile")
    (world.folder / "sensor_fails").unlink()
    world.wait_for("resolved", "sensor:fragile")
    return "sensor:fragile"


def the_code_location(world: World) -> str:
    (world.folder / "location_is_broken").touch()
    world.ask(RELOAD)
    world.wait_for("problem", f"location:{LOCATION}")
    (world.folder / "location_is_broken").unlink()
    world.ask(RELOAD)
    world.wait_for("resolved", f"location:{LOCATION}")
    return f"location:{LOCATION}"


def the_daemon(world: World) -> str:
    kill(world.daemon)
    world.wait_for("problem", "daemon")
    world.daemon = world.start(*world.daemon_command)
    world.wait_for("resolved", "daemon")
    return "daemon"


def test_what_breaks_is_told_once_by_each_way_and_its_end_once(world: World) -> None:
    world.wait(lambda: '"fragile"' in json.dumps(ticks(world)))
    keys = [broken(world) for broken in (a_check_that_does_not_block, a_sensor, the_code_location, the_daemon)]
    wanted = sorted((kind, key) for key in keys for kind in ("problem", "resolved"))
    assert sorted(world.lines()) == wanted
    world.wait(lambda: len(world.hook.bodies) == len(wanted) and len(world.box.messages) == len(wanted))
    said = "\n".join(body["text"] for body in world.hook.bodies)
    for sentence in ("17 outliers.", "The folder is gone.", "The module is broken. Mend it.", f"{world.url}/runs/"):
        assert said.count(sentence) >= 1
    assert world.watcher.poll() is None
    world.watcher.terminate()
    assert world.watcher.wait(timeout=60) == 0
    logs = "".join(log.read_text(errors="replace") for log in world.folder.glob("*.log"))
    assert "s3cret" not in logs + said


def ticks(world: World) -> Any:
    """Sensors of which the daemon keeps a state, with their ticks."""
    query = """{ sensorsOrError(repositorySelector: {repositoryName: "__repository__",
        repositoryLocationName: "credit_platform"}) { ... on Sensors { results { name
        sensorState { ticks(limit: 1) { status } } } } } }"""
    found = world.ask(query)["sensorsOrError"].get("results", [])
    return [sensor["name"] for sensor in found if sensor["sensorState"]["ticks"]]
