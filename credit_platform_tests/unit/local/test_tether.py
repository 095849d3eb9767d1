"""The tether by itself: exit codes, signals, standard input. The end with its starter is tested with the supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from credit_platform.local.tether import NOT_STARTED, tethered


def start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        tethered(command),
        text=True,
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(("code", "expected"), [("sys.exit(4)", 4), ("os.kill(os.getpid(), 9)", 137)])
def test_the_exit_code_is_that_of_the_program(code: str, expected: int) -> None:
    with start(sys.executable, "-c", f"import os, sys; {code}") as process:
        assert process.wait(timeout=30) == expected


def test_the_program_reads_nothing_and_signals_reach_it() -> None:
    script = (
        "import sys, time\ntry: print(repr(sys.stdin.read()), flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt: sys.exit(7)"
    )
    with start(sys.executable, "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "''\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 7


def test_a_program_that_is_not_there_is_said() -> None:
    with start("no-such-program") as process:
        _, error = process.communicate(timeout=30)
    assert process.returncode == NOT_STARTED
    assert "no-such-program cannot be started" in error
