"""Whoever owns the database cannot change the log unseen; what no checkpoint covers yet is said."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from credit_platform.errors import DecisionLogError, DecisionLogLostError
from credit_platform.monitoring.decision_log import DecisionStore, verify
from credit_platform.monitoring.decision_log.chain import content_of
from credit_platform.monitoring.decision_log.schema import CHECKPOINT_NOTES, DECISIONS, REMOVALS, REMOVED
from credit_platform_tests.unit.monitoring.decision_log import forgery
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record, old_log
from credit_platform_tests.unit.monitoring.decision_log.writing import writing

FORGERIES = int(os.environ.get("CREDIT_PLATFORM_TEST_FORGERIES", "120"))


def fill(store: DecisionStore, rows: int = 60) -> None:
    """A service and a batch one after another, both closed; some people forgotten in between."""
    records = [make_record(f"r{n}", applicant_id=f"A-{n % 20}", probability=n / 1000) for n in range(rows)]
    with writing(store) as writer:
        asyncio.run(writer.append(records[: rows // 2]))
    store.erase("A-3", ACT)
    batch = DecisionStore(store.engine.url.render_as_string(hide_password=False))
    batch.append(records[rows // 2 :])
    batch.close()
    store.close()


def kinds(store: DecisionStore) -> set[str]:
    return {finding.kind for finding in verify(store).findings}


def test_what_nobody_touched_is_clean_every_time(store: DecisionStore) -> None:
    assert verify(store).is_clean
    fill(store)
    for _ in range(3):
        found = verify(store)
        assert found.findings == []
        assert (found.decisions, found.removed, found.uncovered, found.writers) == (58, 2, 0, 3)


def test_every_forgery_of_somebody_who_makes_the_chain_anew_is_found(store: DecisionStore) -> None:
    fill(store)
    luck = random.Random(7)
    with store.connect() as connection:
        untouched = forgery.read(connection)
        connection.rollback()
        for number in range(FORGERIES if store.engine.dialect.name == "sqlite" else FORGERIES // 10):
            done = forgery.forge(connection, luck)
            connection.commit()
            assert not verify(store).is_clean, f"{number}: {done}"
            forgery.write(connection, untouched)
            connection.commit()
    assert verify(store).is_clean


def test_an_edited_row_is_named_although_everything_was_made_anew(store: DecisionStore) -> None:
    fill(store)
    with store.connect() as connection:
        rows = forgery.read(connection)
        place = next(i for i, row in enumerate(rows) if row["request_id"] == "r45")
        rows[place]["decision"] = "accepted"
        forgery.recompute([row for row in rows if row["writer"] == rows[place]["writer"]])
        for number, row in enumerate(rows, start=1):
            row["id"] = number
        forgery.write(connection, rows)
        connection.commit()
    [finding] = verify(store).findings
    assert (finding.kind, finding.request_id) == ("changed", "r45")
    assert "request r45" in finding.what
    assert "A-5" not in finding.what


def test_rows_behind_the_last_checkpoint_are_said_to_be_uncovered(store: DecisionStore) -> None:
    with writing(store) as writer:
        asyncio.run(writer.append([make_record("r1"), make_record("r2")]))
        found = verify(store)
        assert (found.is_clean, found.uncovered) == (True, 2)
    assert verify(store).uncovered == 0


def test_rows_added_to_a_chain_that_was_closed_are_found(store: DecisionStore) -> None:
    fill(store)
    with store.connect() as connection:
        rows = forgery.read(connection)
        rows.append({**rows[-1], "request_id": "forged", "salt": "00"})
        last = [row for row in rows if row["writer"] == rows[-1]["writer"]]
        forgery.recompute(last)
        for number, row in enumerate(rows, start=1):
            row["id"] = number
        forgery.write(connection, rows)
        connection.commit()
    assert kinds(store) == {"inserted"}


def test_a_forged_removal_is_found(store: DecisionStore) -> None:
    fill(store)
    with store.connect() as connection:
        row = connection.execute(select(DECISIONS).where(DECISIONS.c.request_id == "r5")).one()
        removal = connection.execute(select(REMOVALS.c.id)).scalar_one()
        trace = {name: getattr(row, name) for name in ("writer", "sequence", "link")} | {
            "content": content_of(dict(row._mapping))
        }
        connection.execute(insert(REMOVED).values(**trace, removal_id=removal))
        connection.execute(delete(DECISIONS).where(DECISIONS.c.request_id == "r5"))
        connection.commit()
    assert kinds(store) == {"removal"}
    with store.connect() as connection:
        connection.execute(update(REMOVALS).values(decisions=3, person="nobody"))
        connection.commit()
    assert kinds(store) == {"removal", "changed"}


def folder_of(store: DecisionStore) -> Path:
    assert isinstance(store.checkpoints, Path)
    return store.checkpoints


def test_a_removal_of_its_own_that_nobody_announced_is_found(store: DecisionStore) -> None:
    """The forger has the code, and runs a removal with checkpoint files of their own somewhere else."""
    fill(store)
    url = store.engine.url.render_as_string(hide_password=False)
    forger = DecisionStore(url, folder_of(store) / "elsewhere")
    forger.erase("A-7", ACT)
    forger.close()
    assert "checkpoint" in kinds(store)


@pytest.mark.parametrize("what", ["missing", "shortened", "emptied", "changed"])
def test_a_checkpoint_file_that_is_not_whole_is_found(store: DecisionStore, what: str) -> None:
    fill(store)
    file = max(folder_of(store).glob("*.jsonl"), key=lambda one: one.stat().st_size)
    lines = file.read_bytes().splitlines(keepends=True)
    if what == "missing":
        file.unlink()
    elif what == "shortened":
        file.write_bytes(b"".join(lines[:-1]))
    elif what == "emptied":
        file.write_bytes(b"")
    else:
        file.write_bytes(b"".join([lines[0].replace(b'"sequence":0', b'"sequence":1'), *lines[1:]]))
    assert kinds(store) == {"checkpoint"}


@pytest.mark.parametrize("what", ["empty", "shorter"])
def test_a_known_log_that_is_empty_or_shorter_is_not_written_to(store: DecisionStore, what: str) -> None:
    fill(store)
    with store.connect() as connection:
        wanted = DECISIONS.c.id > (0 if what == "empty" else 50)
        connection.execute(delete(DECISIONS).where(wanted))
        if what == "empty":
            for table in (REMOVED, REMOVALS, CHECKPOINT_NOTES):
                connection.execute(delete(table))
        connection.commit()
    assert "missing" in kinds(store)
    with pytest.raises(DecisionLogLostError, match=r"emptied, cut.*declare-lost"):
        store.append([make_record("new")])
    with pytest.raises(DecisionLogLostError):
        store.require_whole()
    store.declare_lost(ACT)
    store.append([make_record("new")])
    store.close()
    found = verify(store)
    assert found.is_clean
    assert found.lost > 0
    facts = [json.loads(line) for file in folder_of(store).glob("*.jsonl") for line in file.read_text().splitlines()]
    assert {one["facts"]["person"] for one in facts if one["kind"] == "lost"} == {"K. Auditor"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sequence", "many"),
        ("sequence", 2.5),
        ("writer", b"blob"),
        ("salt", 7),
        ("probability", "high"),
        ("probability", 1e999),
        ("points", b"many"),
        ("points", 2**63 - 1),
        ("applicant_id", 7),
    ],
)
def test_a_value_of_another_kind_in_sqlite_is_a_finding(sqlite_url: str, column: str, value: object) -> None:
    store = DecisionStore(sqlite_url)
    fill(store)
    with sqlite3.connect(str(store.engine.url.database)) as connection:
        connection.execute(f"UPDATE decisions SET {column} = ? WHERE request_id = 'r45'", (value,))
    connection.close()
    assert "r45" in {finding.request_id for finding in verify(store).findings}


def test_a_moment_that_is_none_is_told(sqlite_url: str) -> None:
    store = DecisionStore(sqlite_url)
    fill(store)
    with sqlite3.connect(str(store.engine.url.database)) as connection:
        connection.execute("UPDATE decisions SET decided_at = 'yesterday' WHERE request_id = 'r45'")
    connection.close()
    with pytest.raises(DecisionLogError, match="was altered: it holds a value"):
        verify(store)


def test_erasing_everybody_does_not_look_like_a_loss(store: DecisionStore) -> None:
    store.append([make_record("r1")])
    for _ in range(3):
        store.erase("A-1", ACT)
    store.close()
    store.require_whole()
    found = verify(store)
    assert (found.is_clean, found.decisions, found.removed) == (True, 0, 1)
    assert len(store.removals()) == 1
    with store.connect() as connection:
        assert "A-1" not in repr(connection.execute(select(REMOVED)).all())


def test_checkpoints_are_for_their_owner_only(store: DecisionStore) -> None:
    fill(store)
    assert {file.stat().st_mode & 0o777 for file in folder_of(store).iterdir()} == {0o600}
    assert folder_of(store).stat().st_mode & 0o077 == 0


class TestBeforeTheChain:
    @pytest.fixture
    def old(self, tmp_path: Path) -> DecisionStore:
        """A log as the version before wrote it, in a home with a blank and an accent."""
        return old_log(tmp_path / "ma société" / "decisions", 2)

    def test_it_is_sealed_once_and_verified_again_and_again(self, old: DecisionStore) -> None:
        for _ in range(3):
            found = verify(old)
            assert found.findings == []
            assert (found.decisions, found.before_the_chain, found.uncovered) == (6, 6, 0)
        old.append([make_record("new")])
        old.erase("B-1", ACT)
        old.close()
        found = verify(old)
        assert (found.findings, found.before_the_chain, found.decisions, found.removed) == ([], 6, 6, 1)

    def test_from_then_on_it_cannot_be_changed(self, old: DecisionStore) -> None:
        verify(old)
        with old.connect() as connection:
            connection.execute(update(DECISIONS).where(DECISIONS.c.request_id == "other").values(points=1))
            connection.commit()
        [finding] = verify(old).findings
        assert finding.request_id == "other"


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """Mounts a folder once more so that nobody can write to it, not even root."""
    place = tmp_path / "médium 1"
    place.mkdir()

    def mount(folder: Path) -> Path:
        for command in (["mount", "--bind", str(folder), str(place)], ["mount", "-o", "remount,bind,ro", str(place)]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"a read-only mount takes rights that this account lacks: {done.stderr.strip()}")
        return place

    yield mount
    # Not by `is_mount`: a bind mount of the same device looks like any folder. What stays mounted cannot be removed.
    if str(place) in Path("/proc/self/mounts").read_text(encoding="utf-8").replace(r"\040", " "):
        subprocess.run(["umount", place], check=True)


def test_an_auditor_verifies_on_a_read_only_mount(tmp_path: Path, mounted: Callable[[Path], Path]) -> None:
    folder = tmp_path / "decisions"
    store = DecisionStore(f"sqlite:///{folder / 'decisions.db'}")
    fill(store)
    place = mounted(folder)
    auditor = DecisionStore(f"sqlite:///{place / 'decisions.db'}")
    assert auditor.read_only
    for _ in range(2):
        found = verify(auditor)
        assert (found.findings, found.decisions, found.uncovered) == ([], 58, 0)


def test_an_auditor_reads_and_verifies_on_a_medium_that_takes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "café 1" / "decisions"
    store = DecisionStore(f"sqlite:///{folder / 'decisions.db'}")
    fill(store)
    copy = tmp_path / "copie é"
    shutil.copytree(folder, copy)
    before = {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()}
    auditor = DecisionStore(f"sqlite:///{copy / 'decisions.db'}", read_only=True)
    assert verify(auditor).is_clean
    assert auditor.count() == 58
    assert {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()} == before
