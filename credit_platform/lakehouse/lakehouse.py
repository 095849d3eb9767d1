"""The lakehouse: every table a Delta table, every write one commit that can be read again later.

What is here: `Lakehouse`.
What to add here: an operation on whole tables or their versions.
What must not be here: checks of values, and anything that names a table.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from credit_platform.errors import (
    CreditPlatformError,
    DamagedTableError,
    SettingError,
    TableNotFoundError,
)
from credit_platform.files import literal
from credit_platform.lakehouse.commits import WRITE_KEY, attempt_until_first, commit_files, storable
from credit_platform.lakehouse.content_hash import content_hash
from credit_platform.lakehouse.log import damaged_commit, fault_of, read_history, require_sound_top
from credit_platform.lakehouse.seals import DIGEST_KEY, NewFile, names_in, seal_of
from credit_platform.lakehouse.shelf import NO_SHELF, Shelf
from credit_platform.lakehouse.staged import StagedTable
from credit_platform.lakehouse.storage import Storage, sink
from credit_platform.lakehouse.store_errors import ROOT_SETTING, reaching
from credit_platform.lakehouse.vacuum import ORPHAN_SECONDS, Remains, record_kept
from credit_platform.lakehouse.verdicts import Judged, is_refused, key_in_force, refused_key
from credit_platform.lakehouse.versions import (
    VERSION_KEY,
    CommitInfo,
    StoredTable,
    TableVersion,
    VacuumResult,
    commit_metadata,
    readable_versions,
    summary_of_commit,
    version_of_commit,
)
from credit_platform.lakehouse.whole_files import verified_files
from credit_platform.portfolios.keys import siblings_of, split_key

_RECENT_COMMITS = 4


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
        self._pins = dict(pins or {})
        self.shelf = shelf or NO_SHELF

    @_told_with_a_cure
    def write(
        self,
        key: str,
        frame: pl.LazyFrame | pl.DataFrame | StagedTable,
        *,
        summary: Mapping[str, Any] | None = None,
        info: CommitInfo | None = None,
    ) -> TableVersion:
        """Store `frame` as the new version of `key` in one commit, streaming; 0 rows are stored with their schema.

        Types that Delta does not have are stored as the next one that holds them (unsigned integers, categories).

        Raises:
            TableWriteError: other writers kept committing first.
        """
        names = self._put(key, frame)
        address = self._storage.address(key)
        self._storage.sync(key, names)
        # Described from the files as written: what is recorded is what can be read back.
        files = [
            NewFile(name=name, size=size, rows=self._rows(key, name), sha256=self._storage.sha256(key, name))
            for name, size in names.items()
        ]
        stored = literal.scan_parquet(
            [f"{address}/{name}" for name in names], storage_options=self._storage.polars_options
        )
        schema = stored.collect_schema()
        facts = {
            "rows": sum(file.rows for file in files),
            "bytes": sum(file.size for file in files),
            "columns": len(schema),
            "content_hash": content_hash(stored),
        }
        metadata = commit_metadata(info or CommitInfo(), facts, summary)
        commit = commit_files(self._storage, key, files, schema, metadata)
        return version_of_commit(key, commit)

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
        return self._scan(*self._resolve(key, version, as_of))

    @_told_with_a_cure
    def read(self, key: str, version: int | None = None, as_of: datetime | None = None) -> StoredTable:
        """Read a version with its summary and its record; arguments and errors as in `scan`."""
        found, commit = self._resolve(key, version, as_of)
        frame = self._scan(found, commit)
        return StoredTable(
            frame=frame, summary=summary_of_commit(commit), version=found, files=self._files(found, commit)
        )

    @_told_with_a_cure
    def exists(self, key: str) -> bool:
        """Whether `key` has at least one version."""
        return DeltaTable.is_deltatable(self._storage.address(key), self._storage.options)

    @_told_with_a_cure
    def seals(self, key: str) -> dict[int, str | None]:
        """Digest of the seal of every commit of a table, by version; None for a commit that carries none."""
        return {c["version"]: c.get(DIGEST_KEY) for c in self._history(key)} if self.exists(key) else {}

    @_told_with_a_cure
    def versions(self, key: str) -> list[TableVersion]:
        """Every version that can still be read, newest first; empty when the table does not exist.

        Raises:
            DamagedTableError: the newest commit is damaged, so the newest version is not known.
        """
        if not self.exists(key):
            return []
        history = self._history(key)
        require_sound_top(key, self._storage.address(key), history)
        return readable_versions(key, history)

    @_told_with_a_cure
    def ever(self, key: str) -> list[TableVersion]:
        """The record of every version that was ever committed, newest first, also of those that a vacuum removed."""
        return [version_of_commit(key, c) for c in self._history(key) if VERSION_KEY in c] if self.exists(key) else []

    @_told_with_a_cure
    def latest(self, key: str) -> TableVersion | None:
        """The newest version, pins or not; None when the table does not exist.

        Raises:
            DamagedTableError: the newest commit is damaged, so the newest version is not known.
        """
        newest = self._newest(key) if self.exists(key) else None
        return None if newest is None else newest[0]

    def keys(self, prefix: str = "") -> list[str]:
        """Keys of the tables whose key starts with `prefix`, sorted."""
        with reaching(self._storage.address(""), ROOT_SETTING):
            return [key for key in self._storage.tables() if key.startswith(prefix)]

    @_told_with_a_cure
    def vacuum(self, key: str, keep_versions: int, *, dry_run: bool, also_keep: Collection[int] = ()) -> VacuumResult:
        """Delete the files that no version needs but others than the newest `keep_versions`, the pinned, `also_keep`.

        Files that no commit refers to (of killed writers) are removed once they are a day old.

        Raises:
            TableNotFoundError: the table does not exist.
            ValueError: `keep_versions` is below 1.
        """
        if keep_versions < 1:
            raise ValueError("keep_versions must be at least 1: the newest version always stays.")
        if not self.versions(key):
            raise self._not_found(key, "is not in the lakehouse", [])
        plan = attempt_until_first(
            self._storage.address(key), lambda: self._vacuum_once(key, keep_versions, also_keep, dry_run=dry_run)
        )
        result, remains = plan
        if not dry_run:
            remains.remove(self._storage, key)
        return result

    def _vacuum_once(
        self, key: str, keep_versions: int, also_keep: Collection[int], *, dry_run: bool
    ) -> tuple[VacuumResult, Remains]:
        """What goes, after it was committed that it does (unless this is a `dry_run`)."""
        history = self._history(key)
        for commit in history:
            # The files of a damaged commit are not known, so none can be said not to be needed.
            if fault_of(commit) is not None:
                raise damaged_commit(key, self._storage.address(key), commit, history)
        commits = {commit["version"]: commit for commit in history}
        versions = readable_versions(key, history)
        named = {self._pins.get(key), *also_keep}
        files = {v.version: set(self._names(v, commits[v.version])) for v in versions}
        kept = [v.version for i, v in enumerate(versions) if i < keep_versions or v.version in named]
        removed = tuple(v.version for v in versions if v.version not in kept)
        ever = {name for commit in history for name in (commit.get(WRITE_KEY, ""), *names_in(commit))}
        needed = {name for version in kept for name in files[version]}
        remains = Remains.find(self._storage, key, needed=needed, known=ever.union(*files.values()))
        if removed and not dry_run:
            record_kept(self._storage, key, history[0]["version"], kept)
        result = VacuumResult(
            key=key,
            kept_versions=tuple(kept),
            removed_versions=removed,
            files=tuple(remains.sizes),
            bytes=sum(remains.sizes.values()),
            dry_run=dry_run,
        )
        return result, remains

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Lend a folder on the lakehouse's own disk, where tables may be prepared; it is removed afterwards.

        Folders that killed runs left behind are removed when they are a day old.
        """
        parent = self._storage.folder / "_staging" if self._storage.folder else None
        if parent:
            parent.mkdir(parents=True, exist_ok=True)
            _remove_old_folders(parent)
        folder = Path(tempfile.mkdtemp(dir=parent))
        # A step that fails leaves its generator where it stood: then this goes with the lakehouse, or at the exit.
        tidy = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            yield folder
        finally:
            tidy()

    def _put(self, key: str, frame: pl.LazyFrame | pl.DataFrame | StagedTable) -> dict[str, int]:
        """Bring the files of a new version into the table's folder; their names and sizes in bytes."""
        stem = f"part-{uuid.uuid4().hex}"
        if not isinstance(frame, StagedTable):
            return {f"{stem}.parquet": self._storage.put(storable(frame.lazy()), key, f"{stem}.parquet")}
        files = frame.files
        names = [f"{stem}.parquet"] if len(files) == 1 else [f"{stem}-{i:05d}.parquet" for i in range(len(files))]
        return {name: self._storage.adopt(file, key, name) for name, file in zip(names, files, strict=True)}

    def _rows(self, key: str, file_name: str) -> int:
        path = f"{self._storage.address(key)}/{file_name}"
        lazy = literal.scan_parquet(path, storage_options=self._storage.polars_options)
        return int(lazy.select(pl.len()).collect(engine="streaming").item())

    def _table(self, key: str, version: int | None = None) -> DeltaTable:
        return DeltaTable(self._storage.address(key), version=version, storage_options=self._storage.options)

    def _history(self, key: str, limit: int | None = None) -> list[dict[str, Any]]:
        return read_history(self._storage.address(key), self._storage.options, limit)

    def _scan(self, found: TableVersion, commit: Mapping[str, Any]) -> pl.LazyFrame:
        seal = seal_of(commit)
        if seal is not None:
            wrong = verified_files(self._storage, found.key, seal.files.values())
            if wrong is not None:
                raise self._damaged(found, *wrong)
        # Delta's own reader would look for files under names in which blanks and accents are percent-encoded.
        return literal.scan_parquet(self._files(found, commit), storage_options=self._storage.polars_options)

    def _files(self, found: TableVersion, commit: Mapping[str, Any]) -> tuple[str, ...]:
        """Paths or URLs of the files of a version."""
        return tuple(f"{self._storage.address(found.key)}/{name}" for name in self._names(found, commit))

    def _names(self, found: TableVersion, commit: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the files of a version: from its seal, else as Delta lists them."""
        seal = seal_of(commit)
        if seal is not None:
            return tuple(seal.files)
        table = self._table(found.key, found.version)
        return tuple(unquote(name) for name in pl.DataFrame(table.get_add_actions(flatten=True))["path"])

    def _newest(self, key: str) -> tuple[TableVersion, dict[str, Any]] | None:
        for limit in (_RECENT_COMMITS, None):
            history = self._history(key, limit)
            require_sound_top(key, self._storage.address(key), history)
            for found in readable_versions(key, history)[:1]:
                return found, next(commit for commit in history if commit["version"] == found.version)
        return None

    def _resolve(self, key: str, version: int | None, as_of: datetime | None) -> tuple[TableVersion, dict[str, Any]]:
        """Find the version that the arguments of `scan` mean, and its commit."""
        wanted = self._pins.get(key) if version is None and as_of is None else version
        newest = self._newest(key) if wanted is None and self.exists(key) else None
        if wanted is None and as_of is None:
            if newest is None:
                raise self._not_found(key, "is not in the lakehouse", [])
            return newest
        history = self._history(key) if self.exists(key) else []
        versions = readable_versions(key, history)
        moment = as_of.astimezone(UTC) if as_of and wanted is None else None
        for commit in history:
            if commit["version"] == wanted and fault_of(commit) is not None:
                raise damaged_commit(key, self._storage.address(key), commit, history)
        for candidate in versions:
            if candidate.version == wanted or (moment and candidate.timestamp <= moment):
                return candidate, next(c for c in history if c["version"] == candidate.version)
        missing = f"has no version {wanted}" if wanted is not None else f"had no version at {as_of}"
        raise self._not_found(key, missing, versions)

    def _damaged(self, found: TableVersion, file: NewFile, fault: str) -> CreditPlatformError:
        """The error of a file that is not what was committed; or that retention took the version away meanwhile."""
        key, history = found.key, self._history(found.key)
        readable = readable_versions(key, history)
        if found.version not in [version.version for version in readable]:
            return self._not_found(key, f"has no version {found.version} any more: retention removed it", readable)
        commits = {commit["version"]: commit for commit in history}
        older = [version for version in readable if version.version < found.version]
        seals = ((version.version, seal_of(commits[version.version])) for version in older)
        whole = (v for v, s in seals if s and verified_files(self._storage, key, s.files.values()) is None)
        good = next(whole, None)
        read = "" if good is None else f"Version {good} is whole: read it with --version {good} or pin it. "
        path = f"{self._storage.address(key)}/{file.name}"
        return DamagedTableError(
            f"{path}, a file of table {key} version {found.version}, {fault}.",
            f"{read}Restore the file from a backup, or make the table again: "
            f"credit-platform run {split_key(key).portfolio}",
        )

    def _not_found(self, key: str, what: str, versions: list[TableVersion]) -> TableNotFoundError:
        if versions:
            listed = ", ".join(f"{v.version} ({v.timestamp:%Y-%m-%d %H:%M:%S} UTC)" for v in versions[:10])
            return TableNotFoundError(f"Table {key} {what}.", f"Ask for one of these versions: {listed}.")
        if not is_refused(key) and self.exists(refused_key(key)):
            return TableNotFoundError(
                f"Table {key} has no version in force: what was written of it so far was refused by a check.",
                f"See what and why: credit-platform show {refused_key(key)}. {self._what_can_be_done(key)}",
            )
        siblings = self.keys(siblings_of(key))
        known = f" Tables there: {', '.join(siblings[:20])}." if siblings else ""
        return TableNotFoundError(f"Table {key} {what}.", f"Materialise it first, or check the name.{known}")

    def _what_can_be_done(self, key: str) -> str:
        """What helps against the newest refusal of `key`, of which no version is in force."""
        newest = self.latest(refused_key(key))
        judged = Judged.from_summary(self.read(refused_key(key), newest.version).summary) if newest else None
        return judged.what_can_be_done(key) if judged else "Mend its cause and run again."


def _remove_old_folders(parent: Path) -> None:
    for folder in parent.iterdir():
        if time.time() - folder.stat().st_mtime > ORPHAN_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
