"""Runs side by side, with a few lines of Python where `credit-platform run` would be."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from credit_platform.local import side_by_side
from credit_platform.local.side_by_side import PlannedRun, run_side_by_side
from credit_platform.local.supervisor import INTERRUPTED
from credit_platform.settings import Settings

RUN = """
import os, signal, sys, time
name = sys.argv[1]
home = os.environ["CREDIT_PLATFORM_HOME"]
def interrupted(*_):
    print(f"{name}: interrupted", flush=True)
    os._exit(130)
signal.signal(signal.SIGINT, interrupted)
if name == "second":
    print("first was here" if os.path.exists(f"{home}/first") else "alone", flush=True)
open(f"{home}/{name}", "w").close()
print(f"  done   {name}/raw/loans", flush=True)
print(*[f"{key}={os.environ.get(key)}" for key in ("CREDIT_PLATFORM_RAW", "CREDIT_PLATFORM_CANDIDATES")], flush=True)
if name == "slow":
    time.sleep(600)
if name == "bad":
    print("Failed: [disk] full", flush=True)
    sys.exit(1)
"""

STARTER = """
import sys
from pathlib import Path
from rich.console import Console
from credit_platform.local import side_by_side
from credit_platform.settings import Settings
side_by_side._COMMAND = [sys.executable, "-c", sys.argv[2]]
run = side_by_side.PlannedRun(portfolio="slow")
side_by_side.run_side_by_side([run], Settings(home=Path(sys.argv[1])), Console(width=200))
"""
RUN_OF_THE_PLATFORM = """
import credit_platform.cli
from credit_platform.local import side_by_side
credit_platform.cli.main = lambda: exec("""


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_COMMAND", [sys.executable, "-c", RUN])


def run(tmp_path: Path, *runs: PlannedRun) -> tuple[bool, str]:
    said = StringIO()
    done = run_side_by_side(runs, Settings(home=tmp_path), Console(file=said, width=200))
    return done, said.getvalue()


@pytest.mark.usefixtures("stand_in")
def test_the_second_run_starts_after_a_step_of_the_first_and_both_are_heard(tmp_path: Path) -> None:
    done, said = run(tmp_path, PlannedRun(portfolio="first"), PlannedRun(portfolio="second"))
    assert done
    assert "first was here" in said
    assert "done   first/raw/loans" in said
    assert "done   second/raw/loans" in said


@pytest.mark.usefixtures("stand_in")
def test_settings_of_a_run_replace_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_RAW", "somewhere")
    _, said = run(tmp_path, PlannedRun(portfolio="first", settings={"raw": None, "candidates": ("a", "b")}))
    assert 'CREDIT_PLATFORM_RAW=None CREDIT_PLATFORM_CANDIDATES=["a", "b"]' in said


@pytest.mark.usefixtures("stand_in")
def test_one_that_fails_is_heard_and_the_other_goes_on(tmp_path: Path) -> None:
    done, said = run(tmp_path, PlannedRun(portfolio="bad"), PlannedRun(portfolio="first"))
    assert not done
    assert "Failed: [disk] full" in said
    assert "done   first/raw/loans" in said


@pytest.mark.usefixtures("stand_in")
def test_nothing_to_run_is_no_failure(tmp_path: Path) -> None:
    assert run(tmp_path)[0]


# --- the process that started them ends ----------------------------------------------------------------------------


@contextmanager
def starter(tmp_path: Path, command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs `slow` in another one, once a step of that is done."""
    program = [sys.executable, "-c", STARTER, str(tmp_path), command]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = iter(process.stdout.readline, "")
        assert any("done   slow" in line for line in said), "it ended before"
        yield process
        process.kill()


def test_ctrl_c_is_handed_on_and_what_the_runs_say_is_heard(tmp_path: Path) -> None:
    with starter(tmp_path, RUN) as process:
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        said = process.stdout.read()
        process.wait(60)
    assert process.returncode == INTERRUPTED
    assert "slow: interrupted" in said


def test_a_run_ends_with_a_starter_that_was_killed(tmp_path: Path) -> None:
    with starter(
        tmp_path,
        f"{RUN_OF_THE_PLATFORM}{RUN!r}, globals())\nside_by_side.end_with_starter()\ncredit_platform.cli.main()",
    ) as process:
        (child,) = psutil.Process(process.pid).children()
        process.kill()
        child.wait(60)


def test_no_run_is_left_when_another_cannot_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []

    class Refused(subprocess.Popen[str]):
        def __init__(self, command: list[str], **options: Any) -> None:
            if started:
                raise OSError("no more processes")
            super().__init__(command, **options)
            started.append(self)

    monkeypatch.setattr(side_by_side, "_COMMAND", [sys.executable, "-c", RUN])
    monkeypatch.setattr(subprocess, "Popen", Refused)
    with pytest.raises(OSError, match="no more processes"):
        run(tmp_path, PlannedRun(portfolio="slow"), PlannedRun(portfolio="first"))
    assert [process.returncode for process in started] == [INTERRUPTED]
