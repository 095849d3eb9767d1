"""Where a lakehouse lies: a local folder or an object store, behind the same few operations.

What is here: `Storage`: addresses of tables, sizes of files, the list of tables; `sink`: rows into a file.
What to add here: an operation that differs between folders and object stores.
What must not be here: Delta commits and anything about rows.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake.fs import DeltaStorageHandler
from pyarrow import fs as arrow_fs

from credit_platform.files import literal

_LOG = "_delta_log"
_PATIENCE = {"max_retries": 20, "retry_timeout_ms": 60_000, "retry_max_backoff_ms": 5_000}
"""A store that is restarted is away for seconds. delta-rs waits so long by itself, Polars gives up within one."""
ZSTD_LEVEL = 1
"""Of tables that are computed. Against Polars' default (3) the feature table of Home Credit at full size takes a
quarter less processor time to write and is 6 % larger. Raw tables are staged with 3: they would be 17 % larger."""


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
        sink(frame, f"{self.address(key)}/{file_name}", self.polars_options, mkdir=self._folder is not None)
        return self.size(key, file_name)

    def adopt(self, staged: Path, key: str, file_name: str) -> int:
        """Move a finished Parquet file into the table (upload it, on an object store); its size in bytes."""
        if self._folder is None:
            return self.put(literal.scan_parquet(staged), key, file_name)
        target = self._folder / key / file_name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(staged, target)
        return target.stat().st_size

    def size(self, key: str, file_name: str) -> int:
        """Bytes of one file of a table."""
        if self._folder:
            return (self._folder / key / file_name).stat().st_size
        size: int = self._files(self.address(key)).get_file_info(file_name).size
        return size

    def holds(self, key: str, file_name: str) -> bool:
        """Whether a table's folder has a file of this name."""
        if self._folder:
            return (self._folder / key / file_name).is_file()
        return bool(self._files(self.address(key)).get_file_info(file_name).type == arrow_fs.FileType.File)

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
