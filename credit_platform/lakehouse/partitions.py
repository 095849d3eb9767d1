"""Tables in partitions: what replaces some of them, and what a commit records of each.

What is here: `Replacement`, `Parts` (the files of a version by partition, with the sums of their rows), names of files.
What to add here: another thing that is known of a partition.
What must not be here: writing files and commits (`writing.py`, `commits.py`), and which table has partitions.

A file holds rows of one partition, and the column by which it is one as well, so that whoever reads the files needs
nothing else; Delta calls that materialised partition columns. All files of a version have the same columns. What is
recorded of each file is the sum of the hashes of its rows: the content hash of the whole is known without reading it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from credit_platform.lakehouse.content_hash import RowSums
from credit_platform.lakehouse.packing import pack, unpack

PARTS_KEY: Final = "credit_platform_parts"
"""Entry of a commit whose table lies in partitions."""
_NONE: Final = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """Partitions to be put in place of those of the same values that a table has; the others stay as they are."""

    column: str
    """By which the table is partitioned; of type Date or String, never null."""
    base: int | None
    """Number of the newest commit when this was worked out (`Lakehouse.head`); None where there was no table."""
    schema: pl.Schema
    """Of the whole table afterwards; partitions that stay get columns that they lack as nulls."""
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """New rows by value of the column, as text; a frame without rows takes a partition away."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file of one partition."""

    value: str | None
    """Of the column, as text; None for the file of a table without rows."""
    sums: RowSums


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The files of a version by partition."""

    column: str
    files: Mapping[str, Part]
    """By name."""

    def metadata(self) -> dict[str, str]:
        """Entry of a commit."""
        files = {name: [p.value, p.sums.rows, p.sums.low, p.sums.high] for name, p in self.files.items()}
        return {PARTS_KEY: pack(json.dumps({"column": self.column, "files": files}, separators=(",", ":")))}

    def names(self, values: Iterable[str | None]) -> set[str]:
        """Files of some partitions."""
        wanted = set(values)
        return {name for name, part in self.files.items() if part.value in wanted}

    def without(self, names: Iterable[str]) -> Parts:
        """All but some files."""
        gone = set(names)
        return Parts(column=self.column, files={n: part for n, part in self.files.items() if n not in gone})

    def with_part(self, name: str, part: Part) -> Parts:
        """One file more."""
        return Parts(column=self.column, files={**self.files, name: part})

    @property
    def sums(self) -> RowSums:
        """Of all rows."""
        return sum((part.sums for part in self.files.values()), RowSums())


def parts_of(commit: Mapping[str, Any]) -> Parts | None:
    """The partitions of the version that a commit made; None for a table without any."""
    if PARTS_KEY not in commit:
        return None
    content = json.loads(unpack(commit[PARTS_KEY]))
    files = {
        name: Part(value=value, sums=RowSums(rows=rows, low=low, high=high))
        for name, (value, rows, low, high) in content["files"].items()
    }
    return Parts(column=content["column"], files=files)


def new_name(column: str, value: str | None) -> str:
    """Name of a new file of a partition, in a folder as other programs expect it."""
    return f"{column}={_NONE if value is None else value}/part-{uuid.uuid4().hex}.parquet"


def split(frame: pl.DataFrame, column: str) -> dict[str, pl.DataFrame]:
    """Rows by value of `column`, as text."""
    groups = frame.partition_by(column, as_dict=True, maintain_order=True)
    return {str(value): rows for (value,), rows in groups.items()}


def fitted(frame: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """`frame` in the columns of `schema`: those that it lacks are null, a value of another type becomes null."""
    there = frame.collect_schema()
    columns = [
        (pl.col(name).cast(dtype, strict=False) if name in there else pl.lit(None, dtype=dtype)).alias(name)
        for name, dtype in schema.items()
    ]
    return frame.select(columns)
