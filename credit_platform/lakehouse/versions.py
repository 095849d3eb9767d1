"""What is known of one version of a table, and how it is written into a Delta commit.

What is here: `CommitInfo` (said by the writer), `TableVersion` (recorded by the commit), `StoredTable`, their JSON, and
which versions can be read (`readable_versions`) or were taken away (`withdrawn_versions`).
What to add here: a fact that every version of every table should carry.
What must not be here: reading or writing tables.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

import polars as pl

from credit_platform.lakehouse.packing import pack, unpack
from credit_platform.lakehouse.seals import seal_of

VERSION_KEY = "credit_platform"
"""Name of our entry in a commit's metadata."""
SUMMARY_KEY = "credit_platform_summary"
KEPT_KEY = "credit_platform_kept"
WITHDRAWN_KEY = "credit_platform_withdrawn"
"""Entry beside `KEPT_KEY` that says which versions went though nobody asked whether they were needed, and why."""

_CONVERSIONS: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (date, lambda value: value.isoformat()),  # datetime is a date
    (Enum, lambda value: value.value),
    (PurePath, str),
    (set, sorted),
    (frozenset, sorted),
    (Mapping, dict),
)


@dataclass(frozen=True, kw_only=True)
class CommitInfo:
    """What the writer of a version says about where it comes from; everything is optional."""

    portfolio: str | None = None
    run_id: str | None = None
    code_version: str | None = None
    contract_version: str | None = None
    source_hashes: Mapping[str, str] = field(default_factory=dict)
    """sha256 of each raw file the version was made from, by file name."""
    number_of_features: int | None = None
    synthetic: bool = False
    """Whether the rows were generated rather than collected."""
    bundled: bool | None = None
    """Whether a raw file is the one that this package ships; None where that was not recorded."""
    exception: str | None = None
    """Who put the version in force though a check refused it, when and why; None for one that passed."""


@dataclass(frozen=True, kw_only=True)
class TableVersion:
    """One version of a table, as its Delta commit records it."""

    key: str
    version: int
    timestamp: datetime
    """Moment of the commit, UTC."""
    rows: int
    bytes: int
    """Size of the stored files."""
    columns: int
    content_hash: str
    number_of_features: int | None = None
    portfolio: str | None = None
    run_id: str | None = None
    code_version: str | None = None
    contract_version: str | None = None
    source_hashes: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    bundled: bool | None = None
    exception: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold, in the order of the fields."""
        return {**dataclasses.asdict(self), "timestamp": self.timestamp.isoformat()}


@dataclass(frozen=True, kw_only=True)
class StoredTable:
    """A version of a table as read back: its rows, the summary written with them, and its record."""

    frame: pl.LazyFrame
    summary: dict[str, Any]
    version: TableVersion
    files: tuple[str, ...] = ()
    """Paths or URLs of the Parquet files that hold the rows: all that another engine needs to read this version."""
    partitioned_by: str | None = None
    """Column by which they are laid out; None for most tables."""


@dataclass(frozen=True, kw_only=True)
class VacuumResult:
    """What a vacuum removed, or would remove."""

    key: str
    kept_versions: tuple[int, ...]
    removed_versions: tuple[int, ...]
    files: tuple[str, ...]
    bytes: int
    """Size of `files`."""
    dry_run: bool


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """That a version was taken away, whoever needed it."""

    at: datetime
    why: str
    """Completes "because …"."""

    def told(self, version: int) -> str:
        """Completes a sentence that begins with the table."""
        return (
            f"has no version {version} any more: it was taken away on {self.at:%Y-%m-%d %H:%M} UTC because {self.why}. "
            "Neither a pin nor time travel brings it back"
        )


def withdrawn_metadata(kept: Sequence[int], versions: Sequence[int], why: str) -> dict[str, Any]:
    """Metadata of a note that `versions` were taken away; `kept` can be read from then on."""
    said = json.dumps({"versions": sorted(versions), "why": why}, ensure_ascii=False)
    return {KEPT_KEY: list(kept), WITHDRAWN_KEY: said}


def withdrawn_versions(history: Sequence[Mapping[str, Any]]) -> dict[int, Withdrawal]:
    """Versions in a Delta history that were taken away, and why."""
    found: dict[int, Withdrawal] = {}
    for commit in history:
        if WITHDRAWN_KEY in commit:
            said = json.loads(commit[WITHDRAWN_KEY])
            withdrawal = Withdrawal(at=_moment_of(commit), why=said["why"])
            found |= dict.fromkeys(said["versions"], withdrawal)
    return found


def commit_metadata(info: CommitInfo, facts: Mapping[str, object], summary: Mapping[str, Any] | None) -> dict[str, str]:
    """Build the custom metadata of a commit: `info` and `facts` as one JSON text, the summary as another."""
    return {
        VERSION_KEY: json.dumps({**dataclasses.asdict(info), **facts}, ensure_ascii=False),
        SUMMARY_KEY: pack(json.dumps(dict(summary or {}), ensure_ascii=False, default=plain_value)),
    }


def version_of_commit(key: str, commit: Mapping[str, Any]) -> TableVersion:
    """Read the version that one of our commits made."""
    return TableVersion(
        key=key, version=int(commit["version"]), timestamp=_moment_of(commit), **json.loads(commit[VERSION_KEY])
    )


def _moment_of(commit: Mapping[str, Any]) -> datetime:
    seal = seal_of(commit)
    # Delta's own time is not covered by the seal.
    return datetime.fromtimestamp((seal.moment if seal else commit["timestamp"]) / 1000, UTC)


def readable_versions(key: str, history: list[dict[str, Any]]) -> list[TableVersion]:
    """Versions in a Delta history (newest first) that no vacuum took away."""
    versions: list[TableVersion] = []
    kept: set[int] | None = None
    for commit in history:
        if KEPT_KEY in commit:
            # An older vacuum kept more than a newer one; what both kept is what is left.
            kept = set(commit[KEPT_KEY]) if kept is None else kept & set(commit[KEPT_KEY])
        elif VERSION_KEY in commit and (kept is None or commit["version"] in kept):
            versions.append(version_of_commit(key, commit))
    return versions


def summary_of_commit(commit: Mapping[str, Any]) -> dict[str, Any]:
    """Read the summary that was written with a commit."""
    summary: dict[str, Any] = json.loads(unpack(commit.get(SUMMARY_KEY, "{}")))
    return summary


def plain_value(value: object) -> object:
    """JSON form of what summaries commonly hold besides JSON's own types.

    Raises:
        TypeError: the value has no JSON form.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        return value.tolist()
    raise TypeError(f"A summary cannot hold a {type(value).__name__}; give text, numbers, lists or mappings.")
