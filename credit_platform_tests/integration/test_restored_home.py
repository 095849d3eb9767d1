"""A used german_credit home, restored elsewhere with the original gone: proven, served, run on, rolled back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from credit_platform.api_keys import KeyFile, Scope, new_key
from credit_platform.cli import app
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_key, champion_key, monitoring_key
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.serving.shared_keys import key_file
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import CANDIDATES, FinishedRun, tool_environment
from credit_platform_tests.second_champion import promote_another

NAME = "german_credit"
GERMAN = get_portfolio(NAME)
_SERVE = [sys.executable, "-c", "from credit_platform.cli import main; main()", "serve", NAME, "--port", "0"]

pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True)
class Used:
    """What was known of the home before it was backed up and removed."""

    settings: Settings
    """Of the restored one."""
    original: Path
    """Where nothing is any more."""
    key: str
    """An API key that was made in the original."""
    first_digest: str
    """Of the champion to which a rollback goes."""
    answered: tuple[object, ...]
    """By the service of the second champion, in the original."""


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """`credit-platform serve` in a process of its own; its address."""
    given = {"CREDIT_PLATFORM_HOME": str(settings.home), "COLUMNS": "300", "PYTHONUNBUFFERED": "1"}
    left = {name: value for name, value in os.environ.items() if name not in ("BENTOML_HOME", "DAGSTER_HOME")}
    with subprocess.Popen(
        _SERVE, env={**left, **given}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        try:
            said = ""
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if "API key until it stops" in line:
                    break
            assert "http://" in said, said
            yield next(word.rstrip(",") for word in said.split() if word.startswith("http://"))
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            watchdog.cancel()


def answer_of(client: ServiceClient) -> tuple[object, ...]:
    """Digest of the model, probability, decision."""
    said = client.predict(Asked(GERMAN.examples["refused"]))
    return client.model_info()["digest"], said["probability_of_default"], said["decision"]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def command(*arguments: str) -> str:
    """What a command says; it succeeds."""
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "300"})
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.output


def run(settings: Settings, *, start: str, job: str | None = None) -> None:
    report = run_job(GERMAN, settings, job=job, start=start)
    assert report.success, (report.errors, report.failed_checks)


@pytest.fixture(scope="module")
def used(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    """A copy of the finished home that was used: two champions, a key, decisions, outcomes; backed up, then removed."""
    folder = tmp_path_factory.mktemp("restored")
    original = Settings(home=folder / "original", tuning_trials=1, candidates=CANDIDATES[:2])
    shutil.copytree(finished.settings.home, original.home)
    with tool_environment(original), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDIT_PLATFORM_HOME", str(original.home))
        first = Lakehouse(original.lakehouse_root).read(champion_key(NAME)).summary["digest"]
        second = promote_another(original)
        shutil.rmtree(original.home / "another")
        run(original, start="serving/bento")
        text, stored = new_key("bank", [Scope.SCORE])
        key_file(original).add(stored)
        with serving(original) as url, ServiceClient(ServiceAccess(NAME, url, text)) as client:
            answered = answer_of(client)
            for number in range(20):
                client.predict(Asked(GERMAN.examples["accepted"], reference=f"USED-{number}"))
        assert answered[0] == second != first
        command("simulate", "--outcomes", "--months", "24", "--portfolio", NAME)
        command("backup", str(folder / "backups"))
        shutil.rmtree(original.home)
        restored = original.model_copy(update={"home": folder / "ein Haus é"})
        command("restore", str(folder / "backups"), "--home", str(restored.home))
    yield Used(restored, original.home, text, first, answered)
    assert not original.home.exists()


@pytest.fixture
def restored(used: Used, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The restored home, as the one that commands work on."""
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(used.settings.home))
    with tool_environment(used.settings):
        yield used.settings


def test_it_is_proven_serves_is_run_on_and_rolled_back(used: Used, restored: Settings) -> None:
    """One after the other, as a home is used."""
    assert ", 0 not as they should be" in command("verify", "--all")
    said = command("decisions", "verify")
    assert "21 decisions of 1 writers were followed" in said
    assert "Every row is covered by a checkpoint" in said
    assert [key.name for key in KeyFile(restored.api_keys_file).read()] == ["bank"]
    assert "21 decisions are equal, 0 differ" in command("replay")

    # It serves, and the service follows what is promoted meanwhile.
    lakehouse = Lakehouse(restored.lakehouse_root)
    with serving(restored) as url, ServiceClient(ServiceAccess(NAME, url, used.key)) as client:
        assert answer_of(client) == used.answered
        run(restored, start="governance/promotion_decision")
        assert lakehouse.read(champion_key(NAME)).summary["digest"] == used.first_digest
        until(lambda: client.model_info()["digest"] == used.first_digest)
    run(restored, job=f"{NAME}_monitoring", start="monitoring/decisions")
    assert lakehouse.read(monitoring_key(NAME, "decisions")).version.rows == 22
    assert lakehouse.read(monitoring_key(NAME, "outcomes")).version.rows == 20
    command("rollback", NAME, "--by", "grace", "--reason", "too many refusals")
    assert lakehouse.read(bento_key(NAME)).summary["digest"] == used.answered[0]
    assert "22 decisions of 2 writers were followed" in command("decisions", "verify")
    assert ", 0 not as they should be" in command("verify")
