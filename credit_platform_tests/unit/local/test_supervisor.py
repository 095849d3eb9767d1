"""The supervisor, with small HTTP servers of the standard library as stand-ins for Dagster and MLflow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from credit_platform.errors import ComponentError
from credit_platform.local import supervisor
from credit_platform.local.supervisor import Component, Grace, RunningComponent, supervise
from credit_platform.serving.local.ports import free_port

SERVER = """
import http.server, sys
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
# A program with a child in its session, a grandchild in a session of its own, and no intention to stop.
STUBBORN = """
import signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
middle = "import subprocess, sys, time; subprocess.Popen(" + repr(sleep) + ", start_new_session=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", middle])
"""
QUICK = Grace(interrupt=1, terminate=0.5)


@pytest.fixture(autouse=True)
def short_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "TICK_SECONDS", 0.1)


@pytest.fixture
def marker() -> Iterator[str]:
    """A variable by which a test finds every process it started, whoever its parent is by then."""
    name = f"SUPERVISOR_TEST_{os.getpid()}_{time.monotonic_ns()}"
    yield name
    left = processes_with(name)
    for process in left:
        process.kill()
    assert left == []


def processes_with(marker: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if marker in process.environ() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def component(folder: Path, name: str, script: str, *, patience: float = 30) -> Component:
    port = free_port(23000 + 7 * len(name))
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-c", script, str(port)]
    return Component(name, url, url, folder / "logs" / f"{name}.log", command, patience)


def environment(marker: str) -> dict[str, str]:
    return {**os.environ, marker: "1"}


def interrupt_myself() -> None:
    os.kill(os.getpid(), signal.SIGINT)


class Failures(list[str]):
    def __call__(self, running: RunningComponent) -> None:
        self.append(running.tail())


def ignore(component: Component) -> None:
    """Nothing is shown in these tests."""


def unexpected() -> None:
    pytest.fail("not all components can have been ready")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_every_program(tmp_path: Path, marker: str, number: signal.Signals) -> None:
    components = [component(tmp_path, name, SERVER) for name in ("a", "bb")]
    seen: list[int] = []

    def ready() -> None:
        seen.append(len(processes_with(marker)))
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    answered: list[Component] = []
    supervise(
        components,
        environment(marker),
        on_answer=answered.append,
        on_ready=ready,
        on_failure=Failures(),
        grace=QUICK,
    )
    assert sorted(one.name for one in answered) == ["a", "bb"]
    assert seen == [4]  # each with its tether
    assert processes_with(marker) == []
    assert signal.getsignal(number) is before
    assert [json.loads(one.log.read_text().splitlines()[0])["message"] for one in components] == ["serving", "serving"]


def test_a_program_that_dies_is_named_with_its_log_and_takes_the_others_along(tmp_path: Path, marker: str) -> None:
    # It answers, so that the death falls into the watch: the server ends itself after its first request.
    dying = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        print("the reason", flush=True)
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
server.handle_request()
sys.exit(3)
"""
    components = [component(tmp_path, "well", SERVER), component(tmp_path, "dying", dying)]
    failures = Failures()
    with pytest.raises(ComponentError, match=r"dying stopped by itself with exit code 3.*dying\.log"):
        supervise(
            components, environment(marker), on_answer=ignore, on_ready=lambda: None, on_failure=failures, grace=QUICK
        )
    assert len(failures) == 1
    assert "the reason" in failures[0]
    assert processes_with(marker) == []


def test_a_program_that_never_answers_is_given_up(tmp_path: Path, marker: str) -> None:
    silent = component(tmp_path, "silent", "import time; print('thinking', flush=True); time.sleep(600)", patience=1)
    failures = Failures()
    with pytest.raises(ComponentError, match=r"silent did not answer at http://127\.0\.0\.1:\d+/ within 1 s"):
        supervise(
            [silent], environment(marker), on_answer=ignore, on_ready=unexpected, on_failure=failures, grace=QUICK
        )
    assert failures == ["thinking"]


def test_a_program_that_cannot_start_stops_those_before_it(tmp_path: Path, marker: str) -> None:
    missing = Component("missing", "", "http://127.0.0.1:9/", tmp_path / "missing.log", [str(tmp_path / "nothing")])
    with pytest.raises(ComponentError, match=r"missing cannot be started: No such file.*make install"):
        supervise(
            [component(tmp_path, "well", SERVER), missing],
            environment(marker),
            on_answer=ignore,
            on_ready=unexpected,
            on_failure=Failures(),
            grace=QUICK,
        )
    assert processes_with(marker) == []


def test_ctrl_c_while_waiting_stops_without_an_error(tmp_path: Path, marker: str) -> None:
    silent = component(tmp_path, "silent", "import time; time.sleep(600)")
    timer = threading.Timer(0.5, interrupt_myself)
    timer.start()
    supervise([silent], environment(marker), on_answer=ignore, on_ready=unexpected, on_failure=Failures(), grace=QUICK)
    timer.join()


def test_grandchildren_in_other_sessions_and_processes_deaf_to_signals_are_stopped(tmp_path: Path, marker: str) -> None:
    seen: list[int] = []

    def ready() -> None:
        deadline = time.monotonic() + 20
        while len(processes_with(marker)) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        seen.append(len(processes_with(marker)))
        interrupt_myself()

    stubborn = component(tmp_path, "stubborn", STUBBORN + SERVER)
    supervise([stubborn], environment(marker), on_answer=ignore, on_ready=ready, on_failure=Failures(), grace=QUICK)
    assert seen == [4]
    assert processes_with(marker) == []


def test_children_of_a_program_that_died_are_stopped(tmp_path: Path, marker: str) -> None:
    orphaning = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); sys.exit(1)"
    )
    with pytest.raises(ComponentError, match="exit code 1"):
        supervise(
            [component(tmp_path, "orphaning", orphaning)],
            environment(marker),
            on_answer=ignore,
            on_ready=unexpected,
            on_failure=Failures(),
            grace=QUICK,
        )
    assert processes_with(marker) == []


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path, marker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stubborn = component(tmp_path, "stubborn", STUBBORN + SERVER)
    waits: list[bool] = []
    original = supervisor._wait_until

    def hurried(over: Callable[[], bool], seconds: float, hurry: threading.Event) -> None:
        if not waits:
            interrupt_myself()
        original(over, seconds, hurry)
        waits.append(hurry.is_set())

    monkeypatch.setattr(supervisor, "_wait_until", hurried)
    endless = Grace(interrupt=3600, terminate=3600)
    supervise(
        [stubborn],
        environment(marker),
        on_answer=ignore,
        on_ready=interrupt_myself,
        on_failure=Failures(),
        grace=endless,
    )
    assert waits == [True, True]
    assert processes_with(marker) == []  # what was killed is waited for all the same


SUPERVISOR = """
import os, sys
from pathlib import Path
from credit_platform.local.supervisor import Component, supervise
name, url, log, *command = sys.argv[1:]
one = Component(name, url, url, Path(log), command)
silent = lambda *_: None
supervise([one], os.environ, on_answer=silent, on_ready=lambda: print("ready", flush=True), on_failure=silent)
"""


@pytest.mark.parametrize("turn", [1, 2])
def test_programs_end_with_a_supervisor_that_is_killed(tmp_path: Path, marker: str, turn: int) -> None:
    """Also grandchildren in sessions of their own, and what is deaf to signals."""
    stubborn = component(tmp_path, f"stubborn{turn}", STUBBORN + SERVER)
    command = [sys.executable, "-c", SUPERVISOR, stubborn.name, stubborn.url, str(stubborn.log), *stubborn.command]
    with subprocess.Popen(command, env=environment(marker), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        wait_until(lambda: len(processes_with(marker)) == 5)  # itself, tether, program, child, grandchild
        process.kill()
    wait_until(lambda: processes_with(marker) == [])


def wait_until(over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not over():
        assert time.monotonic() < deadline
        time.sleep(0.05)
