"""The hash chain: what ties each row of the log to the one before it, one chain for each process that writes.

What is here: digests of rows and links, and `Chain`, which numbers and links what one writer is about to commit.
What to add here: nothing that reads the database; what a digest covers is for ever (see docs/adr/0018).
What must not be here: files (`checkpoints.py`), SQL (`insertion.py`), judging a log (`verification.py`).

A row's *content digest* is SHA-256 over its salt and every column that says something. Its *link* is SHA-256 over the
link before, the writer, the sequence number and the content digest. Of a row that was erased the content digest stays,
so that the chain can still be followed; the salt goes with the row, so that nobody can guess whose digest it was.

Every decision waits for this: a row is made into bytes by two calls of C code and hashed once.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

import orjson

from credit_platform.monitoring.decision_log.record import DecisionRecord

NAMES = tuple(DecisionRecord.__slots__)
FLOATS = ("probability", "threshold", "latency_ms")
"""Columns of a decision that are numbers with a fraction: a driver may hand in a whole one as an integer."""
LATER = ("client_name", "batch_id", "batch_digest")
"""Texts that rows have since version 4 of the schema. A digest covers them where any of them says something, so that
digests of earlier rows are what they were."""
TEXTS = tuple(name for name in NAMES if name not in {"decided_at", *FLOATS, *LATER})
"""Columns that are texts, whole numbers or nothing."""
ORDER = ("decided_at", *TEXTS, *LATER, *FLOATS)
"""Columns of a decision as `Chain.link_records` gives them."""
_texts: Callable[[object], tuple[Any, ...]] = attrgetter(*TEXTS, *LATER)
_floats: Callable[[object], tuple[float, float, float]] = attrgetter(*FLOATS)
_EARLIER, _NOTHING = len(TEXTS), (None,) * len(LATER)
_pack = struct.Struct("<3d").pack
_PIECE = 2047
"""Bytes that `hashlib` takes without letting other threads in, which would not give way for milliseconds."""
_SALT = 32
_MOMENT = len("2026-11-30 09:00:00.123456")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands."""

    sequence: int
    """Of the newest row; 0 before the first."""
    digest: str
    """Its link, 64 hex digits."""


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


def moment_text(moment: datetime) -> str:
    """A moment as SQLite keeps it, in UTC: microseconds always, so that texts sort by time."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:_MOMENT]


def content_of(row: Mapping[str, Any]) -> str:
    """Content digest of a decision that was read back, with its salt; empty for what no writer can have written."""
    moment = row["decided_at"]
    texts = tuple(row[name] for name in (*TEXTS, *LATER))
    try:
        when = moment_text(moment) if isinstance(moment, datetime) else moment
        return _content(str(row["salt"] or ""), when, texts, [float(row[name]) for name in FLOATS])
    except (TypeError, ValueError, OverflowError):
        return ""


def _content(salt: str, when: str, texts: tuple[Any, ...], floats: Sequence[float]) -> str:
    probability, threshold, latency = floats
    if texts[_EARLIER:] == _NOTHING:
        texts = texts[:_EARLIER]
    # JSON says where each value ends and of what kind it is. Adding zero: SQLite gives -0.0 back as 0.0.
    data = orjson.dumps((salt, when, *texts)) + _pack(probability + 0.0, threshold + 0.0, latency + 0.0)
    digest = sha256(data[:_PIECE])
    for start in range(_PIECE, len(data), _PIECE):
        digest.update(data[start : start + _PIECE])
    return digest.hexdigest()


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

    def link(self, content: str) -> tuple[str, int, str]:
        """The next place in the chain: writer, sequence number and link."""
        sequence = self.head.sequence + 1
        digest = next_link(self.head.digest, self.writer, sequence, content)
        self.head = Head(sequence, digest)
        self.fresh.append(content)
        return self.writer, sequence, digest

    def link_records(self, records: Sequence[DecisionRecord]) -> list[tuple[Any, ...]]:
        """The next places in the chain, for decisions.

        Returns:
            For each its values in the order of `ORDER`, the moment as text, then its salt (random, 32 hex digits) and
            its place: writer, sequence number, link.
        """
        rows = []
        writer, fresh, sequence, digest = self.writer, self.fresh, self.head.sequence, self.head.digest
        salts = secrets.token_hex(_SALT // 2 * len(records))
        for place, record in enumerate(records):
            salt = salts[_SALT * place : _SALT * (place + 1)]
            when, texts, floats = moment_text(record.decided_at), _texts(record), _floats(record)
            content = _content(salt, when, texts, floats)
            fresh.append(content)
            sequence += 1
            digest = next_link(digest, writer, sequence, content)
            rows.append((when, *texts, *floats, salt, writer, sequence, digest))
        self.head = Head(sequence, digest)
        return rows

    def back_to(self, head: Head) -> None:
        """Take back what was linked since `head`."""
        taken = self.head.sequence - head.sequence
        if taken:
            del self.fresh[-taken:]
        self.head = head

    def commit(self) -> None:
        """What was linked is in the database."""
        self.committed = self.head
