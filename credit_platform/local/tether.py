"""Run one program, and leave none of its processes behind when whoever started this is gone, however that happened.

What is here: `tethered`, the command that does so, and the process it starts, which is this module.
What must not be here: health, order of several programs (`supervisor.py`).

What the program prints goes through here into its log (`logs/foreign.py`): lines in one form, put aside when they are
many, also of programs that know nothing of it.

Scoring services notice the end of their starter by their standard input, a pipe that the system closes with it.
Programs of others do not look there: this process looks for them. It adopts what their children leave behind
(`PR_SET_CHILD_SUBREAPER`), so that it finds every descendant, also one with a session of its own whose parent died.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from credit_platform.files.process_logs import RotatingLog
from credit_platform.logs.foreign import log_printed
from credit_platform.logs.places import Lines
from credit_platform.logs.programs import FILE_VARIABLE

_PR_SET_CHILD_SUBREAPER = 36
_LOOK_SECONDS = 0.1
_LAST_WORDS_SECONDS = 2.0
"""How long the last lines of a program that has ended are waited for."""
_PATIENCE = ((signal.SIGINT, 5.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0))
"""What the program gets when its starter is gone, and how long it may take before the next."""
NOT_STARTED = 127
_MOST_FILES = 1024
"""Beyond the numbers that files handed over at the start can have."""


def tethered(command: Sequence[str], log: Path) -> list[str]:
    """The command that runs `command` until its own standard input closes, and logs what it prints to `log`."""
    return [sys.executable, "-m", "credit_platform.local.tether", str(log), *command]


def run(log: Path, command: Sequence[str]) -> int:
    """Run `command`; returns its exit code, as a shell would, or that of the signal it died of."""
    _adopt_orphans()
    _keep_open_files()
    # Handlers, not SIG_IGN: a program would inherit that one. A signal to the group reaches the program by itself.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    printed, end = os.pipe()
    child = _start(command, end, log)
    os.close(end)
    file = RotatingLog(log)
    file.touch()  # an empty one says that nothing was printed
    pump = threading.Thread(target=log_printed, args=(log.stem, Lines([], file), printed), daemon=True)
    pump.start()
    while True:
        code = _reap(child)
        if code is not None:
            pump.join(_LAST_WORDS_SECONDS)  # not for ever: what the program left behind may print still
            return code if code >= 0 else 128 - code
        if _starter_is_gone():
            _end_all()
            return 1


def _start(command: Sequence[str], output: int, log: Path) -> int:
    """Start it with an empty standard input: the pipe is for this process only."""
    empty = os.open(os.devnull, os.O_RDONLY)
    # A duplicate is not inherited by the program.
    pipe = os.dup(0)
    os.dup2(empty, 0)
    os.close(empty)
    try:
        environment = {**os.environ, FILE_VARIABLE: str(log)}
        actions = [(os.POSIX_SPAWN_DUP2, output, number) for number in (1, 2)]
        return os.posix_spawnp(command[0], list(command), environment, file_actions=actions)
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
        sys.exit(NOT_STARTED)
    finally:
        os.dup2(pipe, 0, inheritable=False)
        os.close(pipe)


def _keep_open_files() -> None:
    """Files that were handed over (a lock) stay open here as long as this process runs, and nowhere else."""
    for number in range(3, _MOST_FILES):
        with suppress(OSError):
            os.set_inheritable(number, False)  # noqa: FBT003  # the name of the argument cannot be given


def _starter_is_gone() -> bool:
    readable, _, _ = select.select([0], [], [], _LOOK_SECONDS)
    return bool(readable) and not os.read(0, 1024)


def _reap(child: int) -> int | None:
    """Bury what has ended; the exit code of the program itself if that is among it."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return None
            if pid == child:
                return os.waitstatus_to_exitcode(status)
    return None


def _end_all() -> None:
    for number, seconds in _PATIENCE:
        deadline = time.monotonic() + seconds
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        while psutil.Process().children() and time.monotonic() < deadline:
            _reap(-1)
            time.sleep(_LOOK_SECONDS)


def _adopt_orphans() -> None:
    # Where the system has no such call, orphans of a killed program stay with the supervisor's own search.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
