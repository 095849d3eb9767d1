"""Run several programs side by side, watch them, and leave none of their processes behind.

Each program gets a session of its own, so Ctrl-C reaches this process only and the programs are stopped in order: an
interrupt to all, as a terminal would send, then a termination, then a kill. Every descendant that was ever seen is
stopped too, also one whose parent has died or that left its process group. Each runs at a tether (`tether.py`): when
this process is killed, nobody stops them in order, but they end.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

import httpx
import psutil

from credit_platform.errors import ComponentError
from credit_platform.local.tether import tethered
from credit_platform.logs.foreign import readable
from credit_platform.serving.certificates import certificates

INTERRUPTED = 130
_KILL_SECONDS = 10.0
"""Exit status after Ctrl-C: 128 and the number of SIGINT."""
TICK_SECONDS = 1.0
TAIL_LINES = 20


@dataclass(frozen=True)
class Component:
    """A program to run beside the others."""

    name: str
    url: str
    """What a person opens."""
    health_url: str
    """Answers 200 once the program is ready."""
    log: Path
    command: Sequence[str]
    patience_seconds: float = 300
    """How long it may take to answer for the first time; long, since a program that dies is noticed at once."""
    socket: Path | None = None
    """The Unix socket it listens at instead of a port; `health_url` is asked there."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment of this program alone, besides that of all."""


@dataclass(frozen=True)
class Grace:
    """Seconds that a program gets after an interrupt, and then after a termination, before the next step."""

    interrupt: float = 20
    terminate: float = 5


class StopRequest:
    """Ctrl-C, SIGTERM and SIGHUP as events: the first asks to stop, a second one to hurry."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.hurry = threading.Event()

    def _receive(self, _signal: int, _frame: FrameType | None) -> None:
        (self.hurry if self.stop.is_set() else self.stop).set()

    @contextmanager
    def listening(self) -> Iterator[StopRequest]:
        """Turn the signals into events inside the block; only the main thread may enter it."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        previous = [signal.signal(number, self._receive) for number in numbers]
        try:
            yield self
        finally:
            for number, handler in zip(numbers, previous, strict=True):
                signal.signal(number, handler)


class RunningComponent:
    """A component that runs, with every process it started in turn."""

    def __init__(self, component: Component, process: subprocess.Popen[bytes]) -> None:
        """Hold `process`, which must lead a session of its own, as those of `start` do."""
        self.component = component
        self._process = process
        self._family: set[psutil.Process] = {psutil.Process(process.pid)}

    @classmethod
    def start(cls, component: Component, environment: Mapping[str, str], held: Sequence[int] = ()) -> Self:
        """Start the command of `component`; its output goes to its log.

        Args:
            component: What to start.
            environment: Environment of all programs.
            held: Open files that its tether holds, too, until nothing of the program is left.

        Raises:
            ComponentError: The command does not exist or may not be run.
        """
        try:
            _require_program(component.command[0])
            process = subprocess.Popen(  # noqa: S603  # commands are made by this program
                tethered(component.command, component.log),
                # This pipe closes when the process here ends, however that happens, and the program with it.
                stdin=subprocess.PIPE,
                # The tether writes the log; what it says itself, that the log cannot be written, is for people.
                stdout=subprocess.DEVNULL,
                env={**environment, **component.variables},
                pass_fds=held,
                start_new_session=True,
            )
        except OSError as error:
            raise ComponentError(
                f"{component.name} cannot be started: {error.strerror}: {component.command[0]}.",
                "Install the platform again: make install",
            ) from error
        return cls(component, process)

    @property
    def exit_code(self) -> int | None:
        """Exit code of the program, or None while it runs."""
        return self._process.poll()

    def answers(self) -> bool:
        """Whether the program is ready."""
        path = self.component.socket
        if path is not None and not _listens(path):
            return False
        try:
            # A proxy of the environment must not stand between this process and its own children.
            transport = httpx.HTTPTransport(verify=certificates(), uds=None if path is None else str(path))
            with httpx.Client(timeout=5, trust_env=False, transport=transport) as client:
                answer = client.get(self.component.health_url)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def remember(self) -> None:
        """Take note of what the program has started so far: once a parent has died, its children are hard to find."""
        with suppress(psutil.NoSuchProcess):
            self._family |= set(psutil.Process(self._process.pid).children(recursive=True))

    def family(self) -> set[psutil.Process]:
        """The processes of the program that still run: its session, those seen before, and their descendants."""
        self._family |= set(_session(self._process.pid))
        for process in list(self._family):
            with suppress(psutil.NoSuchProcess):
                self._family |= set(process.children(recursive=True))
        self._family = {process for process in self._family if process.is_running() and not _is_zombie(process)}
        return self._family

    def has_ended(self) -> bool:
        """Whether the program itself has ended; remembers what it may leave behind."""
        self.remember()
        return self.exit_code is not None

    def interrupt(self) -> None:
        """Do what Ctrl-C in a terminal does: interrupt the whole process group."""
        if self.family():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGINT)

    def reap(self) -> None:
        """Take the exit code of the stopped program, so that it does not stay as a zombie."""
        self._process.wait(timeout=5)
        if self._process.stdin is not None:
            self._process.stdin.close()

    def tail(self, lines: int = TAIL_LINES) -> str:
        """Last lines of the log, as a person reads them."""
        try:
            said = self.component.log.read_text(encoding="utf-8", errors="replace")
        except OSError:  # it was never written, or cannot be
            return ""
        return "\n".join(readable(line) for line in said.splitlines()[-lines:])


def supervise(
    components: Sequence[Component],
    environment: Mapping[str, str],
    *,
    on_answer: Callable[[Component], None],
    on_ready: Callable[[], None],
    on_failure: Callable[[RunningComponent], None],
    grace: Grace = Grace(),
    held: Sequence[int] = (),
) -> None:
    """Start `components`, call `on_ready` when all answer, watch them until a stop is asked for, then stop them all.

    Args:
        components: What to start.
        environment: Environment of the programs.
        on_answer: Called with each component when it answers for the first time.
        on_ready: Called once, when every component answers.
        on_failure: Called with the component that died or never answered, while its log is there to show.
        grace: Patience while stopping.
        held: Open files that stay open while anything of the programs runs, also when this process is killed.

    Raises:
        ComponentError: A component could not be started, died, or did not answer in time; the others are stopped.
    """
    running: list[RunningComponent] = []
    with StopRequest().listening() as request:
        try:
            for component in components:
                running.append(RunningComponent.start(component, environment, held))  # noqa: PERF401  # the started ones must be known
            if _wait_until_ready(running, request, on_answer, on_failure):
                on_ready()
                _watch(running, request, on_failure)
        finally:
            stop_all(running, grace, request.hurry)


def _wait_until_ready(
    running: Sequence[RunningComponent],
    request: StopRequest,
    on_answer: Callable[[Component], None],
    on_failure: Callable[[RunningComponent], None],
) -> bool:
    """Wait for every component; False when a stop was asked for meanwhile."""
    started = time.monotonic()
    waiting = list(running)
    while waiting:
        _raise_for_dead(running, on_failure)
        ready = [one for one in waiting if one.answers()]
        waiting = [one for one in waiting if one not in ready]
        for one in ready:
            on_answer(one.component)
        for one in waiting:
            if time.monotonic() - started > one.component.patience_seconds:
                on_failure(one)
                raise ComponentError(
                    f"{one.component.name} did not answer at {one.component.health_url} within "
                    f"{one.component.patience_seconds:.0f} s.",
                    f"Read {one.component.log}",
                )
        if waiting and request.stop.wait(TICK_SECONDS):
            return False
    return True


def _watch(
    running: Sequence[RunningComponent], request: StopRequest, on_failure: Callable[[RunningComponent], None]
) -> None:
    while not request.stop.wait(TICK_SECONDS):
        _raise_for_dead(running, on_failure)


def _raise_for_dead(running: Iterable[RunningComponent], on_failure: Callable[[RunningComponent], None]) -> None:
    for one in running:
        one.remember()
        if one.exit_code is not None:
            on_failure(one)
            raise ComponentError(
                f"{one.component.name} stopped by itself with exit code {one.exit_code}; the others were stopped too.",
                f"Read {one.component.log}",
            )


def stop_all(running: Sequence[RunningComponent], grace: Grace, hurry: threading.Event) -> None:
    """Interrupt, then terminate, then kill whatever of `running` is still there; `hurry` skips the waiting."""
    for one in running:
        one.interrupt()
    # A program that has ended did its orderly stop: what it left behind need not be waited for.
    _wait_until(lambda: _have_ended(running), grace.interrupt, hurry)
    _send(psutil.Process.terminate, _processes(running))
    _wait_until(lambda: not _processes(running), grace.terminate, hurry)
    _kill(running)
    for one in running:
        one.reap()


def _kill(running: Sequence[RunningComponent]) -> None:
    """Kill until nothing is left, also in a hurry: what was killed is gone in a moment, and may have forked before.

    A process whose parent goes first is no longer found as one of the family, so that all that were are remembered.
    """
    deadline = time.monotonic() + _KILL_SECONDS
    left: set[psutil.Process] = set()
    while (left := _still_there(left.union(_processes(running)))) and time.monotonic() < deadline:
        _send(psutil.Process.kill, left)
        time.sleep(0.05)


def _still_there(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    return {process for process in processes if process.is_running() and not _is_zombie(process)}


def _send(action: Callable[[psutil.Process], None], processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            action(process)


def _listens(path: Path) -> bool:
    """Whether a program takes connections at a Unix socket; httpx leaves its own socket open where none does."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _require_program(name: str) -> None:
    if shutil.which(name) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def _have_ended(running: Sequence[RunningComponent]) -> bool:
    ended = [one.has_ended() for one in running]  # a list: each of them must be asked, also after the first that runs
    return all(ended)


def _processes(running: Sequence[RunningComponent]) -> list[psutil.Process]:
    return [process for one in running for process in one.family()]


def _wait_until(over: Callable[[], bool], seconds: float, hurry: threading.Event) -> None:
    deadline = time.monotonic() + seconds
    while not over() and time.monotonic() < deadline:
        if hurry.wait(0.1):
            return


def _session(leader: int) -> Iterator[psutil.Process]:
    """Processes of the session that `leader` opened, orphans included."""
    for pid in psutil.pids():
        with suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            if os.getsid(pid) == leader:
                yield psutil.Process(pid)


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
