"""When checkpoints are written, what follows a commit of unknown outcome, and many writers at once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from credit_platform.errors import DecisionLogLostError
from credit_platform.monitoring.decision_log import DecisionStore, ledger, verify
from credit_platform.monitoring.decision_log import writer as writer_module
from credit_platform.monitoring.decision_log.chain import Head
from credit_platform.monitoring.decision_log.checkpoint_lines import CheckpointFile
from credit_platform.monitoring.decision_log.checkpoints import read_files
from credit_platform.monitoring.decision_log.ledger import CHECKPOINT_ROWS, Ledger
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record
from credit_platform_tests.unit.monitoring.decision_log.writing import writing

WRITERS, ROWS = 4, 60


def wait_for_checkpoint(store: DecisionStore, sequence: int) -> CheckpointFile:
    deadline = time.monotonic() + 20
    while True:
        [file] = read_files(store.checkpoints).values()
        if file.last.sequence >= sequence or time.monotonic() > deadline:
            return file
        time.sleep(0.02)


def test_a_thousand_rows_are_vouched_for_while_the_writer_runs(sqlite_url: str) -> None:
    store = DecisionStore(sqlite_url)
    with writing(store) as writer:
        asyncio.run(writer.append([make_record(f"r{n}") for n in range(CHECKPOINT_ROWS - 1)]))
        assert verify(store).uncovered == CHECKPOINT_ROWS - 1
        asyncio.run(writer.append([make_record("last")]))
        file = wait_for_checkpoint(store, CHECKPOINT_ROWS)
        assert [line.kind for line in file.lines] == ["start", "checkpoint"]
        assert len(file.lines[1].rows) == CHECKPOINT_ROWS
        assert verify(store).uncovered == 0


def test_few_rows_are_vouched_for_when_their_time_has_come(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks any more: the thread sees to it by itself."""
    store = DecisionStore(sqlite_url)
    monkeypatch.setattr(writer_module, "_PROBE_SECONDS", 0.02)
    with writing(store) as writer:
        asyncio.run(writer.append([make_record("r1"), make_record("r2")]))
        time.sleep(0.1)
        assert verify(store).uncovered == 2
        monkeypatch.setattr(ledger, "CHECKPOINT_SECONDS", 0.05)
        assert wait_for_checkpoint(store, 2).last.sequence == 2
        assert verify(store).uncovered == 0


class TestCommitOfUnknownOutcome:
    """The connection breaks in the commit: before it, or after it but before the answer."""

    @pytest.fixture(params=[True, False], ids=["it went through", "it did not"])
    def went_through(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
        commit = Connection.commit
        seen: list[bool] = []

        def breaks(connection: Connection) -> None:
            inserted = connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one()
            if inserted < 3 or seen:
                commit(connection)
                return
            seen.append(True)
            commit(connection) if request.param else connection.rollback()
            raise OperationalError("COMMIT", None, ConnectionError("the server went away"))

        monkeypatch.setattr(Connection, "commit", breaks)
        return bool(request.param)

    def test_the_writer_goes_on_and_nothing_is_there_twice(self, store: DecisionStore, went_through: bool) -> None:
        with writing(store) as writer:
            for group in (["r1", "r2"], ["r3", "r4"], ["r5"]):
                outcomes = asyncio.run(writer.append([make_record(one) for one in group]))
                assert len(outcomes) == len(group)
        assert [one.request_id for one in store.each()] == ["r1", "r2", "r3", "r4", "r5"]
        found = verify(store)
        assert found.findings == []
        assert (found.uncovered, found.writers) == (0, 1 if went_through else 2)


def test_what_was_committed_and_is_gone_is_told(store: DecisionStore) -> None:
    store.append([make_record("r1")])
    one = Ledger(store.checkpoints)
    one.chain.committed = Head(1, "0" * 64)
    with store.connect() as connection, pytest.raises(DecisionLogLostError, match="lacks what this process wrote"):
        one.settle(connection)
    store.close()


def test_writers_at_once_have_a_chain_each(store: DecisionStore) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    assert verify(store).is_clean
    stores = [DecisionStore(url) for _ in range(WRITERS)]

    def write(number: int) -> None:
        with writing(stores[number]) as writer:

            async def ask() -> None:
                # Every other decision is asked for by all of them.
                ids = [f"both-{n}" if n % 2 else f"{number}-{n}" for n in range(ROWS)]
                await asyncio.gather(*(writer.append([make_record(one)]) for one in ids))

            asyncio.run(ask())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert verify(store).is_clean
    for thread in threads:
        thread.join()
    found = verify(store)
    assert found.findings == []
    assert (found.decisions, found.uncovered) == (WRITERS * ROWS // 2 + ROWS // 2, 0)
    assert 1 <= found.writers <= WRITERS


WRITE = """
import asyncio, sys, time
from credit_platform.monitoring.decision_log import DecisionStore, DecisionWriter
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record
writer = DecisionWriter(DecisionStore(sys.argv[1]))
writer.start()
asyncio.run(writer.append([make_record(f"r{n}") for n in range(1000)]))
time.sleep(1.5)
asyncio.run(writer.append([make_record(f"s{n}") for n in range(7)]))
print("written", flush=True)
time.sleep(60)
"""


def test_after_kill_9_the_tail_is_said_to_be_uncovered(sqlite_url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITE, sqlite_url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    store = DecisionStore(sqlite_url)
    found = verify(store)
    assert found.findings == []
    assert (found.decisions, found.uncovered) == (1007, 7)
    # The service that takes its place covers its own rows; nobody can vouch for these any more.
    store.append([make_record("after")])
    store.close()
    assert verify(store).uncovered == 7
