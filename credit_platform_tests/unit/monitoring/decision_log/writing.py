"""What tests of the writer share: one that runs, who watches it, and a gate that holds it in the middle of a commit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from credit_platform.monitoring.decision_log import Conflict, DecisionStore, DecisionWriter, Recorded
from credit_platform.monitoring.decision_log import writer as module
from credit_platform.monitoring.decision_log.chain import Chain
from credit_platform.monitoring.decision_log.insertion import Entry, insert_entries
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record


class Watcher:
    """Remembers what the writer told."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.failures = 0
        self.waiting: list[int] = []
        self.available: list[bool] = []

    def log_committed(self, size: int, seconds: float) -> None:
        assert seconds >= 0
        self.groups.append(size)

    def log_failed(self) -> None:
        self.failures += 1

    def log_waiting(self, waiting: int) -> None:
        self.waiting.append(waiting)

    def log_available(self, *, available: bool) -> None:
        self.available.append(available)


@contextmanager
def writing(store: DecisionStore, **options: Any) -> Iterator[DecisionWriter]:
    writer = DecisionWriter(store, **options)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


async def append_each(writer: DecisionWriter, ids: Sequence[str]) -> list[list[Recorded | Conflict] | BaseException]:
    return await asyncio.gather(*(writer.append([make_record(one)]) for one in ids), return_exceptions=True)


class Gate:
    """Holds the writer back inside its transaction until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

        def held(connection: Connection, entries: Sequence[Entry], chain: Chain) -> list[list[Recorded | Conflict]]:
            self.entered.set()
            assert self.open.wait(10)
            return insert_entries(connection, entries, chain)

        monkeypatch.setattr(module, "insert_entries", held)
