"""Which scoring services run on this machine, where, and with which key: for the programs of the same person.

What is here: the file in which every `up` and `serve` of a home names its services while they run, and that the console
and the simulator read. What to add here: nothing that must outlive a service.
What must not be here: keys that people made (`credit_platform.api_keys` keeps their hashes). The key in this file is
the owner's: it ends with the service, the file is readable for its owner only, and an entry is removed by whoever made
it, or, when that process was killed, by the next one on the same host.
"""

from __future__ import annotations

import fcntl
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from credit_platform.errors import ServiceError
from credit_platform.files.durable import write_synced
from credit_platform.processes import ProcessIdentity
from credit_platform.settings import Settings

FILE_NAME = "running_services.json"


@dataclass(frozen=True)
class ServiceAccess:
    """Where a scoring service is and how to get in."""

    portfolio: str
    url: str
    key: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Headers that show the key."""
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}


def services_file(settings: Settings) -> Path:
    """The file; it exists while services of this home run."""
    return settings.home / FILE_NAME


@contextmanager
def announced(settings: Settings, services: Sequence[ServiceAccess]) -> Iterator[None]:
    """Name these services in the file inside the block, beside those that other processes of this home run.

    Raises:
        ServiceError: the file is not one of ours.
    """
    if not services:
        yield
        return
    number = uuid.uuid4().hex
    owner = ProcessIdentity.own().document()
    entries = [{**asdict(service), "announcement": number, "owner": owner} for service in services]
    with _changing(settings) as known:
        known.extend(entries)
    try:
        yield
    finally:
        with _changing(settings) as known:
            known[:] = [entry for entry in known if entry["announcement"] != number]


def running_services(settings: Settings) -> list[ServiceAccess]:
    """Services that processes of this host announced and that they still run; of each portfolio the newest.

    Raises:
        ServiceError: the file is not one of ours.
    """
    ours = [entry for entry in _read(services_file(settings)) if _state(entry) == "alive"]
    newest = {entry["portfolio"]: ServiceAccess(entry["portfolio"], entry["url"], entry["key"]) for entry in ours}
    return list(newest.values())


def announcers(settings: Settings) -> list[str]:
    """Who runs services of this home, for people; those of other hosts too, whose processes cannot be judged here.

    Raises:
        ServiceError: the file is not one of ours.
    """
    entries = [entry for entry in _read(services_file(settings)) if _state(entry) != "gone"]
    return [f"{e['portfolio']} at {e['url']} (process {e['owner']['pid']} on {e['owner']['host']})" for e in entries]


def _state(entry: dict[str, Any]) -> str:
    return ProcessIdentity.parse(entry["owner"]).state()


@contextmanager
def _changing(settings: Settings) -> Iterator[list[dict[str, Any]]]:
    """The entries, to be changed inside the block by one process at a time; what killed ones left is dropped."""
    file = services_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # An entry of another host stays: whether its process runs cannot be known here.
        entries = [entry for entry in _read(file) if _state(entry) != "gone"]
        yield entries
        if entries:
            _write(file, entries)
        else:
            file.unlink(missing_ok=True)


def _write(file: Path, entries: Sequence[dict[str, Any]]) -> None:
    # Made readable for the owner only, not made so later.
    write_synced(file, json.dumps(entries).encode(), mode=0o600)


def _read(file: Path) -> list[dict[str, Any]]:
    """Entries with their owner; what a version before this one wrote names none, and nobody is entitled to it."""
    try:
        entries = [dict(entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
        for entry in entries:
            ServiceAccess(entry["portfolio"], entry["url"], entry["key"])
            if "owner" in entry:
                _state(entry)
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):
        raise ServiceError(f"{file} cannot be read.", "Remove it and start the services again: make up.") from None
    return [entry for entry in entries if "owner" in entry and "announcement" in entry]
