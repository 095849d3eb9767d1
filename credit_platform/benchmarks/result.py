"""What a benchmark answers.

What is here: `Benchmark`, `Measurement` and `Figure`, and their JSON.
What to add here: a field that every benchmark could fill.
What must not be here: measuring, printing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from credit_platform.benchmarks.conditions import Conditions
from credit_platform.errors import SettingError


class Role(StrEnum):
    """What a measurement is compared as."""

    PLATFORM = "platform"
    """What this project does."""
    FLOOR = "floor"
    """The least that anyone would have to do; nothing that does the work can be faster."""
    PEER = "peer"
    """What a user would pick instead."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One job, run in a process of its own."""

    name: str
    role: Role
    what: str
    """What was done, in a sentence."""
    seconds: float
    """Wall time of the work; starting Python and importing libraries is left out, where `what` says nothing else."""
    cpu_seconds: float
    """Processor time of the whole process and its children, user and system."""
    peak_bytes: int
    """Most resident memory of the process and its children together."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """Seconds of parts of it: per table, per group of features."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that is no time of a job: a size, a share, a count."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Everything that one run of a benchmark found, and under which conditions."""

    name: str
    conditions: Conditions
    measurements: tuple[Measurement, ...]
    figures: tuple[Figure, ...] = ()

    def figure(self, name: str) -> float:
        """Value of the figure called `name`; KeyError when there is none."""
        return {figure.name: figure.value for figure in self.figures}[name]

    def to_json(self) -> str:
        """All of it, as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)

    def write_json(self, path: Path) -> None:
        """Write `to_json` to `path`.

        Raises:
            SettingError: `path` cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.to_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise SettingError(f"{path} cannot be written: {error}.", "Name a file that you may write.") from error
