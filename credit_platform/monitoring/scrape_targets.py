"""What Prometheus is to scrape: a file in the home that says where, and changes with the programs that run.

What is here: `announced_targets`, `ScrapeTargets`, `scrape_address`, and the file, in the form of Prometheus'
`file_sd_configs`.
What to add here: another program with metrics.
What must not be here: what is told there.

Blue and green change ports, so nobody can write them down. Each program of a home names itself; what a killed one left
goes with the next change that a program of the same host makes. Until then Prometheus finds the target down, which it
is.
"""

from __future__ import annotations

import fcntl
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from credit_platform.files.durable import write_synced
from credit_platform.processes import ProcessIdentity
from credit_platform.settings import Settings

SERVICE_JOB, EXPORTER_JOB = "credit-platform-service", "credit-platform-exporter"
"""Label `job` of the targets."""
_OWNER, _NUMBER = "__credit_platform_owner", "__credit_platform_number"
"""Labels that begin so are gone once Prometheus has read a target."""


@dataclass(frozen=True)
class Target:
    """Something to scrape, at `/metrics`."""

    job: str
    address: str
    """Host and port."""
    labels: dict[str, str] = field(default_factory=dict)
    """What all of its series get."""


def targets_file(settings: Settings) -> Path:
    """The file; it exists once a program was there."""
    return settings.home / "monitoring" / "targets.json"


def scrape_address(settings: Settings, job: str, portfolio: str) -> str | None:
    """Host and port with the metrics of a program of this home that runs; None where none is named.

    Args:
        settings: name the home.
        job: of the target.
        portfolio: whose, where there is one for each.
    """
    for entry in _read(targets_file(settings)):
        labels = entry["labels"]
        if (labels.get("job"), labels.get("portfolio")) == (job, portfolio) and entry["targets"] and _is_here(entry):
            return str(entry["targets"][0])
    return None


@contextmanager
def announced_targets(settings: Settings, targets: Sequence[Target]) -> Iterator[None]:
    """Name these targets in the file inside the block."""
    own = ScrapeTargets(settings)
    own.replace(targets)
    try:
        yield
    finally:
        own.replace([])


class ScrapeTargets:
    """Targets of a part of this process, which change while it runs."""

    def __init__(self, settings: Settings) -> None:
        """Name nothing yet."""
        self._file = targets_file(settings)
        self._number = uuid.uuid4().hex

    def replace(self, targets: Sequence[Target]) -> None:
        """Name these in the place of those before; of other programs, what killed ones left is dropped.

        Raises:
            OSError: the file cannot be written.
        """
        owner = json.dumps(ProcessIdentity.own().document(), sort_keys=True)
        own = [
            {
                "targets": [target.address],
                "labels": {"job": target.job, **target.labels, _OWNER: owner, _NUMBER: self._number},
            }
            for target in targets
        ]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = [entry for entry in _read(self._file) if entry["labels"][_NUMBER] != self._number and _lives(entry)]
            # Whole at once: Prometheus reads it whenever it changes.
            write_synced(self._file, json.dumps([*kept, *own], indent=1).encode())


def _read(file: Path) -> list[dict[str, Any]]:
    """Entries of ours; whatever else stands there nobody wrote for Prometheus to keep."""
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return [entry for entry in entries if {_OWNER, _NUMBER} <= set(entry["labels"])]
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return []


def _is_here(entry: dict[str, Any]) -> bool:
    """Whether its program runs on this host: an address of loopback means another one elsewhere."""
    return ProcessIdentity.parse(json.loads(entry["labels"][_OWNER])).state() == "alive"


def _lives(entry: dict[str, Any]) -> bool:
    try:
        return ProcessIdentity.parse(json.loads(entry["labels"][_OWNER])).state() != "gone"
    except ValueError:
        return False
