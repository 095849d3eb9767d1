"""Turning finished Parquet files into a version of a Delta table.

What is here: the types Delta can store (`storable`), the atomic commit of files (`commit_files`), of partitions
(`commit_parts`) and of a note without files (`commit_note`).
What to add here: other ways to commit (appending), should a table need one.
What must not be here: writing rows, reading tables.

A commit is made after the very commit that its seal names: delta-rs may not move it behind another one, so whoever
loses the race begins again. In a folder the commit is synced when it is there (files and folder were before it).
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from credit_platform.errors import TableMovedOnError, TableWriteError
from credit_platform.files.durable import sync_file, sync_folder
from credit_platform.lakehouse.log import LOG, commit_file, damaged_commit, fault_of, read_history
from credit_platform.lakehouse.partitions import Part, Parts
from credit_platform.lakehouse.seals import DIGEST_KEY, NewFile, Previous, seal_metadata
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.store_errors import ROOT_SETTING, storage_error
from credit_platform.lakehouse.versions import VERSION_KEY

WRITE_KEY = "credit_platform_file"
"""Metadata entry with the name of the first file a commit added, by which a writer finds its own commit."""

Made = TypeVar("Made")


class Anything(Enum):
    """What a commit may come after, where that does not matter."""

    ANYTHING = "anything"


ANYTHING = Anything.ANYTHING

_ATTEMPTS = 40
_FEW = 12
# By default Delta forgets log entries after 30 days; ours are the record of what was known when.
_CONFIGURATION: dict[str, str | None] = {"delta.enableExpiredLogCleanup": "false"}
_WIDER: dict[type[pl.DataType], type[pl.DataType]] = {
    pl.UInt8: pl.Int16,
    pl.UInt16: pl.Int32,
    pl.UInt32: pl.Int64,
    pl.UInt64: pl.Int64,
    pl.Categorical: pl.String,
    pl.Enum: pl.String,
    pl.Null: pl.String,
}


def storable(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Cast columns whose type Delta lacks to the next type that holds their values."""
    casts: list[pl.Expr] = []
    for name, dtype in frame.collect_schema().items():
        wider = _WIDER.get(dtype.base_type())
        if wider is not None:
            casts.append(pl.col(name).cast(wider))
        elif isinstance(dtype, pl.Datetime) and dtype.time_unit != "us":
            casts.append(pl.col(name).dt.cast_time_unit("us"))
    return frame.with_columns(casts) if casts else frame


def commit_files(
    storage: Storage,
    key: str,
    files: Sequence[NewFile],
    schema: pl.Schema,
    metadata: Mapping[str, str],
    *,
    after: int | Anything | None = ANYTHING,
) -> dict[str, Any]:
    """Make `files` the whole content of table `key` in one commit; return the commit as history shows it.

    Raises:
        DamagedTableError: the newest commit is damaged, so nothing can be put after it.
        TableMovedOnError: the newest version is another one than `after`; the files are removed again.
        TableWriteError: other writers kept committing first.
    """
    custom = {**metadata, WRITE_KEY: files[0].name}
    address = storage.address(key)
    try:
        made = attempt_until_first(address, lambda: _try_commit(storage, key, files, schema, custom, after))
    except TableMovedOnError:
        for file in files:
            storage.remove(key, file.name)
        raise
    _sync_commit(address, made)
    return _own_commit(address, storage.options, files[0].name)


@dataclass(frozen=True, kw_only=True)
class NewParts:
    """A version that replaces some partitions of the one before, or all of them."""

    files: Sequence[NewFile]
    """All files of the version, in which those that stay are."""
    parts: Parts
    """The same by partition."""
    before: Parts | None
    """Partitions of the version before; None where none of its files stays."""
    base: int | None
    """The commit it stands on; None where there was no table."""
    schema: pl.Schema

    @property
    def added(self) -> list[NewFile]:
        """Files that were not there before."""
        return [file for file in self.files if self.before is None or file.name not in self.before.files]

    def actions(self) -> list[AddAction | RemoveAction]:
        """What Delta is told of files; where none stays, it finds out by itself which go."""
        gone = self.before.without(self.parts.files).files if self.before is not None else {}
        removed = [_remove_action(name, part, self.parts.column) for name, part in gone.items()]
        return [*(_add_action(file, self.parts) for file in self.added), *removed]


def commit_parts(storage: Storage, key: str, new: NewParts, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Make a version of partitions in one commit, right after the one it stands on; return it as history shows it.

    Raises:
        DamagedTableError: the newest commit is damaged, so nothing can be put after it.
        TableMovedOnError: somebody committed since.
        TableWriteError: the table cannot be written.
    """
    address, added = storage.address(key), new.added
    custom = {**metadata, **new.parts.metadata(), WRITE_KEY: added[0].name if added else f"nothing-{uuid.uuid4().hex}"}
    _sync_commit(address, attempt_until_first(address, lambda: _try_commit_parts(storage, key, new, custom)))
    return _own_commit(address, storage.options, custom[WRITE_KEY])


def _try_commit_parts(storage: Storage, key: str, new: NewParts, custom: dict[str, str]) -> int:
    address, options = storage.address(key), storage.options
    schema = Schema.from_arrow(new.schema.to_frame().to_arrow().schema)
    there = DeltaTable.is_deltatable(address, options)
    if not there and new.base is None:
        sealed = seal_metadata(custom, new.files, None, _now())
        _make_table(address, schema, new.actions(), options, sealed, partition_by=[new.parts.column])
        return 0
    _require_sound_end(key, address)
    table = DeltaTable(address, storage_options=options) if there else None
    if table is None or table.version() != new.base:
        raise changed(key)
    partial = None if new.before is None else [file.name for file in new.added]
    properties = _properties(seal_metadata(custom, new.files, _previous(key, table, address), _now(), partial))
    mode = "overwrite" if new.before is None else "append"
    table.create_write_transaction(new.actions(), mode, schema, [new.parts.column], commit_properties=properties)
    return table.version()


def changed(key: str) -> TableMovedOnError:
    """The error of who finds another newest commit than the one that it read."""
    return TableMovedOnError(f"{key} was changed by another run while this one read.", "Run it again.")


def commit_note(key: str, table: DeltaTable, address: str, metadata: Mapping[str, Any]) -> None:
    """Commit `metadata` right after the version that `table` holds, with no change of its rows.

    Raises:
        CommitFailedError: another writer was first.
        DamagedTableError: the newest commit is damaged.
    """
    sealed = seal_metadata(metadata, (), _previous(key, table, address), _now())
    table.create_write_transaction([], "append", table.schema(), commit_properties=_properties(sealed))
    _sync_commit(address, table.version())


def attempt_until_first(address: str, attempt: Callable[[], Made]) -> Made:
    """Call `attempt` again while other writers commit first.

    Raises:
        TableWriteError: they kept doing so, or the table cannot be written at all.
    """
    for number in range(_ATTEMPTS):
        try:
            return attempt()
        except (CommitFailedError, DeltaError) as error:
            if number == _ATTEMPTS - 1 or not _lost_a_race(error):
                told = storage_error(error, address, ROOT_SETTING)
                raise told or _write_error(address, error) from (None if told else error)
            time.sleep(random.uniform(0.01, 0.05) * (1 + number % _FEW))  # noqa: S311  # spreads writers, hides nothing
    raise AssertionError("The last attempt returns or raises.")


def _try_commit(  # noqa: PLR0917  # one call, in this module
    storage: Storage,
    key: str,
    files: Sequence[NewFile],
    schema: pl.Schema,
    custom: dict[str, str],
    after: int | Anything | None,
) -> int:
    """The version that was made."""
    address, options = storage.address(key), storage.options
    delta_schema = Schema.from_arrow(schema.to_frame().to_arrow().schema)
    actions = [_add_action(file) for file in files]
    if not DeltaTable.is_deltatable(address, options):
        _require_newest(key, after, None)
        _make_table(address, delta_schema, actions, options, seal_metadata(custom, files, None, _now()))
        return 0
    _require_sound_end(key, address)
    table = DeltaTable(address, storage_options=options)
    if not isinstance(after, Anything):
        # Delta commits right behind the version that `table` holds, or not at all: what is newest there is meant.
        _require_newest(key, after, _newest_version(address, options, table.version()))
    sealed = seal_metadata(custom, files, _previous(key, table, address), _now())
    table.create_write_transaction([*actions], "overwrite", delta_schema, commit_properties=_properties(sealed))
    return table.version()


def _require_newest(key: str, after: int | Anything | None, newest: int | None) -> None:
    if not isinstance(after, Anything) and after != newest:
        raise TableMovedOnError(
            f"Table {key} moved on: version {newest} was written by somebody else meanwhile.",
            "Look at it, and do what you did again if it is still right.",
        )


def _newest_version(address: str, options: dict[str, str] | None, up_to: int) -> int | None:
    """Number of the newest commit with rows among those up to commit `up_to`; notes are none."""
    for limit in (_FEW, None):
        for commit in read_history(address, options, limit):
            if commit["version"] <= up_to and VERSION_KEY in commit:
                return int(commit["version"])
    return None


def _make_table(
    address: str,
    schema: Schema,
    actions: Sequence[Any],
    options: dict[str, str] | None,
    sealed: Mapping[str, Any],
    **layout: Any,
) -> None:
    create_table_with_add_actions(
        address,
        schema,
        [*actions],
        mode="error",
        configuration=_CONFIGURATION,
        storage_options=options,
        # Of two writers that make a table at once, delta-rs would let the second add its rows to the first's.
        commit_properties=_properties(sealed),
        **layout,
    )


def _properties(metadata: Mapping[str, Any]) -> CommitProperties:
    # Moved behind another commit by delta-rs, the seal would name the wrong one before it.
    return CommitProperties(custom_metadata=dict(metadata), max_commit_retries=0)


def _require_sound_end(key: str, address: str) -> None:
    """In a folder, before delta-rs reads the log: to it an emptied commit is one without actions."""
    history = read_history(address, None, _FEW) if "://" not in address else []
    if history and fault_of(history[0]) is not None:
        raise damaged_commit(key, address, history[0], history)


def _previous(key: str, table: DeltaTable, address: str) -> Previous:
    version = table.version()
    if "://" in address:
        return Previous(version=version, digest=table.history(1)[0].get(DIGEST_KEY))
    history = read_history(address, None, _FEW)
    newest = next((commit for commit in history if commit["version"] == version), None)
    if newest is not None and fault_of(newest) is not None:
        raise damaged_commit(key, address, newest, history)
    return Previous(version=version, digest=None if newest is None else newest.get(DIGEST_KEY))


def _sync_commit(address: str, version: int) -> None:
    if "://" not in address:
        log = Path(address) / LOG
        sync_file(commit_file(log, version))
        sync_folder(log)
        # The log itself is new with the first commit.
        sync_folder(log.parent)


def _now() -> int:
    return int(time.time() * 1000)


def _add_action(file: NewFile, parts: Parts | None = None) -> AddAction:
    # No least and greatest values: the log outlives the files, and would keep what somebody had erased.
    return AddAction(
        path=file.name,
        size=file.size,
        partition_values={} if parts is None else {parts.column: parts.files[file.name].value},
        modification_time=_now(),
        data_change=True,
        stats=json.dumps({"numRecords": file.rows}),
    )


def _remove_action(name: str, part: Part, column: str) -> RemoveAction:
    return RemoveAction(path=name, data_change=True, deletion_timestamp=_now(), partition_values={column: part.value})


def _lost_a_race(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, CommitFailedError) or "already exists" in text or "conflict" in text


def _write_error(address: str, error: Exception) -> TableWriteError:
    return TableWriteError(
        f"Table {address} could not be committed: {error}",
        "Its last good version is untouched. Let the other run that writes this table finish, then run again.",
    )


def _own_commit(address: str, options: dict[str, str] | None, file_name: str) -> dict[str, Any]:
    """Find the commit that added `file_name`; other writers may have committed since."""
    # The few newest first: reading the whole log of an old table takes long.
    logs = (read_history(address, options, limit) for limit in (_FEW, None))
    return next(commit for log in logs for commit in log if commit.get(WRITE_KEY) == file_name)
