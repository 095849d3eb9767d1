"""A home has one owner at a time: the `up` that runs Dagster, MLflow and the console over it, `ui` or `restore`.

What is here: `owned`, which holds a lock and a record of who holds it for as long as its block lasts;
`announced`, where the owner shows its pages.
What must not be here: what the owner runs.

The lock is the system's (flock): it ends with the process however that ends. The tethers of its programs hold it too,
so that it is free only when nothing of a killed owner runs any more. The record says to others who the owner is; of an
owner on another host it is the only sign where a file system keeps locks to one host.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from credit_platform.errors import ComponentError, EnvironmentSetupError
from credit_platform.files.durable import write_synced
from credit_platform.local.sockets import private_folder
from credit_platform.processes import ProcessIdentity
from credit_platform.settings import Settings

LOCK_NAME: Final = "up.lock"
RECORD_NAME: Final = "up.json"
_SOCKETS_PREFIX: Final = "credit-platform-"
_PATIENCE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True)
class HomeOwner:
    """What the owner may use while it is one."""

    lock: int
    """Number of the open file that holds the lock."""
    sockets: Path
    """A folder that this user alone can open, for the sockets of its programs."""
    record: Path
    """Where it says who it is."""
    command: str
    """What owns the home, as people call it."""

    def announce(self, address: str) -> None:
        """Say where people reach it.

        Raises:
            EnvironmentSetupError: the home cannot be written.
        """
        _write(self.record, _Record(ProcessIdentity.own(), address, str(self.sockets), self.command))


@dataclass(frozen=True)
class _Record:
    process: ProcessIdentity
    address: str
    sockets: str
    command: str

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.process.started, UTC).isoformat(" ", "seconds")
        return f"process {self.process.pid} on {self.process.host}, since {since}" + (
            f", at {self.address}" if self.address else ""
        )


@contextmanager
def owned(settings: Settings, say: Callable[[str], None], command: str = "up") -> Iterator[HomeOwner]:
    """Be the owner of the home inside the block.

    Args:
        settings: name the home.
        say: is told when a killed owner's home is taken over.
        command: what the owner is, for those who are refused.

    Raises:
        ComponentError: another process owns it, or one of another host may.
        EnvironmentSetupError: the home cannot be locked or written.
    """
    home = settings.home.resolve()
    record = home / RECORD_NAME
    with _open(home / LOCK_NAME) as lock:
        _take(lock, record, say)
        sockets = private_folder(_SOCKETS_PREFIX)
        owner = HomeOwner(lock.fileno(), sockets, record, command)
        try:
            owner.announce("")
            yield owner
        finally:
            record.unlink(missing_ok=True)
            shutil.rmtree(sockets, ignore_errors=True)


def announced(settings: Settings) -> str | None:
    """Address of the Dagster pages that an `up` or `ui` of this home shows people now; None where none does.

    Raises:
        EnvironmentSetupError: the record of the owner cannot be read.
    """
    owner = _read(settings.home.resolve() / RECORD_NAME)
    return owner.address or None if owner is not None and owner.process.state() == "alive" else None


def _take(lock: TextIO, path: Path, say: Callable[[str], None]) -> None:
    """Wait until the programs of a killed owner have ended; refuse where an owner may be alive."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    said = False
    while not _is_locked(lock):
        former = _read(path)
        if former is None or former.process.state() != "gone" or time.monotonic() > deadline:
            raise _refusal(path, former)
        if not said:
            say(f"Waiting for what is left of an earlier `{former.command}` that was killed ({former}).")
            said = True
        time.sleep(_LOOK_SECONDS)
    former = _read(path)
    if former is None:
        return
    if former.process.state() != "gone":
        raise _refusal(path, former)
    say(f"An earlier `{former.command}` of this home was killed ({former}); this one takes its place.")
    _clear(Path(former.sockets))


def _refusal(path: Path, owner: _Record | None) -> ComponentError:
    home = path.parent
    if owner is None:
        return ComponentError(
            f"Another `up` or `restore` is about to start on {home}.", "Look at it, or try again in a moment."
        )
    state = owner.process.state()
    if state == "alive" and owner.command != "up":
        return ComponentError(f"`{owner.command}` works on {home}: {owner}.", "Wait for its end, or stop it.")
    if state == "alive":
        return ComponentError(
            f"`up` runs on {home} already: {owner}.",
            f"Use that one, stop it (Ctrl-C there, or kill {owner.process.pid}), or set CREDIT_PLATFORM_HOME.",
        )
    if state == "gone":
        return ComponentError(
            f"Programs of an earlier `{owner.command}` of {home} still run, though it was killed: {owner}.",
            f"End them: fuser {home / LOCK_NAME} names their tethers.",
        )
    return ComponentError(
        f"`{owner.command}` of another host owns {home}: {owner}. From here it cannot be known whether it still runs.",
        f"Stop it on {owner.process.host}; only if that host is gone for good, remove {path}.",
    )


def _open(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        raise _unusable(path, error) from error


def _is_locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise _unusable(Path(lock.name) if isinstance(lock.name, str) else Path(LOCK_NAME), error) from error
    return True


def _unusable(path: Path, error: OSError) -> EnvironmentSetupError:
    return EnvironmentSetupError(
        f"{path} cannot be used: {error.strerror}.",
        "The home must be a folder that you may write, on a file system with locks; CREDIT_PLATFORM_HOME names it.",
    )


def _write(path: Path, record: _Record) -> None:
    facts = {"address": record.address, "sockets": record.sockets, "command": record.command}
    document = {"owner": record.process.document(), **facts}
    try:
        write_synced(path, json.dumps(document).encode(), mode=0o600)
    except OSError as error:
        raise _unusable(path, error) from error


def _read(path: Path) -> _Record | None:
    """The record; None where there is none, or what is no record, which is written over."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        document = json.loads(text)
        identity = ProcessIdentity.parse(document["owner"])
        return _Record(identity, str(document["address"]), str(document["sockets"]), str(document.get("command", "up")))
    except (ValueError, KeyError, TypeError):
        return None


def _clear(sockets: Path) -> None:
    """Remove the folder that a killed owner made, and nothing that merely stands in its record."""
    if sockets.parent == Path(tempfile.gettempdir()) and sockets.name.startswith(_SOCKETS_PREFIX):
        shutil.rmtree(sockets, ignore_errors=True)
