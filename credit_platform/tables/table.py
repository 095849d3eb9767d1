"""What an asset hands over to be stored: a table with a summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from credit_platform.lakehouse import (
    ANYTHING,
    Anything,
    CommitInfo,
    Judged,
    Replacement,
    StagedTable,
    StoredTable,
    TableVersion,
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Value of an asset: rows, and what cannot be a row (parameters, a decision, a digest) as JSON-able summary.

    Every asset of the platform is stored this way, models and decisions included, so that versions, time travel,
    pinning and `credit-platform show` work alike for all of them (ADR 0001).
    """

    frame: pl.LazyFrame | pl.DataFrame
    summary: Mapping[str, Any] = field(default_factory=dict)
    info: CommitInfo | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What to show of it where it is stored: figures, text, or whatever the one who stores it knows to show."""
    staged: StagedTable | None = None
    """`frame` as a finished file that may be moved into the lakehouse as it is."""
    replacement: Replacement | None = None
    """How `frame` comes about, for a table in partitions: those of the version in force that are replaced."""
    partition_by: str | None = None
    """Column by which `frame`, which is the whole table, is laid out: then rows of people can be taken from it."""
    unchanged: TableVersion | None = None
    """The stored version that is still right; nothing is written then."""
    beside: Mapping[str, Table] = field(default_factory=dict)
    """Tables that belong to this one and are refused with it, by key."""
    after: TableVersion | Anything | None = ANYTHING
    """The version that must be the newest one still when this is stored (None: none yet), for what follows from it."""
    afterwards: Callable[[], None] | None = None
    """What is done once this is stored: told to another place that must never say more than the table does."""
    told: Callable[[TableVersion], None] | None = None
    """Who is told which version it became: in force, or refused and kept beside it."""
    judged: Judged | None = None
    """What the checks before writing said, where the asset has asked them itself."""


__all__ = ["StoredTable", "Table"]
