"""Runs of several portfolios at the same time, each in a process of its own.

What is here: `run_side_by_side`, which starts `credit-platform run` for each and shows how far they are.
What must not be here: programs that stay (`supervisor.py`), a single run in this process (`run.py`).

A run is mostly Python and therefore one processor's work; on two processors two runs take little longer than the longer
of them.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from credit_platform.local.supervisor import INTERRUPTED
from credit_platform.settings import Settings

_RUN = (
    "from credit_platform.local.side_by_side import end_with_starter; end_with_starter(); "
    "from credit_platform.cli import main; main()"
)
_COMMAND = [sys.executable, "-c", _RUN, "run"]
_STEP = re.compile(r"  (done|failed) +(\S+)")
_WIDE = "1000"
_LOOK_SECONDS = 0.2
"""A wait without end would not see a Ctrl-C that the system hands to another thread of this process."""


def end_with_starter() -> None:
    """Let this process end, as at Ctrl-C, when the one that started it is gone."""
    threading.Thread(target=_interrupt_when_stdin_closes, daemon=True).start()


def _interrupt_when_stdin_closes() -> None:
    # Not sys.stdin: a thread that waits in it holds a lock that the interpreter wants when it ends.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """A portfolio to run, and the settings in which its process differs from this one."""

    portfolio: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """By field of `Settings`; None is the default of the field, whatever the environment says."""
    monitoring: bool = False
    """Whether only what watches decisions is run."""


def run_side_by_side(runs: Sequence[PlannedRun], settings: Settings, console: Console) -> bool:
    """Run the portfolios at the same time in the home of `settings`; return whether all of them succeeded.

    What a run says of failures and warnings is printed as it comes. Ctrl-C is handed on to every run and then ends this
    process with the status of an interrupted run.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description:<64}"), TextColumn("{task.completed:.0f} steps done"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as display:
        started: list[_Run] = []
        try:
            for run in runs:
                if started:
                    # The first run makes the databases of the home, which two must not do at once.
                    started[-1].wait_for_a_step()
                started.append(_Run(run, settings, display))
            ended = [each.ended_well() for each in started]
            return all(ended)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        finally:
            for each in started:
                each.interrupt()


class _Run:
    """A run at work in its process, and a thread that reads what it says."""

    def __init__(self, run: PlannedRun, settings: Settings, display: Progress) -> None:
        self._made_a_step = threading.Event()
        # Not the end of the thread: Python 3.11 takes a thread for ended when Ctrl-C interrupts the wait for it.
        self._heard_all = threading.Event()
        self._display = display
        self._name = run.portfolio
        self._task = display.add_task(f"{run.portfolio}: starting", total=None)
        # In a session of its own Ctrl-C does not reach it from the terminal as well as from here.
        self._process = subprocess.Popen(  # noqa: S603  # the command is made here, of constants and a known name
            [*_COMMAND, run.portfolio, *(["--monitoring"] if run.monitoring else [])],
            env=_environment(run, settings),
            # This pipe closes when the process here ends, however that happens, and the run with it.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        threading.Thread(target=self._read, name=f"reader of {run.portfolio}", daemon=True).start()

    def wait_for_a_step(self) -> None:
        """Wait until it has done one, or has ended."""
        while not self._made_a_step.wait(_LOOK_SECONDS):
            pass

    def ended_well(self) -> bool:
        """Wait for the end."""
        while not self._heard_all.wait(_LOOK_SECONDS):
            pass
        status = self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return status == 0

    def interrupt(self) -> None:
        """End it as Ctrl-C does, if it has not ended, and wait until it has said what is left."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self.ended_well()

    def _read(self) -> None:
        try:
            with _lines(self._process) as lines:
                for line in lines:
                    self._show(line.rstrip())
            self._display.update(self._task, description=f"{self._name}: ended", total=1)
        finally:
            self._made_a_step.set()
            self._heard_all.set()

    def _show(self, line: str) -> None:
        step = _STEP.fullmatch(line)
        console = self._display.console
        if step is not None:
            self._display.update(self._task, advance=1, description=step[2])
            self._made_a_step.set()
        if line and (step is None or not console.is_terminal):
            console.print(escape(line), highlight=False)


@contextmanager
def _lines(process: subprocess.Popen[str]) -> Iterator[Iterator[str]]:
    assert process.stdout is not None  # noqa: S101  # it was asked for
    with process.stdout as lines:
        yield iter(lines)


def _environment(run: PlannedRun, settings: Settings) -> dict[str, str]:
    """Variables of the process: those of this one, its settings in place of what they say."""
    variables = {**os.environ, "CREDIT_PLATFORM_HOME": str(settings.home), "COLUMNS": _WIDE, "PYTHONUNBUFFERED": "1"}
    for name, value in run.settings.items():
        variable = f"CREDIT_PLATFORM_{name.upper()}"
        variables.pop(variable, None)
        if value is not None:
            variables[variable] = value if isinstance(value, str) else json.dumps(value)
    return variables
