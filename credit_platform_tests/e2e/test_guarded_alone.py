"""The console and Dagster's UI started by themselves stand behind the guard, with real HTTP and websockets."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit_platform_tests.e2e.test_up import MARKER, READY_SECONDS, ROOT, processes_of, read_until
from credit_platform_tests.e2e.test_up_guard import SOCKETS, attacks_are_refused, home, the_socket_is_open, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for left in processes_of(str(tmp_path)):
        left.kill()


def start(folder: Path, command: str) -> subprocess.Popen[str]:
    dropped = {"DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment |= {"CREDIT_PLATFORM_HOME": str(home(folder)), MARKER: str(folder), "COLUMNS": "80"}
    return subprocess.Popen(
        [sys.executable, "-c", "from credit_platform.cli import main; main()", command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )


@pytest.mark.parametrize(("command", "name"), [("console", "Console"), ("ui", "Dagster")])
def test_what_is_started_alone_is_guarded(folder: Path, command: str, name: str) -> None:
    with start(folder, command) as program:
        watchdog = threading.Timer(READY_SECONDS, program.send_signal, [signal.SIGINT])
        watchdog.start()
        said = read_until(program, "Ctrl-C stops it")
        ((base, token),) = re.findall(r"is at (http://127\.0\.0\.1:\d+)/\S*\?token=(\S+) \(Ctrl-C", said)
        attacks_are_refused(base, token, SOCKETS[name])
        the_socket_is_open(base, token, SOCKETS[name])
        assert token not in " ".join(word for one in processes_of(str(folder)) for word in one.cmdline())
        if command == "ui":
            second = start(folder, "up")
            said, _ = second.communicate(timeout=120)
            assert second.returncode == 1
            assert re.search(rf"`ui` works on .*process\s+{program.pid}", said)
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=60) == 0
        watchdog.cancel()
    assert processes_of(str(folder)) == []


def test_a_killed_console_leaves_nothing(folder: Path) -> None:
    with start(folder, "console") as program:
        read_until(program, "Ctrl-C stops it")
        (left,) = Path(tempfile.gettempdir()).glob("credit-platform-console-*/console")
        program.kill()
        program.wait()
        wait_until(lambda: processes_of(str(folder)) == [])
    with start(folder, "console") as program:  # the next one tidies up after it
        read_until(program, "Ctrl-C stops it")
        assert not left.parent.exists()
        program.send_signal(signal.SIGINT)
        program.wait(timeout=60)
