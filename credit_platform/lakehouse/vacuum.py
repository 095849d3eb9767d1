"""Removing the files that no version needs.

What is here: `Remains` (which files of a table may go) and `record_kept`.
What must not be here: which versions stay (`governance/retention.py` and `Lakehouse.vacuum`).

Not by Delta's own vacuum: it lists what went long ago, notes two commits each time, and a version committed beside it
would be missing from the list of those kept. What stays is committed first, right after the newest commit that was
looked at, and only then files go: killed in between, the next call removes what is left.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from deltalake import DeltaTable

from credit_platform.lakehouse.commits import commit_note
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.versions import KEPT_KEY

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


def record_kept(storage: Storage, key: str, newest: int, kept: list[int]) -> None:
    """Commit, right after commit number `newest`, which versions can be read from now on.

    Raises:
        CommitFailedError: somebody committed since.
    """
    table = DeltaTable(storage.address(key), version=newest, storage_options=storage.options)
    commit_note(key, table, storage.address(key), {KEPT_KEY: kept})
