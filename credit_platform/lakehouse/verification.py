"""Reading every file of a table once more, and its log, to say what is whole.

What is here: `verify_table`, `VersionState`.
What to add here: another thing about a table that can be compared with what was written.
What must not be here: reading for use, which verifies what it reads by itself (`Lakehouse.read`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse.content_hash import content_hash
from credit_platform.lakehouse.lakehouse import Lakehouse
from credit_platform.lakehouse.log import damaged_commit, fault_of, read_history
from credit_platform.lakehouse.seals import names_in, seal_of
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.versions import TableVersion, readable_versions, withdrawn_versions
from credit_platform.lakehouse.whole_files import file_fault

State = Literal["whole", "unverified", "damaged", "erased"]
"""`unverified`: nothing is wrong as far as can be told, and a digest that would tell is missing; `erased`: it was taken
away because it held what must not be kept, and its files are gone, as they should be."""


@dataclass(frozen=True, kw_only=True)
class VersionState:
    """What was found of one version of a table, or of one commit of its log."""

    version: int
    state: State
    message: str
    """A sentence."""


def verify_table(root: str, key: str, *, every_version: bool) -> list[VersionState]:
    """Verify a table: its log, and the files of its newest version or of all that can be read.

    Args:
        root: of the lakehouse.
        key: the table.
        every_version: also the files of older versions.

    Returns:
        The newest version first; the whole log counts each time.
    """
    storage, lakehouse = Storage(root, None), Lakehouse(root)
    history = read_history(storage.address(key), storage.options)
    commits = {commit["version"]: commit for commit in history}
    states = list(_log_states(key, storage, history))
    versions = readable_versions(key, history)
    wanted = versions if every_version else versions[:1]
    states += [_version_state(lakehouse, storage, version, commits[version.version]) for version in wanted]
    states += _as_others_see(storage, key, versions, commits)
    states += _withdrawn_states(storage, key, history)
    return sorted(states, key=lambda state: -state.version)


def _log_states(key: str, storage: Storage, history: list[dict[str, Any]]) -> Iterator[VersionState]:
    for commit in history:
        if fault_of(commit) is not None:
            message = str(damaged_commit(key, storage.address(key), commit, history))
            yield VersionState(version=commit["version"], state="damaged", message=message)
    there = {commit["version"] for commit in history}
    for number in range(max(there, default=-1)):
        if number not in there:
            yield VersionState(version=number, state="damaged", message=f"Commit {number} is missing from the log.")


def _version_state(
    lakehouse: Lakehouse, storage: Storage, version: TableVersion, commit: Mapping[str, Any]
) -> VersionState:
    seal, number = seal_of(commit), version.version
    if seal is None:
        return _state_by_rows(lakehouse, version)
    faults = ((file, file_fault(storage, version.key, file, again=True)) for file in seal.files.values())
    wrong = [f"{storage.address(version.key)}/{file.name} {fault}." for file, fault in faults if fault]
    if wrong:
        return VersionState(version=number, state="damaged", message=" ".join(wrong))
    return VersionState(version=number, state="whole", message=f"{len(seal.files)} files are as they were written.")


def _withdrawn_states(storage: Storage, key: str, history: list[dict[str, Any]]) -> Iterator[VersionState]:
    """Of versions that were taken away: whether the files that only they stood on are gone."""
    commits = {commit["version"]: commit for commit in history}
    needed = {name for v in readable_versions(key, history) for name in names_in(commits[v.version])}
    there = storage.files(key)
    for number, withdrawal in withdrawn_versions(history).items():
        left = sorted((names_in(commits[number]) - needed) & set(there))
        if left:
            message = f"It was to go because {withdrawal.why}, and {len(left)} of its files are still there: {left[0]}."
            yield VersionState(version=number, state="damaged", message=message)
        else:
            at = f"{withdrawal.at:%Y-%m-%d %H:%M} UTC"
            message = f"It cannot be read any more since {at}, because {withdrawal.why}. Its files are gone."
            yield VersionState(version=number, state="erased", message=message)


def _state_by_rows(lakehouse: Lakehouse, version: TableVersion) -> VersionState:
    """Of a version that carries no digests: whether its rows still have its content hash."""
    number = version.version
    try:
        same = content_hash(lakehouse.scan(version.key, number)) == version.content_hash
    except (CreditPlatformError, DeltaError, pl.exceptions.PolarsError, OSError) as error:
        return VersionState(version=number, state="damaged", message=f"It cannot be read: {error}")
    if not same:
        return VersionState(version=number, state="damaged", message="Its rows do not have the content hash of old.")
    message = "It was written before digests of files were kept; its rows have the content hash of old."
    return VersionState(version=number, state="unverified", message=message)


def _as_others_see(
    storage: Storage, key: str, versions: list[TableVersion], commits: Mapping[int, dict[str, Any]]
) -> Iterator[VersionState]:
    """Whether a program that knows Delta and not our seals would read the same files."""
    newest = versions[0].version if versions else None
    if newest is None or seal_of(commits[newest]) is None or fault_of(commits[max(commits)]) is not None:
        return
    try:
        table = DeltaTable(storage.address(key), storage_options=storage.options)
        listed = {unquote(name) for name in pl.DataFrame(table.get_add_actions(flatten=True))["path"]}
    except (DeltaError, OSError) as error:
        yield VersionState(version=newest, state="damaged", message=f"Delta cannot read the log: {error}")
        return
    if listed != names_in(commits[newest]):
        message = "Programs that read Delta tables would read other files: an action or a checkpoint was altered."
        yield VersionState(version=newest, state="damaged", message=message)
