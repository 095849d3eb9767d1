"""Bringing rows into a table's folder and describing the files, before a commit makes them a version.

What is here: `put` (a whole table), `put_parts` and `put_nothing` (partitions), `described` (what is sealed of files).
What to add here: another form in which rows come.
What must not be here: the commit itself (`commits.py`), reading (`reading.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import polars as pl

from credit_platform.files import literal
from credit_platform.lakehouse.commits import storable
from credit_platform.lakehouse.content_hash import row_sums
from credit_platform.lakehouse.partitions import Part, Parts, Replacement, fitted, new_name
from credit_platform.lakehouse.seals import NewFile
from credit_platform.lakehouse.staging import StagedTable
from credit_platform.lakehouse.storage import Storage


def put(storage: Storage, key: str, frame: pl.LazyFrame | pl.DataFrame | StagedTable) -> dict[str, int]:
    """Bring the files of a new version into the table's folder; their names and sizes in bytes."""
    stem = f"part-{uuid.uuid4().hex}"
    if not isinstance(frame, StagedTable):
        return {f"{stem}.parquet": storage.put(storable(frame.lazy()), key, f"{stem}.parquet")}
    files = frame.files
    names = [f"{stem}.parquet"] if len(files) == 1 else [f"{stem}-{i:05d}.parquet" for i in range(len(files))]
    return {name: storage.adopt(file, key, name) for name, file in zip(names, files, strict=True)}


def described(storage: Storage, key: str, names: Mapping[str, int]) -> list[NewFile]:
    """What is to be sealed of files: as written, because what is recorded is what can be read back."""
    storage.sync(key, names)
    return [
        NewFile(name=name, size=size, rows=_rows(storage, key, name), sha256=storage.sha256(key, name))
        for name, size in names.items()
    ]


def put_parts(storage: Storage, key: str, replacement: Replacement, kept: Mapping[str, pl.LazyFrame]) -> Parts:
    """Bring the files of new partitions into the table's folder.

    Args:
        storage: where the table lies.
        key: the table.
        replacement: the partitions; those without rows get no file.
        kept: partitions that stay and have to be written again, because the columns of the table change.
    """
    parts = Parts(column=replacement.column, files={})
    frames = {**{value: frame.lazy() for value, frame in replacement.frames.items() if frame.height}, **kept}
    for value, frame in sorted(frames.items()):
        parts = _with_file(storage, key, parts, value, fitted(frame, replacement.schema))
    return parts


def put_nothing(storage: Storage, key: str, replacement: Replacement) -> Parts:
    """Bring one file without rows into the table's folder: a table that holds nothing has its columns all the same."""
    empty = pl.DataFrame(schema=replacement.schema).lazy()
    return _with_file(storage, key, Parts(column=replacement.column, files={}), None, empty)


def _with_file(storage: Storage, key: str, parts: Parts, value: str | None, frame: pl.LazyFrame) -> Parts:
    name = new_name(parts.column, value)
    storage.put(storable(frame), key, name)
    stored = literal.scan_parquet(f"{storage.address(key)}/{name}", storage_options=storage.polars_options)
    return parts.with_part(name, Part(value=value, sums=row_sums(stored)))


def _rows(storage: Storage, key: str, file_name: str) -> int:
    path = f"{storage.address(key)}/{file_name}"
    lazy = literal.scan_parquet(path, storage_options=storage.polars_options)
    return int(lazy.select(pl.len()).collect(engine="streaming").item())
