"""The tether by itself: exit codes, signals, standard input. The end with its starter is tested with the supervisor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from credit_platform.local.tether import NOT_STARTED, tethered


def start(log: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        tethered(command, log), text=True, start_new_session=True, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )


def lines_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def wait_for(ready: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("code", "expected"), [("sys.exit(4)", 4), ("os.kill(os.getpid(), 9)", 137)])
def test_the_exit_code_is_that_of_the_program(tmp_path: Path, code: str, expected: int) -> None:
    with start(tmp_path / "program.log", sys.executable, "-c", f"import os, sys; {code}") as process:
        assert process.wait(timeout=30) == expected


def test_the_program_reads_nothing_and_signals_reach_it(tmp_path: Path) -> None:
    log = tmp_path / "program.log"
    script = (
        "import sys, time\ntry: print(repr(sys.stdin.read()), flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt: sys.exit(7)"
    )
    with start(log, sys.executable, "-c", script) as process:
        wait_for(lambda: lines_of(log))
        assert lines_of(log)[0]["message"] == "''"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 7


def test_what_it_prints_last_is_in_its_log_as_lines(tmp_path: Path) -> None:
    log = tmp_path / "logs é" / "program.log"
    script = 'import os; print(\'plain\', flush=True); os.write(1, b\'{"time":"t","message":"ours"}\\n\'); 1 / 0'
    with start(log, sys.executable, "-c", script) as process:
        assert process.wait(timeout=30) == 1
    plain, failed = lines_of(log)
    assert (plain["message"], plain["logger"], plain["level"]) == ("plain", "program", "info")
    # The trace belongs to what was printed before it, which looks like a line of ours and is not taken for one.
    assert (failed["message"], failed["logger"]) == ('{"time":"t","message":"ours"}', "program")
    assert (failed["failure"], failed["traceback"]) == ("ZeroDivisionError", "<string>:1 <module>")
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_stops_no_program(tmp_path: Path) -> None:
    blocked = tmp_path / "logs"
    blocked.touch()
    script = "import sys; print('x' * 1000000); sys.exit(3)"
    with start(blocked / "program.log", sys.executable, "-c", script) as process:
        assert process.wait(timeout=30) == 3
        assert process.stderr is not None
        error = process.stderr.read()
    assert error.count("cannot be written") == 1


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    with start(tmp_path / "program.log", "no-such-program") as process:
        _, error = process.communicate(timeout=30)
    assert process.returncode == NOT_STARTED
    assert "no-such-program cannot be started" in error
