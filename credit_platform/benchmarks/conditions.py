"""The conditions under which a figure was taken: without them it says nothing.

What is here: `Conditions` and `conditions`.
What to add here: something of the machine or the software that moves figures.
What must not be here: names of machines or users.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

import credit_platform

_LIBRARIES = ("credit-platform", "polars", "narwhals", "deltalake", "pandera", "pandas", "numpy", "pyarrow")
_MEGABYTE = 1e6
_CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Machine, software, data and moment of a benchmark."""

    date: str
    """UTC, when it began."""
    commit: str | None
    """Commit of the checkout, with `+` where files differ from it; None outside a checkout."""
    python: str
    versions: Mapping[str, str]
    system: str
    processor: str
    cpus: int
    """Processors that this process may use."""
    memory_bytes: int
    load_average: float
    """Over the last minute, when it began. Above 0.3 or so something else was at work, too."""
    synthetic: bool
    """Whether the data came from a generator."""
    scale: float | None
    """Size of generated data relative to the real files; None for data of the user."""
    data_bytes: int | None
    """Size of the raw files; None where single applicants were taken from them, so that their size does not matter."""
    made_up: str | None = None
    """What was made up in memory, where there are no files at all."""

    @property
    def data(self) -> str:
        """The data in a few words."""
        if self.made_up is not None:
            return self.made_up
        files = "synthetic files" if self.synthetic else "files that were not generated"
        if self.data_bytes is None:
            return f"single applicants from {files}"
        return f"{files}, {self.data_bytes / _MEGABYTE:,.0f} MB"


def conditions(
    *, synthetic: bool, scale: float | None, data_bytes: int | None, made_up: str | None = None
) -> Conditions:
    """Take down the conditions of now; the arguments describe the data."""
    return Conditions(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(),
        python=platform.python_version(),
        versions={name: found for name in _LIBRARIES if (found := _version(name))},
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(),
        cpus=len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else os.cpu_count() or 1,
        memory_bytes=int(psutil.virtual_memory().total),
        load_average=round(psutil.getloadavg()[0], 2),
        synthetic=synthetic,
        scale=scale,
        data_bytes=data_bytes,
        made_up=made_up,
    )


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Model of the processor, as far as the system tells."""
    if not _CPU_INFO.exists():
        return platform.processor() or platform.machine()
    lines = _CPU_INFO.read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str | None:
    head, changed = _git("rev-parse", "--short=12", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    return head and head + ("+" if changed else "")


def _git(*arguments: str) -> str | None:
    folder = Path(credit_platform.__file__).parent
    try:
        done = subprocess.run(  # noqa: S603  # fixed arguments
            ["git", "-C", str(folder), *arguments],  # noqa: S607  # git of the user's path is meant
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
