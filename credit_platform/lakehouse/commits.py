"""Turning finished Parquet files into a version of a Delta table.

What is here: the types Delta can store (`storable`) and the atomic commit (`commit_files`).
What to add here: other ways to commit (appending, partitions), should a table need one.
What must not be here: writing rows, reading tables.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, create_table_with_add_actions

from credit_platform.errors import TableWriteError
from credit_platform.lakehouse.store_errors import ROOT_SETTING, storage_error

WRITE_KEY = "credit_platform_file"
"""Metadata entry with the name of the first file a commit added, by which a writer finds its own commit."""

_ATTEMPTS = 12
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


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A Parquet file that lies in the table's folder and is not part of the table yet."""

    name: str
    size: int
    rows: int


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
    address: str,
    options: dict[str, str] | None,
    files: Sequence[NewFile],
    schema: pl.Schema,
    metadata: Mapping[str, str],
) -> dict[str, Any]:
    """Make `files` the whole content of the table at `address` in one commit; return the commit as history shows it.

    Raises:
        TableWriteError: other writers kept committing first.
    """
    custom = {**metadata, WRITE_KEY: files[0].name}
    for attempt in range(_ATTEMPTS):
        try:
            _try_commit(address, options, files, schema, custom)
        except (CommitFailedError, DeltaError) as error:
            if attempt == _ATTEMPTS - 1 or not _lost_a_race(error):
                told = storage_error(error, address, ROOT_SETTING)
                raise told or _write_error(address, error) from (None if told else error)
            time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311  # spreads writers, hides nothing
        else:
            break
    return _own_commit(address, options, files[0].name)


def read_history(address: str, options: dict[str, str] | None, limit: int | None = None) -> list[dict[str, Any]]:
    """Commits of the table, newest first, at most `limit` of them.

    Of a folder the log is read as it lies there: delta-rs finds no commit in a folder with `#` in its name. Elsewhere
    delta-rs numbers the commits it finds downwards from the version it loaded before, so a commit in between shifts
    every number by one: the log is read again until none came in between.
    """
    if "://" not in address:
        return _commits_in(Path(address) / "_delta_log", limit)
    table = DeltaTable(address, storage_options=options)
    while True:
        version = table.version()
        commits = table.history(limit)
        table.update_incremental()
        if table.version() == version:
            return commits


def _commits_in(log: Path, limit: int | None) -> list[dict[str, Any]]:
    """As `DeltaTable.history`: what each commit says of itself, with its version."""
    entries = sorted((path for path in log.glob("*.json") if path.stem.isdecimal()), reverse=True)
    return [_commit_in(path) for path in entries[:limit]]


def _commit_in(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        actions = (json.loads(line) for line in file)
        return {**next(a["commitInfo"] for a in actions if "commitInfo" in a), "version": int(path.stem)}


def _try_commit(
    address: str,
    options: dict[str, str] | None,
    files: Sequence[NewFile],
    schema: pl.Schema,
    custom: dict[str, str],
) -> None:
    delta_schema = Schema.from_arrow(schema.to_frame().to_arrow().schema)
    if DeltaTable.is_deltatable(address, options):
        table = DeltaTable(address, storage_options=options)
        table.create_write_transaction(
            [_add_action(file) for file in files],
            "overwrite",
            delta_schema,
            commit_properties=CommitProperties(custom_metadata=custom),
        )
    else:
        create_table_with_add_actions(
            address,
            delta_schema,
            [_add_action(file) for file in files],
            mode="error",
            configuration=_CONFIGURATION,
            storage_options=options,
            # Of two writers that make a table at once, delta-rs would let the second add its rows to the first's.
            commit_properties=CommitProperties(custom_metadata=custom, max_commit_retries=0),
        )


def _add_action(file: NewFile) -> AddAction:
    return AddAction(
        path=file.name,
        size=file.size,
        partition_values={},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": file.rows}),
    )


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
    logs = (read_history(address, options, limit) for limit in (_ATTEMPTS, None))
    return next(commit for log in logs for commit in log if commit.get(WRITE_KEY) == file_name)
