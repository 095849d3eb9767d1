"""Which version of a table is meant, and its rows, verified.

What is here: `Reader`: the history of a table, the version that somebody asks for, the files it stands on, and what to
say where there is none.
What to add here: another way to name a version.
What must not be here: writing, and removing versions (`lakehouse.py`, `vacuum.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from credit_platform.errors import CreditPlatformError, DamagedTableError, TableNotFoundError
from credit_platform.files import literal
from credit_platform.lakehouse.log import damaged_commit, fault_of, read_history, require_sound_top
from credit_platform.lakehouse.partitions import parts_of
from credit_platform.lakehouse.seals import NewFile, seal_of
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.verdicts import Judged, is_refused, refused_key
from credit_platform.lakehouse.versions import (
    StoredTable,
    TableVersion,
    readable_versions,
    summary_of_commit,
    version_of_commit,
    withdrawn_versions,
)
from credit_platform.lakehouse.whole_files import verified_files
from credit_platform.portfolios.keys import command_of, siblings_of

_RECENT_COMMITS = 4


class Reader:
    """Reads the tables of a lakehouse; see `Lakehouse`, which tells callers what goes wrong."""

    def __init__(self, storage: Storage, pins: Mapping[str, int]) -> None:
        """Read what lies in `storage`; `pins` maps keys to versions to read instead of the newest."""
        self._storage = storage
        self.pins = pins

    def exists(self, key: str) -> bool:
        """Whether `key` has at least one commit."""
        return DeltaTable.is_deltatable(self._storage.address(key), self._storage.options)

    def history(self, key: str, limit: int | None = None) -> list[dict[str, Any]]:
        """Commits, newest first."""
        return read_history(self._storage.address(key), self._storage.options, limit)

    def head(self, key: str) -> int | None:
        """Number of the newest commit; None when the table does not exist."""
        return int(self.history(key, 1)[0]["version"]) if self.exists(key) else None

    def versions(self, key: str) -> list[TableVersion]:
        """Every version that can still be read, newest first; empty when the table does not exist.

        Raises:
            DamagedTableError: the newest commit is damaged, so the newest version is not known.
        """
        if not self.exists(key):
            return []
        history = self.history(key)
        require_sound_top(key, self._storage.address(key), history)
        return readable_versions(key, history)

    def stored(self, found: TableVersion, commit: Mapping[str, Any]) -> StoredTable:
        """A version with its summary and its record."""
        frame = self.scan(found, commit)
        parts = parts_of(commit)
        return StoredTable(
            frame=frame,
            summary=summary_of_commit(commit),
            version=found,
            files=self.files(found, commit),
            partitioned_by=None if parts is None else parts.column,
        )

    def _table(self, key: str, version: int | None = None) -> DeltaTable:
        return DeltaTable(self._storage.address(key), version=version, storage_options=self._storage.options)

    def scan(self, found: TableVersion, commit: Mapping[str, Any]) -> pl.LazyFrame:
        """Rows of a version, whose files were compared with their digests."""
        seal = seal_of(commit)
        if seal is not None:
            wrong = verified_files(self._storage, found.key, seal.files.values())
            if wrong is not None:
                raise self._damaged(found, *wrong)
        # Delta's own reader would look for files under names in which blanks and accents are percent-encoded.
        return literal.scan_parquet(self.files(found, commit), storage_options=self._storage.polars_options)

    def files(self, found: TableVersion, commit: Mapping[str, Any]) -> tuple[str, ...]:
        """Paths or URLs of the files of a version."""
        return tuple(f"{self._storage.address(found.key)}/{name}" for name in self.names(found, commit))

    def parts(self, key: str) -> dict[int, dict[str, str | None]]:
        """Value of the partition that each file holds, by path or URL, of each version that can be read."""
        history = self.history(key)
        require_sound_top(key, self._storage.address(key), history)
        commits = {commit["version"]: commit for commit in history}
        found: dict[int, dict[str, str | None]] = {}
        for version in readable_versions(key, history):
            commit = commits[version.version]
            known = parts_of(commit)
            values = {} if known is None else {name: part.value for name, part in known.files.items()}
            names = self.names(version, commit)
            found[version.version] = {f"{self._storage.address(key)}/{name}": values.get(name) for name in names}
        return found

    def names(self, found: TableVersion, commit: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the files of a version: from its seal, else as Delta lists them."""
        seal = seal_of(commit)
        if seal is not None:
            return tuple(seal.files)
        table = self._table(found.key, found.version)
        return tuple(unquote(name) for name in pl.DataFrame(table.get_add_actions(flatten=True))["path"])

    def newest(self, key: str) -> tuple[TableVersion, dict[str, Any]] | None:
        """The newest version of a table that exists, and its commit; None when nothing of it can be read."""
        for limit in (_RECENT_COMMITS, None):
            history = self.history(key, limit)
            require_sound_top(key, self._storage.address(key), history)
            for found in readable_versions(key, history)[:1]:
                return found, next(commit for commit in history if commit["version"] == found.version)
        return None

    def resolve(self, key: str, version: int | None, as_of: datetime | None) -> tuple[TableVersion, dict[str, Any]]:
        """Find the version that the arguments of `scan` mean, and its commit."""
        wanted = self.pins.get(key) if version is None and as_of is None else version
        newest = self.newest(key) if wanted is None and self.exists(key) else None
        if wanted is None and as_of is None:
            if newest is None:
                raise self.not_found(key, "is not in the lakehouse", [])
            return newest
        history = self.history(key) if self.exists(key) else []
        moment = as_of.astimezone(UTC) if as_of and wanted is None else None
        for commit in history:
            if commit["version"] == wanted and fault_of(commit) is not None:
                raise damaged_commit(key, self._storage.address(key), commit, history)
        versions = readable_versions(key, history)
        withdrawn = withdrawn_versions(history)
        # What was erased was in force at its time: an older version must not be taken for it.
        gone = [version_of_commit(key, c) for c in history if c["version"] in withdrawn]
        for candidate in sorted([*versions, *gone], key=lambda each: -each.version):
            if candidate.version == wanted or (moment and candidate.timestamp <= moment):
                if candidate in gone:
                    raise self.not_found(key, withdrawn[candidate.version].told(candidate.version), versions)
                return candidate, next(c for c in history if c["version"] == candidate.version)
        missing = f"has no version {wanted}" if wanted is not None else f"had no version at {as_of}"
        raise self.not_found(key, missing, versions)

    def _damaged(self, found: TableVersion, file: NewFile, fault: str) -> CreditPlatformError:
        """The error of a file that is not what was committed; or that retention took the version away meanwhile."""
        key, history = found.key, self.history(found.key)
        readable = readable_versions(key, history)
        if found.version not in [version.version for version in readable]:
            withdrawn = withdrawn_versions(history).get(found.version)
            told = f"has no version {found.version} any more: retention removed it"
            return self.not_found(key, withdrawn.told(found.version) if withdrawn else told, readable)
        commits = {commit["version"]: commit for commit in history}
        older = [version for version in readable if version.version < found.version]
        seals = ((version.version, seal_of(commits[version.version])) for version in older)
        whole = (v for v, s in seals if s and verified_files(self._storage, key, s.files.values()) is None)
        good = next(whole, None)
        read = "" if good is None else f"Version {good} is whole: read it with --version {good} or pin it. "
        path = f"{self._storage.address(key)}/{file.name}"
        return DamagedTableError(
            f"{path}, a file of table {key} version {found.version}, {fault}.",
            f"{read}Restore the file from a backup, or make the table again: {command_of(key)}",
        )

    def not_found(self, key: str, what: str, versions: list[TableVersion]) -> TableNotFoundError:
        """The error of a version that is not there: `what` completes a sentence on the table, `versions` are there."""
        if versions:
            listed = ", ".join(f"{v.version} ({v.timestamp:%Y-%m-%d %H:%M:%S} UTC)" for v in versions[:10])
            return TableNotFoundError(f"Table {key} {what}.", f"Ask for one of these versions: {listed}.")
        if not is_refused(key) and self.exists(refused_key(key)):
            return TableNotFoundError(
                f"Table {key} has no version in force: what was written of it so far was refused by a check.",
                f"See what and why: credit-platform show {refused_key(key)}. {self._what_can_be_done(key)}",
            )
        siblings = [name for name in self._storage.tables() if name.startswith(siblings_of(key))]
        known = f" Tables there: {', '.join(siblings[:20])}." if siblings else ""
        return TableNotFoundError(f"Table {key} {what}.", f"Materialise it first, or check the name.{known}")

    def _what_can_be_done(self, key: str) -> str:
        """What helps against the newest refusal of `key`, of which no version is in force."""
        newest = self.newest(refused_key(key))
        judged = Judged.from_summary(summary_of_commit(newest[1])) if newest else None
        return judged.what_can_be_done(key) if judged else "Mend its cause and run again."
