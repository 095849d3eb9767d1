"""Where a lakehouse lies: a local folder or an object store, behind the same few operations.

What is here: `Storage`: addresses of tables, sizes of files, the list of tables; `sink`: rows into a file.
What to add here: an operation that differs between folders and object stores.
What must not be here: Delta commits and anything about rows.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake.fs import DeltaStorageHandler
from pyarrow import fs as arrow_fs

from credit_platform.files import literal
from credit_platform.files.durable import make_folder, sync_file, sync_folder

_LOG = "_delta_log"
_PIECE = 1 << 22
_PATIENCE = {"max_retries": 1000, "retry_timeout_ms": 60_000, "retry_max_backoff_ms": 5_000}
"""A store that is restarted is away for seconds. delta-rs waits so long by itself, Polars gives up within one.
The time decides: a store that is starting answers at once, with an error, so that twenty tries last ten seconds."""
ZSTD_LEVEL = 1
"""Of tables that are computed. Against Polars' default (3) the feature table of Home Credit at full size takes a
quarter less processor time to write and is 6% larger. Raw tables are staged with 3: they would be 17% larger."""


class Storage:
    """A root folder (`/data/lakehouse`, `file:///data/lakehouse`) or URL (`s3://bucket/lakehouse`) with its options."""

    def __init__(self, root: str, options: dict[str, str] | None) -> None:
        """Take `options` as delta-rs and Polars do: credentials, endpoint, region of the object store."""
        self.options = options
        remote = "://" in root and not root.startswith("file://")
        self.polars_options: dict[str, Any] | None = {**_PATIENCE, **(options or {})} if remote else options
        """The same for Polars."""
        self._folder = None if "://" in root and not root.startswith("file://") else _local(root)
        self._url = root.rstrip("/")

    @property
    def folder(self) -> Path | None:
        """The root as a local folder; None for an object store."""
        return self._folder

    def address(self, key: str) -> str:
        """Path or URL of the table called `key`."""
        return str(self._folder / key) if self._folder else f"{self._url}/{key}"

    def put(self, frame: pl.LazyFrame, key: str, file_name: str) -> int:
        """Stream `frame` into a new Parquet file of the table; the size of the file in bytes."""
        if self._folder is not None:
            make_folder((self._folder / key / file_name).parent)
        sink(frame, f"{self.address(key)}/{file_name}", self.polars_options)
        return self.size(key, file_name)

    def adopt(self, staged: Path, key: str, file_name: str) -> int:
        """Move a finished Parquet file into the table (upload it, on an object store); its size in bytes."""
        if self._folder is None:
            return self.put(literal.scan_parquet(staged), key, file_name)
        target = self._folder / key / file_name
        make_folder(target.parent)
        shutil.move(staged, target)
        return target.stat().st_size

    def sync(self, key: str, names: Collection[str]) -> None:
        """Wait until files of a table, and their names, are on the disk; an object store's put has waited already."""
        if self._folder is None:
            return
        for name in names:
            sync_file(self._folder / key / name)
        for folder in {(self._folder / key / name).parent for name in names} | {self._folder / key}:
            sync_folder(folder)

    def size(self, key: str, file_name: str) -> int:
        """Bytes of one file of a table."""
        if self._folder:
            return (self._folder / key / file_name).stat().st_size
        size: int = self._files(self.address(key)).get_file_info(file_name).size
        return size

    def stamp(self, key: str, file_name: str) -> tuple[int, int, int] | None:
        """Bytes, time of change (ns) and inode of a table's file; None when there is none of this name."""
        if self._folder:
            try:
                found = (self._folder / key / file_name).stat()
            except FileNotFoundError:
                return None
            return found.st_size, found.st_mtime_ns, found.st_ino
        info = self._files(self.address(key)).get_file_info(file_name)
        return (info.size, info.mtime_ns or 0, 0) if info.type == arrow_fs.FileType.File else None

    def sha256(self, key: str, file_name: str) -> str:
        """SHA-256 of the bytes of a table's file, in hex."""
        if self._folder:
            with (self._folder / key / file_name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256()
        with self._files(self.address(key)).open_input_stream(file_name) as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()

    def files(self, key: str) -> dict[str, tuple[int, float]]:
        """Bytes and time of change (seconds since 1970) of each file in a table's folder, but those of its log."""
        if self._folder:
            folder = self._folder / key
            found = ((path.relative_to(folder), path.stat()) for path in folder.rglob("*") if path.is_file())
            inside = {path.as_posix(): (stat.st_size, stat.st_mtime) for path, stat in found}
        else:
            selector = arrow_fs.FileSelector("", recursive=True, allow_not_found=True)
            listed = self._files(self.address(key)).get_file_info(selector)
            inside = {i.path: (i.size, (i.mtime_ns or 0) / 1e9) for i in listed if i.type == arrow_fs.FileType.File}
        return {name: facts for name, facts in inside.items() if not name.startswith("_")}

    def remove(self, key: str, file_name: str) -> None:
        """Delete a file of a table; nothing happens when it is gone."""
        if self._folder:
            (self._folder / key / file_name).unlink(missing_ok=True)
        elif self.stamp(key, file_name) is not None:
            self._files(self.address(key)).delete_file(file_name)

    def tables(self) -> list[str]:
        """Keys of all tables under the root, sorted; a folder whose writer was killed before its commit is none."""
        if self._folder:
            logs = {commit.parent for commit in self._folder.rglob(f"{_LOG}/*.json")}
            return sorted(log.parent.relative_to(self._folder).as_posix() for log in logs)
        selector = arrow_fs.FileSelector("", recursive=True, allow_not_found=True)
        parts = [info.path.split(f"/{_LOG}") for info in self._files(self._url).get_file_info(selector)]
        return sorted({part[0] for part in parts if len(part) > 1})

    def _files(self, url: str) -> arrow_fs.PyFileSystem:
        return arrow_fs.PyFileSystem(DeltaStorageHandler(url, self.options))


def sink(frame: pl.LazyFrame, target: str, options: dict[str, Any] | None, *, mkdir: bool = False) -> None:
    """Stream `frame` into the Parquet file `target`, packed as tables that are computed are."""
    frame.sink_parquet(
        literal.exact(target),
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        mkdir=mkdir,
        storage_options=options,
        engine="streaming",
    )


def _local(root: str) -> Path:
    folder = unquote(root.removeprefix("file://")) if root.startswith("file://") else root
    return Path(folder).expanduser().resolve()
