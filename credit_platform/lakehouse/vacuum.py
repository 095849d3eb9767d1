"""Removing the files that no version needs.

What is here: `vacuum_plan` with `Remains` (which files of a table may go) and `record_kept`.
What must not be here: which versions stay (`governance/retention.py` and `Lakehouse.vacuum`).

Not by Delta's own vacuum: it lists what went long ago, notes two commits each time, and a version committed beside it
would be missing from the list of those kept. What stays is committed first, right after the newest commit that was
looked at, and only then files go: killed in between, the next call removes what is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deltalake import DeltaTable

from credit_platform.lakehouse.commits import WRITE_KEY, commit_note
from credit_platform.lakehouse.log import damaged_commit, fault_of
from credit_platform.lakehouse.seals import names_in
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.versions import KEPT_KEY, TableVersion, VacuumResult, readable_versions

NOTE_KEY = "credit_platform_removed_by"
"""Who had versions removed, and why."""
ORPHAN_SECONDS = 24 * 3600
"""A file that no commit names may belong to a write in progress; after this time it does not."""


@dataclass(frozen=True, kw_only=True)
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

    def remove(self, storage: Storage, key: str) -> None:
        """Delete them; one that somebody else removed meanwhile is none the less gone."""
        for name in self.sizes:
            storage.remove(key, name)


Staying = Callable[[list[TableVersion]], list[TableVersion]]
"""Of the versions that can be read, newest first, those that stay."""


def staying_young(before: datetime, newest: int) -> Staying:
    """Those from `before` on stay, and the `newest` so many."""
    return lambda found: [v for i, v in enumerate(found) if i < newest or v.timestamp >= before]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would go of a table, as its log stood."""

    newest: int
    """Newest commit that was looked at."""
    result: VacuumResult
    remains: Remains


def vacuum_plan(  # noqa: PLR0917  # one call, in Lakehouse
    storage: Storage,
    key: str,
    history: list[dict[str, Any]],
    names: Callable[[TableVersion, dict[str, Any]], Iterable[str]],
    staying: Staying,
    named: Collection[int | None],
) -> Plan:
    """What goes when the versions `staying` and `named` stay.

    Raises:
        DamagedTableError: a commit is damaged: the files of it are not known, so none can be said not to be needed.
    """
    for commit in history:
        if fault_of(commit) is not None:
            raise damaged_commit(key, storage.address(key), commit, history)
    commits = {commit["version"]: commit for commit in history}
    versions = readable_versions(key, history)
    files = {v.version: set(names(v, commits[v.version])) for v in versions}
    chosen = {version.version for version in staying(versions)}
    kept = [v.version for v in versions if v.version in chosen or v.version in named]
    ever = {name for commit in history for name in (commit.get(WRITE_KEY, ""), *names_in(commit))}
    needed = {name for version in kept for name in files[version]}
    remains = Remains.find(storage, key, needed=needed, known=ever.union(*files.values()))
    result = VacuumResult(
        key=key,
        kept_versions=tuple(kept),
        removed_versions=tuple(v.version for v in versions if v.version not in kept),
        files=tuple(remains.sizes),
        bytes=sum(remains.sizes.values()),
        dry_run=True,
    )
    return Plan(newest=history[0]["version"], result=result, remains=remains)


def record_kept(storage: Storage, key: str, newest: int, kept: list[int], note: Mapping[str, str]) -> None:
    """Commit, right after commit number `newest`, which versions can be read from now on, and who wanted it so.

    Raises:
        CommitFailedError: somebody committed since.
    """
    table = DeltaTable(storage.address(key), version=newest, storage_options=storage.options)
    said = {} if not note else {NOTE_KEY: dict(note)}
    commit_note(key, table, storage.address(key), {KEPT_KEY: kept, **said})
