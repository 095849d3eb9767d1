"""Is the log what its writers wrote? Every row, link and checkpoint is followed again.

What is here: `verify`, its `Finding`s and the `Verification`.
What to add here: another way in which somebody who owns the database could alter it unseen.
What must not be here: mending; a log that was altered is evidence.

Files are read before the database, so that all they vouch for must be there, and once more after it, so that what came
meanwhile is known.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, not_, select, tuple_

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log.chain import content_of, next_link, start_of
from credit_platform.monitoring.decision_log.checkpoint_lines import SHORT, CheckpointFile
from credit_platform.monitoring.decision_log.checkpoints import read_files
from credit_platform.monitoring.decision_log.removal import rows_digest
from credit_platform.monitoring.decision_log.schema import CHECKPOINT_NOTES, DECISIONS, REMOVALS, REMOVED
from credit_platform.monitoring.decision_log.sealing import BEFORE, removal_content
from credit_platform.monitoring.decision_log.store import DecisionStore

_PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it was written."""

    kind: str
    """changed, missing, inserted, reordered, checkpoint, removal."""
    writer: str
    sequence: int | None
    request_id: str | None
    """Of the row that stands there now; None where none does."""
    what: str
    """The finding as a sentence."""


@dataclass(kw_only=True)
class Verification:
    """What was found."""

    findings: list[Finding] = field(default_factory=list)
    decisions: int = 0
    """That stand in the log."""
    removed: int = 0
    """That went by erasure or retention, and whose places are proven."""
    before_the_chain: int = 0
    """Rows of earlier versions among them: what happened to those before they were sealed nobody can say."""
    uncovered: int = 0
    """Rows behind the last checkpoint of their writer: their chain holds, but its owner could have made it anew."""
    lost: int = 0
    """Rows that a person declared lost."""
    writers: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class _Item:
    """One place of a chain, from whichever table."""

    table: str
    sequence: int
    content: str
    link: str
    request_id: str | None = None
    id: int = 0


def verify(store: DecisionStore) -> Verification:
    """Follow every chain of the log, and compare it with its checkpoints.

    Raises:
        DecisionLogError: the database or the checkpoints cannot be read, or a moment in it is none.
    """
    before = read_files(store.checkpoints)
    with store.snapshot() as connection:
        try:
            found = _Verifier(before).run(connection)
        except ValueError as error:  # SQLite keeps any text where a moment should stand
            raise DecisionLogError(
                f"The decision log {store.where} was altered: it holds a value that no writer writes ({error}).",
                "Keep the database as evidence, and restore it from a backup.",
            ) from error
        noted = {row.writer: (row.lines, row.digest) for row in connection.execute(select(CHECKPOINT_NOTES))}
    found.close(read_files(store.checkpoints), noted)
    return found.result


@dataclass(kw_only=True)
class _Walk:
    """What was seen of one chain."""

    writer: str
    file: CheckpointFile | None
    last: int = 0
    links: dict[int, str] = field(default_factory=dict)
    """Of rows for which a checkpoint or an announcement may stand; the last one always."""


class _Verifier:
    """Collects findings over one pass of the database."""

    def __init__(self, files: Mapping[str, CheckpointFile]) -> None:
        self.files = files
        self.result = Verification()
        self._walks: dict[str, _Walk] = {}
        self._removals: dict[int, _Item] = {}
        self._removal_writers: dict[int, str] = {}

    def run(self, connection: Connection) -> _Verifier:
        writers = {
            w
            for t in (DECISIONS, REMOVED, REMOVALS)
            for w in connection.execute(select(t.c.writer).distinct()).scalars()
        }
        for writer in sorted(w for w in writers if isinstance(w, str)):
            self._walk(connection, writer)
        self._check_strays(connection)
        self._check_removals(connection)
        self.result.writers = len(self._walks)
        return self

    def close(self, files: Mapping[str, CheckpointFile], noted: Mapping[str, tuple[int, str]]) -> None:
        """Compare with the checkpoint files: those read before say what must be there, those read after what may."""
        for walk in self._walks.values():
            self._compare(walk, self.files.get(walk.writer), files.get(walk.writer))
        for writer, file in files.items():
            self._check_file(file, noted.get(writer))
        for file in self.files.values():
            if file.writer not in self._walks and file.last.sequence:
                self._gone(file, 1)
        for writer in noted.keys() - files.keys() - self._walks.keys():
            self._find("checkpoint", writer, None, f"The checkpoint file of writer {writer} is missing.")
        self._check_announced(files)

    # One chain.

    def _walk(self, connection: Connection, writer: str) -> None:
        file = self.files.get(writer)
        walk = self._walks[writer] = _Walk(writer=writer, file=file)
        short = {} if file is None else file.short_digests()
        heads, announced = ({}, set()) if file is None else (file.heads, file.announced)
        kept_from = max(heads, default=0)
        digest, last_id = start_of(writer).digest, 0
        for item in heapq.merge(
            _decisions(connection, writer),
            _removed(connection, writer),
            _removals(connection, writer),
            key=lambda i: i.sequence,
        ):
            self._count(item, writer)
            expected = walk.last + 1
            if item.sequence > expected:
                self._missing(writer, expected, item.sequence - 1)
            elif item.sequence < expected:
                self._find("inserted", writer, item, "stands beside another row of the same number: one was inserted")
            known = short.get(item.sequence)
            linked = next_link(digest, writer, item.sequence, item.content)
            if known is not None and known != item.content[: 2 * SHORT]:
                self._find("changed", writer, item, "does not say what it said when its checkpoint was written")
            elif linked != item.link and item.sequence == expected:
                self._find("changed", writer, item, "was changed: it does not fit its place in the chain")
            if item.table == "decisions":
                if item.id <= last_id:
                    self._find("reordered", writer, item, "stands before a row that was written earlier")
                last_id = item.id
            digest, walk.last = item.link, max(walk.last, item.sequence)
            if item.sequence >= kept_from or item.sequence in heads or item.link in announced:
                walk.links[item.sequence] = item.link

    def _count(self, item: _Item, writer: str) -> None:
        self.result.decisions += item.table == "decisions"
        self.result.removed += item.table == "removed"
        self.result.before_the_chain += item.table != "removals" and writer.startswith(BEFORE)
        if item.table == "removals":
            self._removals[item.id] = item
            self._removal_writers[item.id] = writer

    def _missing(self, writer: str, first: int, last: int) -> None:
        which = f"Row {first}" if first == last else f"Rows {first} to {last}"
        verb = "is" if first == last else "are"
        self._find("missing", writer, None, f"{which} of writer {writer} {verb} missing.", sequence=first)

    # What checkpoints say.

    def _compare(self, walk: _Walk, before: CheckpointFile | None, after: CheckpointFile | None) -> None:
        if after is None:
            self._find(
                "checkpoint", walk.writer, None, f"Writer {walk.writer} has rows, but its checkpoint file is missing."
            )
            self.result.uncovered += len(walk.links)
            return
        covered = self._disagreements(walk, after)
        if before is not None and before.last.sequence > walk.last:
            self._gone(before, walk.last + 1)
        if after.closed_at is not None and walk.last > after.closed_at:
            what = f"Rows after {after.closed_at} of writer {walk.writer} were inserted: it had said that it was done."
            self._find("inserted", walk.writer, None, what, sequence=after.closed_at + 1)
        self.result.uncovered += sum(1 for sequence in walk.links if sequence > covered)

    def _disagreements(self, walk: _Walk, file: CheckpointFile) -> int:
        """Compare every checkpoint with the link in its place; the last row that one covers."""
        covered = good = 0
        for sequence, digest in sorted(file.heads.items()):
            link = walk.links.get(sequence)
            if link == digest:
                good = sequence
            elif link is not None and not self._named(walk.writer, good, sequence):
                what = (
                    f"Among rows {good + 1} to {sequence} of writer {walk.writer} something was changed and the chain "
                    "made anew: the checkpoint differs."
                )
                self._find("changed", walk.writer, None, what, sequence=sequence)
            covered = sequence
        announced = file.announced
        return max([covered, *(s for s, link in walk.links.items() if link in announced)])

    def _named(self, writer: str, after: int, until: int) -> bool:
        return any(
            f.writer == writer and f.sequence is not None and after < f.sequence <= until for f in self.result.findings
        )

    def _gone(self, file: CheckpointFile, first: int) -> None:
        count = file.last.sequence - first + 1
        if file.lost is not None:
            self.result.lost += count
            return
        what = (
            f"Rows {first} to {file.last.sequence} of writer {file.writer}, its last, are missing"
            ": a checkpoint vouches for them."
        )
        self._find("missing", file.writer, None, what, sequence=first)

    def _check_file(self, file: CheckpointFile, noted: tuple[int, str] | None) -> None:
        if file.problem is not None:
            self._find("checkpoint", file.writer, None, f"Checkpoints of writer {file.writer}: {file.problem}.")
        elif noted is not None and len(file.lines) < noted[0]:
            what = (
                f"The checkpoint file of writer {file.writer} was shortened: {noted[0]} lines were noted, "
                f"{len(file.lines)} are there."
            )
            self._find("checkpoint", file.writer, None, what)
        elif noted is not None and noted[0] > 0 and file.digests[noted[0] - 1] != noted[1]:
            what = (
                f"The checkpoint file of writer {file.writer} was replaced: line {noted[0]} is not the one that the "
                "database noted."
            )
            self._find("checkpoint", file.writer, None, what)

    # What removals say.

    def _check_strays(self, connection: Connection) -> None:
        query = select(DECISIONS.c.id, DECISIONS.c.request_id).where(not_(_has_place(connection, DECISIONS)))
        for row in connection.execute(query):
            what = f"Row {row.id} (request {row.request_id}) was inserted: it belongs to no writer."
            self.result.decisions += 1
            self.result.findings.append(
                Finding(kind="inserted", writer="", sequence=None, request_id=row.request_id, what=what)
            )
        query = select(func.count()).select_from(REMOVALS).where(not_(_has_place(connection, REMOVALS)))
        for _ in range(connection.execute(query).scalar_one()):
            self._find("inserted", "", None, "A record of a removal was inserted: it belongs to no writer.")

    def _check_removals(self, connection: Connection) -> None:
        rows: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(select(REMOVED)):
            rows[row.removal_id].append(row._mapping)
        recorded = {row.id: row for row in connection.execute(select(REMOVALS))}
        for number in rows.keys() - recorded.keys():
            for row in rows[number]:
                writer, sequence = row["writer"], row["sequence"]
                what = f"Row {sequence} of writer {writer} is gone, and no record says who removed it and why."
                self._find("removal", writer, None, what, sequence=sequence)
        for number, record in recorded.items():
            if record.rows_digest is not None and record.rows_digest != rows_digest(rows[number]):
                what = f"The removal of {record.removed_at:%Y-%m-%d %H:%M:%S} UTC does not name the rows that are gone."
                self._find("removal", record.writer or "", None, what, sequence=record.sequence)

    def _check_announced(self, files: Mapping[str, CheckpointFile]) -> None:
        """A removal is announced before it is committed: one that was not was made by whoever owns the database."""
        for number, item in self._removals.items():
            writer = self._removal_writers[number]
            file = files.get(writer)
            if (
                file is not None
                and file.problem is None
                and not writer.startswith(BEFORE)
                and item.link not in file.announced
            ):
                self._find("removal", writer, item, "is a removal that nobody announced: decisions were deleted")

    def _find(self, kind: str, writer: str, item: _Item | None, what: str, *, sequence: int | None = None) -> None:
        if item is not None:
            request = "" if item.request_id is None else f" (request {item.request_id})"
            what = f"Row {item.sequence} of writer {writer}{request} {what}."
        place = sequence if item is None else item.sequence
        request_id = None if item is None else item.request_id
        self.result.findings.append(Finding(kind=kind, writer=writer, sequence=place, request_id=request_id, what=what))


def _decisions(connection: Connection, writer: str) -> Iterator[_Item]:
    for row in _pages(connection, DECISIONS, writer):
        place = (str(row.link), row.request_id, row.id)
        yield _Item("decisions", row.sequence, content_of(row._mapping), *place)


def _removed(connection: Connection, writer: str) -> Iterator[_Item]:
    for row in _pages(connection, REMOVED, writer):
        yield _Item("removed", row.sequence, row.content, row.link)


def _removals(connection: Connection, writer: str) -> Iterator[_Item]:
    for row in _pages(connection, REMOVALS, writer):
        yield _Item("removals", row.sequence, removal_content(row._mapping), str(row.link), None, row.id)


def _pages(connection: Connection, table: Table, writer: str) -> Iterator[Any]:
    places = (table.c.sequence, table.c.id) if "id" in table.c else (table.c.sequence,)
    query = select(table).where(table.c.writer == writer, _has_place(connection, table)).order_by(*places).limit(_PAGE)
    rows = connection.execute(query).all()
    while rows:
        yield from rows
        last = rows[-1]
        behind = tuple_(*places) > tuple(getattr(last, place.name) for place in places)
        rows = connection.execute(query.where(behind)).all() if len(rows) == _PAGE else []


def _has_place(connection: Connection, table: Table) -> ColumnElement[bool]:
    """Whether a row says where in which chain it stands; SQLite keeps any kind of value in any column."""
    if connection.dialect.name != "sqlite":
        return table.c.writer.is_not(None) & table.c.sequence.is_not(None)
    return (func.typeof(table.c.writer) == "text") & (func.typeof(table.c.sequence) == "integer")
