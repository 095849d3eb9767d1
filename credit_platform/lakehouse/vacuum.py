"""Removing the files that no version needs.

What is here: `vacuum` (what nothing needs goes), `withdraw` (what must not be kept goes, whoever needs it), `Remains`.
What to add here: another ground on which versions go.
What must not be here: which versions are needed (`governance/retention.py`), who may not be kept (`monitoring`).

Not by Delta's own vacuum: it lists what went long ago, notes two commits each time, and a version committed beside it
would be missing from the list of those kept. What stays is committed first, right after the newest commit that was
looked at, and only then files go: killed in between, the next call removes what is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deltalake import DeltaTable

from credit_platform.lakehouse.commits import WRITE_KEY, changed, commit_note
from credit_platform.lakehouse.log import damaged_commit, fault_of
from credit_platform.lakehouse.reading import Reader
from credit_platform.lakehouse.seals import names_in
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.versions import (
    KEPT_KEY,
    TableVersion,
    VacuumResult,
    readable_versions,
    withdrawn_metadata,
)

NOTE_KEY = "credit_platform_removed_by"
"""Who had versions removed, and why."""
ORPHAN_SECONDS = 24 * 3600
"""A file that no commit names may belong to a write in progress; after this time it does not."""


@dataclass(frozen=True)
class Remains:
    """Files of a table that may go, with their sizes in bytes."""

    sizes: dict[str, int]

    @classmethod
    def find(cls, storage: Storage, key: str, *, needed: Collection[str], known: Collection[str]) -> Remains:
        """What lies in the table's folder and is not `needed`: at once if a commit names it, else when it is old."""
        now = time.time()
        return cls(
            sizes={
                name: size
                for name, (size, changed) in sorted(storage.files(key).items())
                if name not in needed and (name in known or now - changed > ORPHAN_SECONDS)
            }
        )

    @classmethod
    def all_but(cls, storage: Storage, key: str, needed: Collection[str]) -> Remains:
        """What lies in the table's folder and is not `needed`, however new it is."""
        return cls({name: size for name, (size, _) in storage.files(key).items() if name not in needed})

    def remove(self, storage: Storage, key: str) -> None:
        """Delete them; one that somebody else removed meanwhile is none the less gone."""
        for name in self.sizes:
            storage.remove(key, name)


Staying = Callable[[list[TableVersion]], list[TableVersion]]
"""Of the versions that can be read, newest first, those that stay."""


def staying_young(before: datetime, newest: int) -> Staying:
    """Those from `before` on stay, and the `newest` so many."""
    return lambda found: [v for i, v in enumerate(found) if i < newest or v.timestamp >= before]


def vacuum(
    storage: Storage,
    reader: Reader,
    key: str,
    staying: Staying,
    also_keep: Collection[int],
    *,
    note: Mapping[str, str] | None,
    dry_run: bool,
) -> tuple[VacuumResult, Remains]:
    """What goes when the versions `staying` and named stay, after it was committed (unless this is a `dry_run`).

    Raises:
        CommitFailedError: somebody committed meanwhile.
        DamagedTableError: a commit is damaged.
    """
    history = _sound_history(storage, reader, key)
    versions = readable_versions(key, history)
    named = {reader.pins.get(key), *also_keep}
    chosen = {version.version for version in staying(versions)}
    kept = [v.version for v in versions if v.version in chosen or v.version in named]
    removed = tuple(v.version for v in versions if v.version not in kept)
    files, ever = _files(reader, versions, history)
    needed = {name for version in kept for name in files[version]}
    remains = Remains.find(storage, key, needed=needed, known=ever)
    if removed and not dry_run:
        record_kept(storage, key, history[0]["version"], kept, note or {})
    result = VacuumResult(
        key=key,
        kept_versions=tuple(kept),
        removed_versions=removed,
        files=tuple(remains.sizes),
        bytes=sum(remains.sizes.values()),
        dry_run=dry_run,
    )
    return result, remains


def withdraw(
    storage: Storage, reader: Reader, key: str, head: int, what: tuple[Collection[str], str]
) -> tuple[tuple[int, ...], Remains]:
    """Commit that no version can be read any more that stands on a file of `what`, pinned or not; and why.

    There is a commit also where no version does: who read before it and writes after it finds it, and begins again.

    Returns:
        The versions, and every file that no other version stands on: also those of writers that were killed, or are at
        work. One at work loses nothing: it finds this commit instead of the one it started from, and begins again.

    Raises:
        CommitFailedError: somebody committed meanwhile.
        DamagedTableError: a commit is damaged.
        TableMovedOnError: commit number `head` is not the newest.
        ValueError: the newest version stands on one of them.
    """
    unwanted, why = what
    history = _sound_history(storage, reader, key)
    if history[0]["version"] != head:
        raise changed(key)
    versions = readable_versions(key, history)
    files, _ = _files(reader, versions, history)
    gone = [version.version for version in versions if not files[version.version].isdisjoint(unwanted)]
    kept = [version.version for version in versions if version.version not in gone]
    if versions and versions[0].version in gone:
        raise ValueError(f"The newest version of {key} stands on what must go: write one without it first.")
    needed = {name for version in kept for name in files[version]}
    # Looked at before the commit: a file that appears later may belong to a writer that starts after it.
    remains = Remains.all_but(storage, key, needed)
    _note(storage, key, head, withdrawn_metadata(kept, gone, why) if gone else {KEPT_KEY: kept})
    return tuple(gone), remains


def remains_of(storage: Storage, reader: Reader, key: str) -> Remains:
    """Every file that no version stands on, also those of writers at work.

    Raises:
        DamagedTableError: a commit is damaged.
    """
    history = _sound_history(storage, reader, key)
    files, _ = _files(reader, readable_versions(key, history), history)
    return Remains.all_but(storage, key, set().union(*files.values()))


def _sound_history(storage: Storage, reader: Reader, key: str) -> list[dict[str, Any]]:
    history = reader.history(key)
    for commit in history:
        # The files of a damaged commit are not known, so none can be said not to be needed.
        if fault_of(commit) is not None:
            raise damaged_commit(key, storage.address(key), commit, history)
    return history


def _files(
    reader: Reader, versions: Sequence[TableVersion], history: Sequence[dict[str, Any]]
) -> tuple[dict[int, set[str]], set[str]]:
    """Names of the files of each version, and of those that any commit ever named."""
    commits = {commit["version"]: commit for commit in history}
    files = {version.version: set(reader.names(version, commits[version.version])) for version in versions}
    ever = {name for commit in history for name in (commit.get(WRITE_KEY, ""), *names_in(commit))}
    return files, ever.union(*files.values())


def record_kept(storage: Storage, key: str, newest: int, kept: list[int], note: Mapping[str, str]) -> None:
    """Commit, right after commit number `newest`, which versions can be read from now on, and who wanted it so.

    Raises:
        CommitFailedError: somebody committed since.
    """
    _note(storage, key, newest, {KEPT_KEY: kept, **({NOTE_KEY: dict(note)} if note else {})})


def _note(storage: Storage, key: str, newest: int, metadata: Mapping[str, Any]) -> None:
    table = DeltaTable(storage.address(key), version=newest, storage_options=storage.options)
    commit_note(key, table, storage.address(key), metadata)
