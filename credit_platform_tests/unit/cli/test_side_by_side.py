"""Runs side by side, with a few lines of Python where `credit-platform run` would be."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from credit_platform.cli import side_by_side
from credit_platform.cli.run import INTERRUPTED
from credit_platform.cli.side_by_side import PlannedRun, run_side_by_side
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


@pytest.mark.usefixtures("stand_in")
def test_ctrl_c_is_handed_on_and_what_the_runs_say_is_heard(tmp_path: Path) -> None:
    said = StringIO()

    def press() -> None:
        while "done   slow" not in said.getvalue():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.raises(SystemExit) as ended:
        run_side_by_side([PlannedRun(portfolio="slow")], Settings(home=tmp_path), Console(file=said, width=200))
    assert ended.value.code == INTERRUPTED
    assert "slow: interrupted" in said.getvalue()
