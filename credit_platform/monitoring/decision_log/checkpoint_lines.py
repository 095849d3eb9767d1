"""What a checkpoint file says: its lines, and what follows of them for a log.

What is here: `Line`, `CheckpointFile` and `parsed`.
What to add here: another kind of line that says something a verifier must know.
What must not be here: where the files lie, and writing them (`checkpoints.py`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

import orjson

from credit_platform.monitoring.decision_log.chain import Head

Kind = Literal["start", "checkpoint", "announced", "close", "lost"]
SHORT = 6
"""Bytes of each content digest that a checkpoint keeps, so that a changed row can be named and not only noticed."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a checkpoint file."""

    kind: Kind
    """`start` and `close` of a writer, `checkpoint`, `announced`: a removal that is about to be committed, and `lost`:
    a person declared that the log no longer holds what this file vouches for."""
    sequence: int
    digest: str
    """Link of the row with that sequence number."""
    rows: tuple[str, ...] = ()
    """Short content digests of the rows since the checkpoint before."""
    at: str
    """ISO 8601, UTC."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Who declared a loss, and why."""


@dataclass(frozen=True, kw_only=True)
class CheckpointFile:
    """What one file says."""

    writer: str
    lines: tuple[Line, ...]
    digests: tuple[str, ...]
    """SHA-256 of each line."""
    problem: str | None = None
    """What is wrong with the file itself."""

    @property
    def heads(self) -> dict[int, str]:
        """Link by sequence number, of every row that must be in the log."""
        return {line.sequence: line.digest for line in self.lines if line.kind in ("checkpoint", "close")}

    @property
    def last(self) -> Head:
        """The last row that must be in the log; sequence 0 for none."""
        heads = self.heads
        return Head(max(heads), heads[max(heads)]) if heads else Head(0, "")

    @property
    def announced(self) -> set[str]:
        """Links of removals that were about to be committed."""
        return {line.digest for line in self.lines if line.kind == "announced"}

    @property
    def closed_at(self) -> int | None:
        """Sequence number of the last row that the writer ever wrote; None when it did not say goodbye."""
        return next((line.sequence for line in self.lines if line.kind == "close"), None)

    @property
    def lost(self) -> Line | None:
        """The declaration that the rows are gone; None when they must be there."""
        return next((line for line in self.lines if line.kind == "lost"), None)

    def short_digests(self) -> dict[int, str]:
        """Short content digest by sequence number, of every row that a checkpoint covers."""
        found: dict[int, str] = {}
        for line in self.lines:
            first = line.sequence - len(line.rows) + 1
            found |= {first + place: short for place, short in enumerate(line.rows)}
        return found


def parsed(writer: str, content: bytes) -> CheckpointFile:
    """What the file of `writer` says, as far as its lines follow one another."""
    texts = content.split(b"\n")[:-1]
    lines: list[Line] = []
    digests: list[str] = []
    problem = None if texts else "its file is empty"
    for number, text in enumerate(texts, start=1):
        line = _parse(text, writer, digests[-1] if digests else "")
        if line is None:
            problem = f"line {number} of its file was changed, or a line before it is missing"
            break
        lines.append(line)
        digests.append(sha256(text).hexdigest())
    return CheckpointFile(writer=writer, lines=tuple(lines), digests=tuple(digests), problem=problem)


def _parse(text: bytes, writer: str, previous: str) -> Line | None:
    try:
        content = orjson.loads(text)
        if content["writer"] != writer or content["previous"] != previous:
            return None
        short = base64.b64decode(content["rows"])
        rows = tuple(short[at : at + SHORT].hex() for at in range(0, len(short), SHORT))
        known = {name: content[name] for name in ("kind", "sequence", "digest", "at")}
        return Line(rows=rows, facts=content.get("facts", {}), **known)
    except (ValueError, KeyError, TypeError):
        return None
