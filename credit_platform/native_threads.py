"""How many threads native libraries may start: as many as the container has processor time for.

What is here: `usable_cores`, `thread_variables` and `limit_threads`, which sets what nobody set.
What to add here: the variable of another library that counts the processors of the machine instead.
What must not be here: threads of ours (`CREDIT_PLATFORM_THREADS`).

A container that may use half a processor of a machine of sixty-four sees sixty-four. OpenMP and OpenBLAS start a thread
for each, which then wait for each other and for the quota. Polars, Tokio and Rayon read the quota themselves.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Final

VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""Read once, when the library is loaded."""
_ROOT: Final = Path("/sys/fs/cgroup")
_OWN: Final = Path("/proc/self/cgroup")


def usable_cores(root: Path = _ROOT, own: Path = _OWN) -> float:
    """Processors that this process may use: the narrowest limit of its control groups, else those it may run on."""
    here = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    limit = cpu_limit(root, own)
    return here if limit is None else min(here, limit)


def cpu_limit(root: Path = _ROOT, own: Path = _OWN) -> float | None:
    """Processors' worth of time that the control groups (Linux, version 2) of this process leave it; None for no limit.

    Args:
        root: where the control groups are mounted.
        own: which of them this process is in; in a container of its own that is the root.
    """
    inside = _own_group(own)
    groups = [root / str(group).lstrip("/") for group in (inside, *inside.parents)]
    limits = [limit for group in groups if (limit := _limit(group / "cpu.max")) is not None]
    return min(limits, default=None)


def thread_variables(limit: float | None) -> dict[str, str]:
    """Variables that keep native libraries to `limit` processors: at least a thread, and none for a part of one."""
    return {} if limit is None else dict.fromkeys(VARIABLES, str(max(1, int(limit))))


def limit_threads() -> dict[str, str]:
    """Set the variables that are not set, before a library that reads them is loaded; returns those now in force."""
    wanted = {name: os.environ.get(name) or value for name, value in thread_variables(cpu_limit()).items()}
    os.environ.update(wanted)
    return wanted


def _own_group(own: Path) -> PurePosixPath:
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return PurePosixPath("/")
    return PurePosixPath(next((line.removeprefix("0::") for line in lines if line.startswith("0::")), "/"))


def _limit(file: Path) -> float | None:
    try:
        quota, period = file.read_text(encoding="ascii").split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # no such file, or `max`: no limit
        return None
