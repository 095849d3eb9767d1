"""The thread that writes decisions: all that wait go into one transaction, and each is answered after the commit.

What is here: `DecisionWriter`.
What to add here: nothing that could make an answer overtake its commit.
What must not be here: SQL (`insertion.py`) and HTTP.

One commit costs a wait for the disk, whether it holds one decision or a hundred. While the thread waits for a commit,
the next requests queue up and share the following one.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, SQLAlchemyError

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log.insertion import Entry, insert_entries
from credit_platform.monitoring.decision_log.ledger import Ledger, require_whole
from credit_platform.monitoring.decision_log.record import Conflict, DecisionRecord, Recorded
from credit_platform.monitoring.decision_log.store import DecisionStore, unreachable

LOGGER = logging.getLogger("credit_platform.decision_log")
_GROUP = 500
"""Decisions of one transaction, more when those that came last together bring many."""
_COMPANY_SECONDS = 0.002
"""How long the thread waits for more decisions when several came together just before and others are being made: a
commit costs more than that, and slows down those who compute meanwhile. PostgreSQL's `commit_delay` is alike."""
_PROBE_SECONDS = 0.5
"""How often a log that was unreachable is tried again."""
_AGAIN = "Try again in a moment."

Outcomes = list[Recorded | Conflict]


class Observer(Protocol):
    """Who is told how the log does."""

    def log_committed(self, size: int, seconds: float) -> None:
        """A group of `size` decisions was committed."""

    def log_failed(self) -> None:
        """The log did not take a group."""

    def log_waiting(self, waiting: int) -> None:
        """So many decisions wait."""

    def log_available(self, *, available: bool) -> None:
        """Whether the log takes decisions."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: Entry
    answer: asyncio.Future[Outcomes]
    loop: asyncio.AbstractEventLoop


@dataclass(slots=True)
class _Turn:
    """What one turn of an event loop brought; it has one timer, since one for each would cost more than its row."""

    loop: asyncio.AbstractEventLoop
    waiting: list[_Waiting]
    unanswered: int = 0
    timer: asyncio.TimerHandle | None = None

    def leave(self) -> None:
        """One of them has its answer, or went away; the last one takes the timer with it."""
        self.unanswered -= 1
        if self.unanswered == 0 and self.timer is not None:
            self.timer.cancel()


class DecisionWriter:
    """Appends decisions to the log from an event loop; one thread holds one connection."""

    def __init__(
        self,
        store: DecisionStore,
        *,
        capacity: int = 10_000,
        seconds: float = 5.0,
        observer: Observer | None = None,
        coming: Callable[[], int] | None = None,
    ) -> None:
        """Set up; `start` starts.

        Args:
            store: where to write.
            capacity: decisions that may wait; more are refused at once.
            seconds: how long one may wait for its commit.
            observer: who is told how the log does.
            coming: how many requests are being worked on, those that wait here included; None when nobody knows.
        """
        self._store = store
        self._capacity = capacity
        self._seconds = seconds
        self._observer = observer
        self._queue: queue.SimpleQueue[_Turn | None] = queue.SimpleQueue()
        self._turn: _Turn | None = None  # what the running turn of the event loop has brought so far
        self._coming = coming
        self._depth = 0  # decisions that wait; only the event loop changes it and the next
        self._appending = 0  # requests that brought them
        self._busy_since: float | None = None
        self._in_company = False
        self._connection: Connection | None = None
        self._ledger = Ledger(store.checkpoints)
        self._available = False
        self._tried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decision-log", daemon=True)

    @property
    def problem(self) -> str | None:
        """Why no decision is taken now; None when all is well. Holds no name of a host or file."""
        if not self._available or self._is_stuck() or not self._thread.is_alive():
            return "The decision log cannot be reached, so no decision is made."
        return None

    def start(self, wait_seconds: float = 5.0) -> None:
        """Start the thread, and wait until it has tried the log once; a log that is down is tried again and again."""
        self._thread.start()
        self._tried.wait(wait_seconds)

    def stop(self, wait_seconds: float = 10.0) -> None:
        """Write what waits, and end the thread. Safe to call twice, and before `start`."""
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(wait_seconds)

    async def append(self, records: Sequence[DecisionRecord]) -> Outcomes:
        """Commit all of `records` or none; returns once that is done.

        Returns:
            For each record: recorded, with the answer to give; or a conflict, and then none was written.

        Raises:
            DecisionLogError: the log does not take them now. An answer must not be given.
        """
        if not records:
            return []
        if self._is_stuck() or not self._thread.is_alive():
            raise DecisionLogError("The decision log does not answer.", _AGAIN)
        if self._depth + len(records) > self._capacity:
            raise DecisionLogError(f"{self._depth} decisions wait for the decision log already.", _AGAIN)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(Entry(records), loop.create_future(), loop)
        self._count(len(records))
        turn = self._gather(waiting)
        try:
            return await waiting.answer
        finally:
            turn.leave()
            self._count(-len(records))

    def _gather(self, waiting: _Waiting) -> _Turn:
        """Hand `waiting` to the thread together with all that comes in the same turn of the event loop.

        One by one, the first would wake the thread, and the two would then take the interpreter from each other.
        """
        turn = self._turn
        if turn is None or turn.loop is not waiting.loop:
            turn = self._turn = _Turn(waiting.loop, [])
            waiting.loop.call_soon(self._hand_over, turn)
        turn.waiting.append(waiting)
        turn.unanswered += 1
        return turn

    def _hand_over(self, turn: _Turn) -> None:
        if self._turn is turn:
            self._turn = None
        if turn.unanswered:  # else all of them went away in the same turn
            turn.timer = turn.loop.call_later(self._seconds, self._give_up, turn)
        self._queue.put(turn)

    def _give_up(self, turn: _Turn) -> None:
        for one in turn.waiting:
            if not one.answer.done():
                what = f"The decision log took more than {self._seconds:g} s."
                one.answer.set_exception(DecisionLogError(what, _AGAIN))

    def _count(self, change: int) -> None:
        self._depth += change
        self._appending += 1 if change > 0 else -1
        if self._observer is not None:
            self._observer.log_waiting(self._depth)

    def _is_stuck(self) -> bool:
        since = self._busy_since
        return since is not None and time.monotonic() - since > self._seconds

    # What follows runs in the thread.

    def _run(self) -> None:
        try:
            self._probe()
            while True:
                group = self._next_group()
                if group is None:
                    return
                if group:
                    self._serve(group)
                elif not self._available:
                    self._probe()
                if self._ledger.due:
                    self._ledger.checkpoint()
                if not group and self._ledger.is_unnoted:
                    self._note()
        finally:
            self._close()

    def _next_group(self) -> list[_Waiting] | None:
        """All that wait; nothing when nobody came for a while; None when there is no more."""
        try:
            turn = self._queue.get(timeout=_PROBE_SECONDS)
        except queue.Empty:
            return []
        if self._in_company and turn is not None and self._others_are_coming():
            time.sleep(_COMPANY_SECONDS)
        group = self._all_that_wait(turn)
        self._in_company = group is not None and len(group) > 1
        return group

    def _others_are_coming(self) -> bool:
        return self._coming is None or self._coming() > self._appending

    def _all_that_wait(self, turn: _Turn | None) -> list[_Waiting] | None:
        """`turn` and what is behind it in the queue, up to a full group."""
        group: list[_Waiting] = []
        size = 0
        while turn is not None:
            for one in turn.waiting:
                # Whoever was told that it took too long must not find the decision in the log, if we can help it.
                if not one.answer.done():
                    group.append(one)
                    size += len(one.entry.records)
            if size >= _GROUP:
                return group
            try:
                turn = self._queue.get_nowait()
            except queue.Empty:
                return group
        if group:
            self._queue.put(None)  # the end comes after this group
            return group
        return None

    def _serve(self, group: list[_Waiting]) -> None:
        self._busy_since = started = time.monotonic()
        try:
            outcomes = self._write([one.entry for one in group])
        except DecisionLogError as error:
            self._turned(error)
            self._resolve(group, [error] * len(group))
            if self._observer is not None:
                self._observer.log_failed()
        else:
            self._turned(None)
            self._resolve(group, outcomes)
            if self._observer is not None:
                size = sum(len(one.entry.records) for one in group)
                self._observer.log_committed(size, time.monotonic() - started)
        finally:
            self._busy_since = None

    def _write(self, entries: Sequence[Entry]) -> list[Outcomes | DecisionLogError]:
        """Commit entries; what to tell each of them.

        Raises:
            DecisionLogError: the log cannot be reached.
        """
        while True:
            was_open = self._connection is not None
            try:
                connection = self._connected()
                self._ledger.begin()
                outcomes = insert_entries(connection, entries, self._ledger.chain)
                if self._ledger.is_unnoted:
                    self._ledger.note(connection)  # a commit of its own would let everybody wait once more
                self._ledger.committing()
                connection.commit()
                self._ledger.committed()
            except DataError as error:
                self._ledger.failed()
                self._drop()
                if len(entries) == 1:
                    return [unreachable(self._store.where, error)]
                # One of them cannot be stored. That is no reason to refuse the others.
                return [outcome for entry in entries for outcome in self._write([entry])]
            except SQLAlchemyError as error:
                self._ledger.failed()
                self._drop()
                # A connection may have died of old age, or of a restart of the database; a new one tells. Writing again
                # is safe even if the first commit did go through: equal requests are one decision.
                if not was_open:
                    raise unreachable(self._store.where, error) from error
            else:
                return list(outcomes)

    def _connected(self) -> Connection:
        if self._connection is not None and self._store.has_moved():
            self._drop()
        if self._connection is None:
            connection = self._store.connect()
            try:
                require_whole(connection, self._store.checkpoints, self._store.where)
                self._ledger = self._ledger.settle(connection)
                connection.rollback()
            except (SQLAlchemyError, DecisionLogError) as error:
                connection.close()
                raise error if isinstance(error, DecisionLogError) else unreachable(self._store.where, error) from error
            self._connection = connection
        return self._connection

    def _note(self) -> None:
        if self._connection is not None:
            self._ledger.try_to_note(self._connection)

    def _close(self) -> None:
        """Vouch for the last rows, and end the chain."""
        self._ledger.close()
        if self._ledger.file.lines:
            self._note()
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except SQLAlchemyError as error:
                LOGGER.warning("decision log: a broken connection was left (%s)", type(error).__name__)

    def _probe(self) -> None:
        """Find out whether the log can be reached."""
        self._drop()
        try:
            self._connected()
        except DecisionLogError as error:
            self._turned(error)
        else:
            self._turned(None)

    def _turned(self, error: DecisionLogError | None) -> None:
        """Note how the log does, and say so when that changes."""
        available = error is None
        if not available and (self._available or not self._tried.is_set()):
            LOGGER.error("no decision is made: %s", error)
        elif available and not self._available and self._tried.is_set():
            LOGGER.warning("the decision log is back")
        self._available = available
        self._tried.set()
        if self._observer is not None:
            self._observer.log_available(available=available)

    @staticmethod
    def _resolve(group: Sequence[_Waiting], outcomes: Sequence[Outcomes | DecisionLogError]) -> None:
        """Hand out the outcomes, with one call for each event loop."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Outcomes | DecisionLogError]]] = {}
        for one, outcome in zip(group, outcomes, strict=True):
            by_loop.setdefault(one.loop, []).append((one, outcome))
        for loop, pairs in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_hand_out, pairs)


def _hand_out(pairs: Sequence[tuple[_Waiting, Outcomes | DecisionLogError]]) -> None:
    for one, outcome in pairs:
        if one.answer.done():
            continue
        if isinstance(outcome, DecisionLogError):
            # A new one for each: a raised exception collects the trace of whoever raised it.
            one.answer.set_exception(DecisionLogError(outcome.what, outcome.cure))
        else:
            one.answer.set_result(outcome)
