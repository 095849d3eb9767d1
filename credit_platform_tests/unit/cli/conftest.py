"""The command line, as someone types it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from credit_platform.cli import app
from credit_platform.environment import TOOL_FOLDERS
from credit_platform_tests.finished_run import FinishedRun

Command = Callable[..., Result]


def words(result: Result) -> str:
    """What was printed, on one line: where Rich wraps depends on the width."""
    return re.sub(r"\s+", " ", result.output)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process, on a wide screen; what it does to the environment is undone."""
    for name in TOOL_FOLDERS:
        # Setting before deleting makes monkeypatch remember the variable even where it was absent.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "300")
    # Rich takes what the runner catches for a terminal, and one that knows no colours.
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("LINES", "50")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments)

    return run


@pytest.fixture
def in_a_pipe(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is no terminal."""
    monkeypatch.setenv("TTY_COMPATIBLE", "0")


@pytest.fixture
def on_finished(command: Command, finished: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The same, on the home of the finished run."""
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(finished.settings.home))
    monkeypatch.setenv("CREDIT_PLATFORM_TUNING_TRIALS", str(finished.settings.tuning_trials))
    monkeypatch.setenv("CREDIT_PLATFORM_CANDIDATES", json.dumps(finished.settings.candidates))
    return command
