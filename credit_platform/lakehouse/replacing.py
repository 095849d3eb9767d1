"""Putting some partitions of a table in place of others, in one commit.

What is here: `replace_parts`.
What must not be here: what a partition is (`partitions.py`), the commit itself (`commits.py`).

A day that is made anew replaces what there was of it: made twice, it is there once. The commit stands on the very one
that its maker read: if another came in between, nothing is written and the maker reads again, so that no maker brings
back what another one took away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from credit_platform.errors import DamagedTableError
from credit_platform.files import literal
from credit_platform.lakehouse.commits import NewParts, changed, commit_parts
from credit_platform.lakehouse.content_hash import hash_of
from credit_platform.lakehouse.partitions import Parts, Replacement, parts_of
from credit_platform.lakehouse.reading import Reader
from credit_platform.lakehouse.seals import NewFile, Seal, seal_of
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.versions import CommitInfo, TableVersion, commit_metadata, version_of_commit
from credit_platform.lakehouse.whole_files import verified_files
from credit_platform.lakehouse.writing import described, put_nothing, put_parts


@dataclass(frozen=True, kw_only=True)
class _Before:
    """The version that is replaced in part."""

    parts: Parts
    seal: Seal
    columns: pl.Schema


def replace_parts(
    storage: Storage,
    reader: Reader,
    key: str,
    replacement: Replacement,
    said: tuple[CommitInfo, Mapping[str, Any] | None],
) -> TableVersion:
    """Commit `replacement` as the next version of `key`; `said` is where its rows come from, and its summary.

    Raises:
        DamagedTableError: a partition that has to be written again, because columns change, is not what was written.
        TableMovedOnError: somebody committed since the replacement was worked out; nothing was written.
        TableWriteError: the table cannot be written.
    """
    if reader.head(key) != replacement.base:
        raise changed(key)
    before = _before(storage, reader, key)
    carried, again = _staying(storage, key, before, replacement)
    new = put_parts(storage, key, replacement, again)
    if not new.files and not carried.files:
        new = put_nothing(storage, key, replacement)
    try:
        return _commit(storage, key, replacement, (before, carried, new), said)
    except BaseException:
        # Nobody will ever refer to them, and somebody's data are in them.
        for name in new.files:
            storage.remove(key, name)
        raise


def _before(storage: Storage, reader: Reader, key: str) -> _Before | None:
    newest = reader.newest(key) if reader.exists(key) else None
    if newest is None:
        return None
    parts, seal = parts_of(newest[1]), seal_of(newest[1])
    if parts is None or seal is None:  # a table of before it had partitions: all of it goes
        return None
    first = next(iter(parts.files))
    try:
        columns = literal.scan_parquet(
            f"{storage.address(key)}/{first}", storage_options=storage.polars_options
        ).collect_schema()
    except (pl.exceptions.PolarsError, OSError):
        columns = pl.Schema()  # not like any other: whatever stays is read, and found out
    return _Before(parts=parts, seal=seal, columns=columns)


def _staying(
    storage: Storage, key: str, before: _Before | None, replacement: Replacement
) -> tuple[Parts, dict[str, pl.LazyFrame]]:
    """Files that stay as they are, and partitions that have to be written again, by value."""
    nothing = Parts(column=replacement.column, files={})
    if before is None:
        return nothing, {}
    staying = before.parts.without(before.parts.names([None, *replacement.frames]))
    if before.columns == replacement.schema:
        return staying, {}
    wrong = verified_files(storage, key, [before.seal.files[name] for name in staying.files])
    if wrong is not None:
        raise DamagedTableError(
            f"{storage.address(key)}/{wrong[0].name}, a file of table {key}, {wrong[1]}.", "Make the table again."
        )
    values = sorted({part.value for part in staying.files.values() if part.value is not None})
    return nothing, {value: _scan(storage, key, staying.names([value])) for value in values}


def _scan(storage: Storage, key: str, names: Collection[str]) -> pl.LazyFrame:
    paths = [f"{storage.address(key)}/{name}" for name in sorted(names)]
    return literal.scan_parquet(paths, storage_options=storage.polars_options)


def _commit(
    storage: Storage,
    key: str,
    replacement: Replacement,
    states: tuple[_Before | None, Parts, Parts],
    said: tuple[CommitInfo, Mapping[str, Any] | None],
) -> TableVersion:
    before, carried, new = states
    files: list[NewFile] = described(storage, key, {name: storage.size(key, name) for name in new.files})
    if before is not None:
        files += [before.seal.files[name] for name in carried.files]
    parts = Parts(column=replacement.column, files={**carried.files, **new.files})
    stored = _scan(storage, key, [files[0].name]).collect_schema()
    facts = {
        "rows": sum(file.rows for file in files),
        "bytes": sum(file.size for file in files),
        "columns": len(stored),
        "content_hash": hash_of(stored, parts.sums),
    }
    metadata = commit_metadata(said[0], facts, said[1])
    partly = before.parts if before is not None and carried.files else None
    version = NewParts(files=files, parts=parts, before=partly, base=replacement.base, schema=stored)
    return version_of_commit(key, commit_parts(storage, key, version, metadata))
