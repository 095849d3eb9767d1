"""The hash chain: what ties each row of the log to the one before it, one chain for each process that writes.

What is here: digests of rows and links, and `Chain`, which numbers and links what one writer is about to commit.
What to add here: nothing that reads the database; what a digest covers is for ever (see docs/adr/0018).
What must not be here: files (`checkpoints.py`), SQL (`linking.py`), judging a log (`verification.py`).

A row's *content digest* is SHA-256 over its salt and every column that says something. Its *link* is SHA-256 over the
link before, the writer, the sequence number and the content digest. Of a row that was erased the content digest stays,
so that the chain can still be followed; the salt goes with the row, so that nobody can guess whose digest it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from credit_platform.monitoring.decision_log.record import DecisionRecord

FLOATS = frozenset({"probability", "threshold", "latency_ms"})
"""Columns of a decision that are numbers with a fraction: a driver may hand in a whole one as an integer."""
NAMES = tuple(DecisionRecord.__slots__)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands."""

    sequence: int
    """Of the newest row; 0 before the first."""
    digest: str
    """Its link, 64 hex digits."""


@dataclass(frozen=True, slots=True)
class Link:
    """The place of one row in its chain."""

    writer: str
    sequence: int
    salt: str
    """Random, 32 hex digits; goes with the content. Empty for a removal, which holds nothing personal."""
    content: str
    """Digest of the row."""
    digest: str


def start_of(writer: str) -> Head:
    """The head of a chain that has no row yet."""
    return Head(0, sha256(f"credit_platform decision log {writer}".encode()).hexdigest())


def next_link(before: str, writer: str, sequence: int, content: str) -> str:
    """Digest that ties a row to the one before it."""
    return sha256(f"{before}|{writer}|{sequence}|{content}".encode()).hexdigest()


def digest_of(values: Iterable[object]) -> str:
    """SHA-256 over values, each with its length before it, so that no two lists of values read the same."""
    parts = []
    for value in values:
        part = _canonical(value)
        parts.append(b"%d:" % len(part))
        parts.append(part)
    return sha256(b"".join(parts)).hexdigest()


def content_of(row: DecisionRecord | Mapping[str, Any], salt: str) -> str:
    """Content digest of a decision, whether about to be written or read back."""
    values = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in NAMES}
    plain = (float(values[name]) if name in FLOATS else values[name] for name in NAMES)
    return digest_of((salt, *plain))


def _canonical(value: object) -> bytes:
    if value is None:
        return b"null"
    if isinstance(value, str):
        return b"'" + value.encode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").encode()
    return repr(value).encode()


class Chain:
    """Numbers and links the rows of one writer; what was not committed is taken back."""

    def __init__(self, writer: str | None = None) -> None:
        """Begin the chain of a new writer."""
        self.writer = writer or secrets.token_hex(8)
        self.committed = self.head = start_of(self.writer)
        self.fresh: list[str] = []
        """Content digests since the last checkpoint, of rows that are committed or about to be."""

    def link(self, content: str, salt: str = "") -> Link:
        """The next place in the chain."""
        sequence = self.head.sequence + 1
        digest = next_link(self.head.digest, self.writer, sequence, content)
        self.head = Head(sequence, digest)
        self.fresh.append(content)
        return Link(self.writer, sequence, salt, content, digest)

    def link_record(self, record: DecisionRecord) -> Link:
        """The next place in the chain, for a decision."""
        salt = secrets.token_hex(16)
        return self.link(content_of(record, salt), salt)

    def back_to(self, head: Head) -> None:
        """Take back what was linked since `head`."""
        taken = self.head.sequence - head.sequence
        if taken:
            del self.fresh[-taken:]
        self.head = head

    def commit(self) -> None:
        """What was linked is in the database."""
        self.committed = self.head
