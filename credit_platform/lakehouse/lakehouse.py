"""The lakehouse: every table a Delta table, every write one commit that can be read again later.

What is here: `Lakehouse`, the one door to tables; what it does is in the modules beside it.
What to add here: an operation on whole tables or their versions.
What must not be here: checks of values, and anything that names a table.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import polars as pl

from credit_platform.errors import SettingError
from credit_platform.files import literal
from credit_platform.lakehouse.commits import ANYTHING, Anything, attempt_until_first, commit_files, storable
from credit_platform.lakehouse.content_hash import content_hash
from credit_platform.lakehouse.log import require_sound_top
from credit_platform.lakehouse.partitions import Replacement, parts_of, split
from credit_platform.lakehouse.reading import Reader
from credit_platform.lakehouse.replacing import replace_parts
from credit_platform.lakehouse.seals import DIGEST_KEY
from credit_platform.lakehouse.shelf import NO_SHELF, Shelf
from credit_platform.lakehouse.staging import StagedTable, lend_folder
from credit_platform.lakehouse.storage import Storage, sink
from credit_platform.lakehouse.store_errors import ROOT_SETTING, reaching
from credit_platform.lakehouse.vacuum import Staying, remains_of, staying_young, vacuum, withdraw
from credit_platform.lakehouse.verdicts import is_refused, key_in_force
from credit_platform.lakehouse.versions import (
    VERSION_KEY,
    CommitInfo,
    StoredTable,
    TableVersion,
    VacuumResult,
    Withdrawal,
    commit_metadata,
    summary_of_commit,
    version_of_commit,
    withdrawn_versions,
)
from credit_platform.lakehouse.writing import described, put

P = ParamSpec("P")
T = TypeVar("T")


def _told_with_a_cure(
    method: Callable[Concatenate[Lakehouse, str, P], T],
) -> Callable[Concatenate[Lakehouse, str, P], T]:
    """Make a method on one table tell, by `StorageError`, where the folder or the object store cannot be used."""

    @wraps(method)
    def told(self: Lakehouse, key: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with reaching(self._storage.address(key), ROOT_SETTING):
            return method(self, key, *args, **kwargs)

    return told


class Lakehouse:
    """Versioned tables under one root, addressed by keys such as `german_credit/raw/applications`.

    A write puts Parquet files beside the current ones and then makes one atomic commit that replaces the table's
    content and may change its schema. Until that commit readers see the version before; a writer that dies leaves
    files that nothing refers to, which `vacuum` removes after a day. Writers of one table at the same time are put in
    a row by Delta's optimistic concurrency: each commits, the last one is the newest version.
    """

    def __init__(
        self,
        root: str,
        storage_options: dict[str, str] | None = None,
        pins: Mapping[str, int] | None = None,
        *,
        shelf: Shelf | None = None,
    ) -> None:
        """Open the lakehouse at `root`, a folder or object store URL; `pins` maps keys to versions to read instead.

        `shelf` holds the artefacts that its tables name, for whoever judges a table with its artefact.

        Raises:
            SettingError: a pin names refused data, which nothing may be made of.
        """
        for key in filter(is_refused, pins or {}):
            raise SettingError(
                f"The pin on {key} names data that a check refused.",
                f"Pin a version of {key_in_force(key)}; to put the refused data in force: credit-platform accept.",
            )
        self._storage = Storage(root, storage_options)
        self._reader = Reader(self._storage, dict(pins or {}))
        self.shelf = shelf or NO_SHELF

    @_told_with_a_cure
    def write(
        self,
        key: str,
        frame: pl.LazyFrame | pl.DataFrame | StagedTable,
        *,
        summary: Mapping[str, Any] | None = None,
        info: CommitInfo | None = None,
        partition_by: str | None = None,
        after: TableVersion | Anything | None = ANYTHING,
    ) -> TableVersion:
        """Store `frame` as the new version of `key` in one commit, streaming; 0 rows are stored with their schema.

        Types that Delta does not have are stored as the next one that holds them (unsigned integers, categories).

        Args:
            key: the table.
            frame: its rows.
            summary: what stands beside them.
            info: where they come from.
            partition_by: column by which they are laid out, for tables whose partitions `replace` can replace later;
                then they are read into memory.
            after: the version that must be the newest one still (None: no version yet), for whoever writes what
                follows from it. By default any; not for tables in partitions, which see to that by themselves.

        Raises:
            TableMovedOnError: another version came after `after`; nothing was written.
            TableMovedOnError: with `partition_by`, somebody committed meanwhile.
            TableWriteError: other writers kept committing first.
        """
        if partition_by is not None:
            rows = (literal.scan_parquet(frame.files) if isinstance(frame, StagedTable) else frame.lazy()).collect()
            whole = Replacement(
                column=partition_by,
                base=self._reader.head(key),
                schema=rows.schema,
                frames=self._whole(key, rows, partition_by),
            )
            return replace_parts(self._storage, self._reader, key, whole, (info or CommitInfo(), summary))
        files = described(self._storage, key, put(self._storage, key, frame))
        stored = literal.scan_parquet(
            [f"{self._storage.address(key)}/{file.name}" for file in files],
            storage_options=self._storage.polars_options,
        )
        schema = stored.collect_schema()
        facts = {
            "rows": sum(file.rows for file in files),
            "bytes": sum(file.size for file in files),
            "columns": len(schema),
            "content_hash": content_hash(stored),
        }
        metadata = commit_metadata(info or CommitInfo(), facts, summary)
        number = after.version if isinstance(after, TableVersion) else after
        commit = commit_files(self._storage, key, files, schema, metadata, after=number)
        return version_of_commit(key, commit)

    def _whole(self, key: str, rows: pl.DataFrame, column: str) -> dict[str, pl.DataFrame]:
        """Frames of a replacement that leaves nothing of what there was."""
        newest = self._reader.newest(key) if self._reader.exists(key) else None
        before = parts_of(newest[1]) if newest else None
        values = {part.value for part in before.files.values() if part.value} if before else set()
        return {**dict.fromkeys(values, rows.clear()), **split(rows, column)}

    @_told_with_a_cure
    def replace(
        self,
        key: str,
        replacement: Replacement,
        *,
        summary: Mapping[str, Any] | None = None,
        info: CommitInfo | None = None,
    ) -> TableVersion:
        """Put partitions in place of those that `key` has, in one commit; a table that does not exist is made.

        Raises:
            DamagedTableError: a partition that has to be written again, because columns change, is not what was
                written.
            TableMovedOnError: somebody committed since the replacement was worked out; nothing was written.
            TableWriteError: the table cannot be written.
        """
        return replace_parts(self._storage, self._reader, key, replacement, (info or CommitInfo(), summary))

    @_told_with_a_cure
    def head(self, key: str) -> int | None:
        """Number of the newest commit of `key`, whatever it says; None when the table does not exist."""
        return self._reader.head(key)

    @_told_with_a_cure
    def parts(self, key: str) -> dict[int, dict[str, str | None]]:
        """Files of each version that can be read, newest first: value of the partition that a path or URL holds.

        The value is None for a file that holds no rows, and in a table without partitions.
        """
        return self._reader.parts(key) if self._reader.exists(key) else {}

    @_told_with_a_cure
    def withdrawn(self, key: str) -> dict[int, Withdrawal]:
        """Versions of `key` that were taken away whoever needed them, and why."""
        return withdrawn_versions(self._reader.history(key)) if self._reader.exists(key) else {}

    def scan_files(self, paths: Sequence[str]) -> pl.LazyFrame:
        """Rows of some files of a version, as `StoredTable.files` names them; nothing is compared with a digest."""
        return literal.scan_parquet(paths, storage_options=self._storage.polars_options)

    @_told_with_a_cure
    def left_over(self, key: str) -> bool:
        """Whether files lie in the folder of `key` that no version stands on that can be read."""
        return bool(remains_of(self._storage, self._reader, key).sizes)

    @_told_with_a_cure
    def withdraw(self, key: str, head: int, unwanted: Collection[str], why: str) -> tuple[int, ...]:
        """Take away every version that stands on one of some files, pinned or not, and delete what no other needs.

        Only of tables that are written by `replace` or in partitions: whoever writes one beside it begins again.

        Args:
            key: the table; its newest version stands on none of them.
            head: its newest commit, as it was when the files were chosen.
            unwanted: paths or URLs of files, as `StoredTable.files` names them.
            why: completes "because …", for whoever asks for one of the versions later.

        Returns:
            The versions.

        Raises:
            DamagedTableError: a commit is damaged, so that nobody knows which files are needed.
            TableMovedOnError: somebody committed since.
        """
        start = f"{self._storage.address(key)}/"
        names = {path.removeprefix(start) for path in unwanted}
        gone, remains = attempt_until_first(
            self._storage.address(key), lambda: withdraw(self._storage, self._reader, key, head, (names, why))
        )
        remains.remove(self._storage, key)
        return gone

    def stage(self, frame: pl.LazyFrame, folder: Path) -> StagedTable:
        """Compute `frame` into a file of `folder` (of `staging`), in the form in which a table stores it."""
        staged = StagedTable(folder / f"staged-{uuid.uuid4().hex}.parquet")
        sink(storable(frame), str(staged.path), None)
        return staged

    @_told_with_a_cure
    def scan(self, key: str, version: int | None = None, as_of: datetime | None = None) -> pl.LazyFrame:
        """Read a version lazily: `version`, else the newest at `as_of`, else the pinned one, else the newest.

        The bytes of its files are compared with the digests in its commit first; see `whole_files`.

        Raises:
            DamagedTableError: a file or the commit of the version is not the one that was written.
            TableNotFoundError: there is no such table or version; the message names those that exist.
        """
        return self._reader.scan(*self._reader.resolve(key, version, as_of))

    @_told_with_a_cure
    def read(self, key: str, version: int | None = None, as_of: datetime | None = None) -> StoredTable:
        """Read a version with its summary and its record; arguments and errors as in `scan`."""
        return self._reader.stored(*self._reader.resolve(key, version, as_of))

    @_told_with_a_cure
    def exists(self, key: str) -> bool:
        """Whether `key` has at least one version."""
        return self._reader.exists(key)

    @_told_with_a_cure
    def seals(self, key: str) -> dict[int, str | None]:
        """Digest of the seal of every commit of a table, by version; None for a commit that carries none."""
        return {c["version"]: c.get(DIGEST_KEY) for c in self._reader.history(key)} if self.exists(key) else {}

    @_told_with_a_cure
    def versions(self, key: str) -> list[TableVersion]:
        """Every version that can still be read, newest first; empty when the table does not exist.

        Raises:
            DamagedTableError: the newest commit is damaged, so the newest version is not known.
        """
        return self._reader.versions(key)

    @_told_with_a_cure
    def ever(self, key: str) -> list[TableVersion]:
        """The record of every version that was ever committed, newest first, also of those that a vacuum removed."""
        return (
            [version_of_commit(key, c) for c in self._reader.history(key) if VERSION_KEY in c]
            if self.exists(key)
            else []
        )

    @_told_with_a_cure
    def records(self, key: str) -> list[tuple[TableVersion, dict[str, Any]]]:
        """Record and summary of every version ever committed, newest first, from the log alone: no rows are read.

        Raises:
            DamagedTableError: the newest commit is damaged, so the newest version is not known.
        """
        if not self.exists(key):
            return []
        history = self._reader.history(key)
        require_sound_top(key, self._storage.address(key), history)
        return [(version_of_commit(key, c), summary_of_commit(c)) for c in history if VERSION_KEY in c]

    @_told_with_a_cure
    def latest(self, key: str) -> TableVersion | None:
        """The newest version, pins or not; None when the table does not exist.

        Raises:
            DamagedTableError: the newest commit is damaged, so the newest version is not known.
        """
        newest = self._reader.newest(key) if self._reader.exists(key) else None
        return None if newest is None else newest[0]

    def keys(self, prefix: str = "") -> list[str]:
        """Keys of the tables whose key starts with `prefix`, sorted."""
        with reaching(self._storage.address(""), ROOT_SETTING):
            return [key for key in self._storage.tables() if key.startswith(prefix)]

    @_told_with_a_cure
    def vacuum(
        self,
        key: str,
        keep_versions: int,
        *,
        dry_run: bool,
        also_keep: Collection[int] = (),
        note: Mapping[str, str] | None = None,
    ) -> VacuumResult:
        """Delete the files that no version needs but others than the newest `keep_versions`, the pinned, `also_keep`.

        Files that no commit refers to (of killed writers) are removed once they are a day old.

        Raises:
            TableNotFoundError: the table does not exist.
            ValueError: `keep_versions` is below 1.
        """
        if keep_versions < 1:
            raise ValueError("keep_versions must be at least 1: the newest version always stays.")
        return self._vacuum(key, lambda found: found[:keep_versions], also_keep, note, dry_run=dry_run)

    @_told_with_a_cure
    def expire(
        self,
        key: str,
        before: datetime,
        *,
        dry_run: bool,
        also_keep: Collection[int] = (),
        note: Mapping[str, str] | None = None,
    ) -> VacuumResult:
        """Delete the files that only versions from before `before` need, but for the pinned and `also_keep`.

        The newest version is in force, whatever its age, and stays; of what was refused nothing is.

        Args:
            key: of the table.
            before: with its time zone.
            dry_run: remove nothing.
            also_keep: versions that stay besides.
            note: who does it and why, for the commit that says so.

        Raises:
            TableNotFoundError: the table does not exist.
        """
        young = staying_young(before, newest=0 if is_refused(key) else 1)
        return self._vacuum(key, young, also_keep, note, dry_run=dry_run)

    def _vacuum(
        self,
        key: str,
        staying: Staying,
        also_keep: Collection[int],
        note: Mapping[str, str] | None,
        *,
        dry_run: bool,
    ) -> VacuumResult:
        if not self.exists(key):
            raise self._reader.not_found(key, "is not in the lakehouse", [])
        result, remains = attempt_until_first(
            self._storage.address(key),
            lambda: vacuum(self._storage, self._reader, key, staying, also_keep, note=note, dry_run=dry_run),
        )
        if not dry_run:
            remains.remove(self._storage, key)
        return result

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Lend a folder on the lakehouse's own disk, where tables may be prepared; it is removed afterwards.

        Folders that killed runs left behind are removed when they are a day old.
        """
        with lend_folder(self._storage.folder, self) as folder:
            yield folder
