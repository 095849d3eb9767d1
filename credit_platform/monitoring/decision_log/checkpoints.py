"""Checkpoints: where each chain stood and when, in files outside the database.

What is here: the files, one for each writer of a log, and reading them; what a line says: `checkpoint_lines.py`.
What to add here: another place where they may lie.
What must not be here: SQL; whoever owns the database must not be able to change what is here through it.

A file is `<folder>/<log>/<writer>.jsonl`: 0600, only ever appended to, flushed to the disk after each line. A line is a
JSON object; `previous` is the SHA-256 of the line before, so that lines cannot be changed, and the database notes how
many lines there are, so that they cannot be cut off. In an object store each line is an object: `checkpoint_store.py`.
"""

from __future__ import annotations

import base64
import logging
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import Engine

from credit_platform.errors import DecisionLogError
from credit_platform.files.durable import make_folder, write_synced
from credit_platform.monitoring.decision_log.chain import Head
from credit_platform.monitoring.decision_log.checkpoint_lines import SHORT, CheckpointFile, Kind, parsed
from credit_platform.monitoring.decision_log.checkpoint_store import (
    RemoteFolder,
    put_line,
    put_together,
    read_remote,
)
from credit_platform.monitoring.decision_log.database import sqlite_file

Place = Path | RemoteFolder
"""Where checkpoints lie: a folder, or one in an object store."""
TOGETHER = 256
"""Lines that become one object in an object store."""
LOGGER = logging.getLogger("credit_platform.decision_log")
_SUFFIX = ".jsonl"


class _Place(BaseSettings):
    """Where checkpoints go; `credit_platform.settings` has the same fields."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_")
    home: Path = Path(".credit_platform")
    decision_checkpoints: str | None = None


class CheckpointWriter:
    """Appends to the file of one writer."""

    def __init__(self, folder: Place, writer: str) -> None:
        """Name the file; the first line makes it."""
        self.folder = folder
        self.writer = writer
        self.lines = 0
        self.digest = ""
        """Of the last line."""
        self._tried: bytes | None = None
        """A line of which it is not known whether an object store has it."""
        self._single: list[bytes] = []
        """The last lines, each of which is an object of its own there."""

    def append(self, kind: Kind, head: Head, contents: Sequence[str] = (), **facts: Any) -> None:
        """Write one line, and wait until it is on the disk.

        Raises:
            DecisionLogError: it cannot be written.
        """
        try:
            self._append(kind, head, contents, facts)
        except OSError as error:
            raise DecisionLogError(
                f"The checkpoints of the decision log cannot be written to {self.folder} ({error.strerror}).",
                "Make room or mend its rights, or set CREDIT_PLATFORM_DECISION_CHECKPOINTS to another folder.",
            ) from error

    def _append(self, kind: Kind, head: Head, contents: Sequence[str], facts: dict[str, Any]) -> None:
        short = b"".join(bytes.fromhex(one)[:SHORT] for one in contents)
        content = {
            "writer": self.writer,
            "kind": kind,
            "sequence": head.sequence,
            "digest": head.digest,
            "count": len(contents),
            "rows": base64.b64encode(short).decode(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "previous": self.digest,
            **({"facts": facts} if facts else {}),
        }
        self._put(kind, orjson.dumps(content))

    def _put(self, kind: Kind, line: bytes) -> None:
        if isinstance(self.folder, Path):
            _append_to(self.folder / f"{self.writer}{_SUFFIX}", line)
            self._noted(line)
        else:
            self._put_remote(self.folder, line)
            self._put_together(at_once=kind == "close")

    def _noted(self, line: bytes) -> None:
        self.lines, self.digest = self.lines + 1, sha256(line).hexdigest()

    def _put_together(self, *, at_once: bool) -> None:
        """In an object store, make one object of many lines; those are kept where that fails."""
        if isinstance(self.folder, Path) or len(self._single) < (2 if at_once else TOGETHER):
            return
        try:
            put_together(self.folder, self.writer, self.lines - len(self._single) + 1, self._single)
        except DecisionLogError as error:
            LOGGER.warning("checkpoints stay single objects: %s", error)
        self._single.clear()

    def _put_remote(self, folder: RemoteFolder, line: bytes) -> None:
        if self._tried is not None and put_line(folder, self.writer, self.lines + 1, self._tried):
            # The line before failed, and had perhaps arrived: it stands, and this one names it.
            self._stored(self._tried)
            line = orjson.dumps({**orjson.loads(line), "previous": self.digest})
        self._tried = line
        if not put_line(folder, self.writer, self.lines + 1, line):
            raise DecisionLogError(
                f"Somebody else wrote checkpoint {self.lines + 1} of {self.writer} in {folder} at the same time.",
                "Run the same command again.",
            )
        self._stored(line)

    def _stored(self, line: bytes) -> None:
        self._tried = None
        self._noted(line)
        self._single.append(line)


def _append_to(file: Path, line: bytes) -> None:
    if not file.exists():
        make_folder(file.parent, mode=0o700)
        # At once with its first line: whoever verifies meanwhile would take an empty file for a cut one.
        write_synced(file, line + b"\n", mode=0o600)
        return
    handle = os.open(file, os.O_WRONLY | os.O_APPEND)
    try:
        _write_whole(handle, line + b"\n")
    finally:
        os.close(handle)


def _write_whole(handle: int, line: bytes) -> None:
    size = os.fstat(handle).st_size
    try:
        written = os.write(handle, line)
        if written < len(line):
            os.write(handle, line[written:])
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)  # half a line would spoil the next
        raise


def continue_file(folder: Place, known: CheckpointFile) -> CheckpointWriter:
    """A writer that appends to a file that is there already."""
    writer = CheckpointWriter(folder, known.writer)
    writer.lines, writer.digest = len(known.lines), known.digests[-1] if known.digests else ""
    return writer


def folder_of(engine: Engine, checkpoints: Path | str | None = None) -> Place:
    """Folder of the files of one log: by default beside an SQLite file, or in the home.

    The name comes from the database's address, not from what is in it: an emptied database must find its files.
    """
    place = _Place()
    file = sqlite_file(engine)
    root = checkpoints or place.decision_checkpoints
    if root is None:
        root = (place.home / "decisions" if file is None else file.parent) / "checkpoints"
    name = str(engine.url.database) if file is None else file.stem
    return place_of(root) / f"{engine.dialect.name}-{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}"


def place_of(root: Path | str) -> Place:
    """Where checkpoints lie, of what a setting says."""
    text = str(root)
    return RemoteFolder(text) if "://" in text and not text.startswith("file://") else Path(root).resolve()


def read_raw(folder: Place) -> dict[str, bytes]:
    """The lines of every writer as they were written, each ended by a line break.

    What stands behind the last line break was not finished when power went; its row is covered by nothing.

    Raises:
        DecisionLogError: they cannot be read.
    """
    if isinstance(folder, RemoteFolder):
        return read_remote(folder)
    try:
        contents = {file.stem: file.read_bytes() for file in sorted(folder.glob(f"*{_SUFFIX}"))}
    except OSError as error:
        raise DecisionLogError(
            f"The checkpoints in {folder} cannot be read ({error.strerror}).", "Mend their rights or the disk."
        ) from error
    return {writer: content[: content.rfind(b"\n") + 1] for writer, content in contents.items()}


def add_lines(folder: Place, writer: str, content: bytes) -> bool:
    """Add to a writer's lines those that `content` has beyond them; False where it says something else, or less.

    Raises:
        DecisionLogError: they cannot be read or written.
    """
    known = read_raw(folder).get(writer, b"")
    if not content.startswith(known):
        return False
    for number, line in enumerate(content[len(known) :].splitlines(), start=known.count(b"\n") + 1):
        if isinstance(folder, RemoteFolder):
            if not put_line(folder, writer, number, line):
                return False
        else:
            _append_to(folder / f"{writer}{_SUFFIX}", line)
    return True


def read_files(folder: Place) -> dict[str, CheckpointFile]:
    """All files of a log, by writer.

    Raises:
        DecisionLogError: a file cannot be read.
    """
    return {writer: parsed(writer, content) for writer, content in read_raw(folder).items()}
