"""A job measured in a process of its own, so that memory and caches of one job are not those of another.

What is here: `measure`, and `main`, which the started process runs.
What to add here: another figure that the system keeps of a process.
What must not be here: jobs.

A job is a function at the top of a module. It takes arguments that JSON can hold and returns `{"seconds": …}` or
nothing, and parts and figures if it likes. Memory is the most that the process and its children held together, looked
at every 0.1 s, or, where that is more, the most that the kernel remembers of the process (`VmHWM`), which no look can
miss. `ru_maxrss` will not do: a child that is started with `vfork` inherits the peak of its parent.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from credit_platform.benchmarks.result import Measurement, Role
from credit_platform.errors import BenchmarkError

_LOOK_SECONDS = 0.1
_KIBIBYTE = 1024
_TAIL = 2_000
"""Characters of a failed job's messages that are shown."""

Job = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a process and its children took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure(job: Job, arguments: Mapping[str, Any], *, name: str, role: Role, what: str) -> tuple[Measurement, Any]:
    """Run `job(**arguments)` in a new Python process; the measurement, and what else the job answered.

    Raises:
        BenchmarkError: the job failed; the message has the end of what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        target = f"{job.__module__}:{job.__qualname__}"
        command = [sys.executable, "-m", __name__, target, json.dumps(dict(arguments)), str(answer)]
        usage = run(command)
        answered = json.loads(answer.read_text(encoding="utf-8"))
    measurement = Measurement(
        name=name,
        role=role,
        what=what,
        seconds=round(answered.pop("seconds"), 3),
        cpu_seconds=round(usage.cpu_seconds, 3),
        peak_bytes=usage.peak_bytes,
        parts=answered.pop("parts", {}),
    )
    return measurement, answered


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """Run `command` to its end and account for it and its children.

    Raises:
        BenchmarkError: it failed; the message has the end of what it said.
    """
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  # our own interpreter
            command, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        )
        watch = _Watch(process.pid)
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = watch.stop()
        if process.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace")[-_TAIL:]
            raise BenchmarkError(f"A measured job failed:\n{words}", "Mend what it names and run the benchmark again.")
    return Usage(seconds=seconds, cpu_seconds=used.ru_utime + used.ru_stime, peak_bytes=peak)


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children until it is stopped."""

    def __init__(self, process_id: int) -> None:
        super().__init__(daemon=True)
        self._process_id = process_id
        self._done = threading.Event()
        self._peak = 0

    def run(self) -> None:
        """Look, and look again."""
        while not self._done.wait(_LOOK_SECONDS):
            self._peak = max(self._peak, _resident(self._process_id), _high_water(self._process_id))

    def stop(self) -> int:
        """End, and tell the most that was seen, in bytes."""
        self._done.set()
        self.join()
        return self._peak


def _resident(process_id: int) -> int:
    """Bytes that a process and its children hold now; 0 when it is gone."""
    try:
        process = psutil.Process(process_id)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    held = 0
    for member in family:
        try:
            held += member.memory_info().rss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended while we looked
    return held


def _high_water(process_id: int) -> int:
    """Most bytes that a process ever held, as Linux remembers it; 0 where it does not or the process is gone."""
    try:
        lines = Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * _KIBIBYTE for line in lines if line.startswith("VmHWM:")), 0)


def main(target: str, arguments: str, answer: str) -> None:
    """Run a job and write its answer; the time is that of the work unless the job knows better."""
    module, _, function = target.partition(":")
    job: Job = getattr(importlib.import_module(module), function)
    given = json.loads(arguments)
    started = time.perf_counter()
    answered = dict(job(**given))
    answered.setdefault("seconds", time.perf_counter() - started)
    Path(answer).write_text(json.dumps(answered), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
