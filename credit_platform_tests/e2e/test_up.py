"""`credit-platform up` for real: Dagster with its daemon, MLflow and the console answer, and Ctrl-C leaves nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from credit_platform.serving.running_services import running_services
from credit_platform.settings import Settings
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.e2e.test_serve import Load, copy_with, promote
from credit_platform_tests.small_scorer import save_small_scorer

ROOT = Path(__file__).parents[2]
MARKER = "CREDIT_PLATFORM_TEST_UP"
READY_SECONDS = 300
LOCATIONS = """{ workspaceOrError { __typename ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message } } } } } }"""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def processes_of(run: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) == run and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def program(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    dropped = {"DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment |= {"CREDIT_PLATFORM_HOME": str(tmp_path / "home"), MARKER: str(tmp_path), "COLUMNS": "200"}
    command = [sys.executable, "-c", "from credit_platform.cli import main; main()", "up"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    ) as process:
        watchdog = threading.Timer(READY_SECONDS, process.send_signal, [signal.SIGINT])
        watchdog.start()
        yield process
        watchdog.cancel()
        process.terminate()
        process.wait(timeout=40)
    for left in processes_of(str(tmp_path)):
        left.kill()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    pytest.fail(f"ended before it said {text!r}:\n{seen}")


def location(url: str, shown: dict[str, str]) -> dict[str, Any]:
    """The one code location of Dagster, once it has finished loading."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        answer = httpx.post(
            f"{url}/graphql", json={"query": LOCATIONS}, headers=shown, timeout=60, trust_env=False
        ).json()
        entries: list[dict[str, Any]] = answer["data"]["workspaceOrError"]["locationEntries"]
        if [entry["loadStatus"] for entry in entries] == ["LOADED"]:
            return entries[0]
        time.sleep(0.5)
    pytest.fail("the code location did not load in time")


def a_promotion_changes_the_service_without_a_refused_request(
    program: subprocess.Popen[str], served: Served, tmp_path: Path
) -> None:
    """Two promotions while `up` runs: the first brings the service, the second changes it under load."""
    settings = Settings(home=tmp_path / "home")
    newer = save_small_scorer(tmp_path / "newer", "lightgbm")
    bento = copy_with(served.bento, tmp_path / "newer", tmp_path / "bentos" / "newer")
    promote(settings, served.bento.path, served.bento.scorer_digest)
    said = read_until(program, "API key until it stops")
    url, key = re.findall(r"http://127\.0\.0\.1:\d+", said)[-1], said.split()[-1]
    assert [(one.portfolio, one.url) for one in running_services(settings)] == [("german_credit", url)]
    load = Load(url, key, {"application": served.scorer.portfolio.examples["refused"]})
    try:
        promote(settings, bento, newer.digest)
        read_until(program, "is stopped.")
    finally:
        load.stop()
    assert {status for status, _ in load.answers} == {200}
    assert [version for _, version in load.answers][-1] == newer.version
    assert {version for _, version in load.answers} == {served.scorer.version, newer.version}


def test_up_starts_everything_follows_promotions_and_ctrl_c_stops_everything(
    program: subprocess.Popen[str], served: Served, tmp_path: Path
) -> None:
    said = read_until(program, "Ctrl-C stops all of them")
    dagster, mlflow, console = re.findall(r"(http://127\.0\.0\.1:\d+)/\S*?\?token=", said)
    shown = {"Authorization": f"Bearer {(tmp_path / 'home' / 'page_token').read_text().strip()}"}
    assert "Run `make demo` first" in said
    assert location(dagster, shown)["locationOrLoadError"] == {"__typename": "RepositoryLocation"}
    assert location(dagster, shown)["name"] == "credit_platform"
    assert "MLflow" in httpx.get(mlflow, headers=shown, timeout=60, trust_env=False).text
    assert httpx.get(f"{console}/_stcore/health", headers=shown, timeout=60, trust_env=False).text == "ok"
    assert len(processes_of(str(tmp_path))) > 4
    a_promotion_changes_the_service_without_a_refused_request(program, served, tmp_path)

    program.send_signal(signal.SIGINT)
    read_until(program, "Everything is stopped.")
    assert program.wait(timeout=60) == 0
    assert processes_of(str(tmp_path)) == []
    log = (tmp_path / "home" / "logs" / "dagster.log").read_text(encoding="utf-8")
    # Dagster says that `dg dev` supersedes `dagster dev`; any other warning would be ours.
    assert [line for line in log.splitlines() if "Warning" in line and "SupersessionWarning" not in line] == []
