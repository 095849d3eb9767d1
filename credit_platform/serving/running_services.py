"""Which scoring services run on this machine, where, and with which key: for the programs of the same person.

What is here: the file that `credit-platform up` keeps while its services run, and that the console and the simulator
read. What to add here: nothing that must outlive a service.
What must not be here: keys that people made (`credit_platform.api_keys` keeps their hashes). The key in this file is
the owner's: it ends with the service, the file is readable for its owner only, and it is removed when they stop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from credit_platform.errors import ServiceError
from credit_platform.files.durable import write_synced
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
    """Keep the file of these services inside the block; without services there is none."""
    if not services:
        yield
        return
    file = services_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps([asdict(service) for service in services])
    # Made readable for the owner only, not made so later.
    write_synced(file, content.encode(), mode=0o600)
    try:
        yield
    finally:
        # Another `up` of the same home may have written its own meanwhile.
        if file.is_file() and file.read_text(encoding="utf-8") == content:
            file.unlink()


def running_services(settings: Settings) -> list[ServiceAccess]:
    """Services that were announced; none when there is no file.

    Raises:
        ServiceError: the file is not one of ours.
    """
    file = services_file(settings)
    try:
        return [ServiceAccess(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError):
        raise ServiceError(f"{file} cannot be read.", "Remove it and start the services again: make up.") from None
