"""A backup is whole, or is none: while things are written, when it is killed, when the disk is full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from credit_platform.environment import UNFINISHED_RESTORE
from credit_platform.errors import BackupError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.artefacts import ArtefactStore
from credit_platform.local.backup.finding import backups_in, find_backup
from credit_platform.local.backup.making import make_backup
from credit_platform.local.backup.manifest import HOME
from credit_platform.local.backup.restoring import restore_backup
from credit_platform.settings import Settings
from credit_platform_tests.unit.local.backup.homes import KEY, decide, full_disk, put, verified, write_table

WRITING = """
import sys, time
from pathlib import Path
from credit_platform.settings import Settings
from credit_platform_tests.unit.local.backup.homes import decide
number = 0
while True:
    decide(Settings(home=Path(sys.argv[1])), *(f"{number}-{n}" for n in range(7)))
    number += 1
    print(number, flush=True)
"""
SLOW = """
import sys, time
from pathlib import Path
from credit_platform.local.backup import copying
from credit_platform.local.backup.making import make_backup
from credit_platform.settings import Settings
note = copying.Draft._note
def slowly(*arguments):
    print("one", flush=True)
    time.sleep(0.05)
    return note(*arguments)
copying.Draft._note = slowly
make_backup(Settings(home=Path(sys.argv[1])), Path(sys.argv[2]))
"""


def test_what_is_of_the_machine_stays_and_the_rest_goes(settings: Settings, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "backups")
    paths = {entry.path for entry in made.manifest.files}
    assert made.manifest.tables == {KEY: 1}
    assert made.manifest.decisions == 2
    assert {"raw/german_credit/a file.csv", "reports/x/é.html", "api_keys.json", "decisions/decisions.db"} <= paths
    assert any(path.startswith("decisions/checkpoints/sqlite-decisions/") for path in paths)
    assert not [path for path in paths if path.startswith(("page", "up.", "running", "logs", "matplotlib"))]
    assert made.manifest.elsewhere == made.manifest.remarks == ()
    assert made.folder.stat().st_mode & 0o077 == 0
    with_logs = make_backup(settings, tmp_path / "backups", logs=True)
    assert "logs/dagster.log" in {entry.path for entry in with_logs.manifest.files}


def test_a_further_backup_shares_what_did_not_change(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    first = make_backup(settings, target)
    put(settings.home / "raw" / "german_credit" / "a file.csv", "raw/german_credit/b file.csv")  # as long as before
    second = make_backup(settings, target)
    assert 0 < second.linked < second.manifest.bytes
    a, b = (one.folder / HOME / "reports" / "x" / "é.html" for one in (first, second))
    assert a.stat().st_ino == b.stat().st_ino
    a, b = (one.folder / HOME / "raw" / "german_credit" / "a file.csv" for one in (first, second))
    assert a.read_text() != b.read_text()
    assert find_backup(target).folder == second.folder
    # Damage of the one before is not inherited.
    (second.folder / HOME / "reports" / "x" / "é.html").write_text("raw", encoding="utf-8")
    third = make_backup(settings, target)
    assert (third.folder / HOME / "reports" / "x" / "é.html").read_text(encoding="utf-8") == "reports/x/é.html"


def test_a_target_that_cannot_be_one_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(settings.home)
    for target in (settings.home, settings.home / "backups", tmp_path / "link" / "backups"):
        with pytest.raises(BackupError, match="lies in the home"):
            make_backup(settings, target)
    put(tmp_path / "file", "")
    with pytest.raises(BackupError, match="is no folder"):
        make_backup(settings, tmp_path / "file")
    with pytest.raises(BackupError, match="nothing to back up"):
        make_backup(Settings(home=tmp_path / "none"), tmp_path / "backups")
    put(settings.home / UNFINISHED_RESTORE, "{}")
    with pytest.raises(BackupError, match="cut short"):
        make_backup(settings, tmp_path / "backups")
    assert not (settings.home / "backups").exists()


def test_a_full_disk_leaves_no_backup_and_the_earlier_ones(settings: Settings, tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root may mount a small disk")
    with full_disk(tmp_path / "disk", "1m") as disk:
        first = make_backup(settings, disk)
        for name, size in (("big", 2_000_000), ("x/y.db", 0)):
            (settings.home / "raw" / "german_credit" / "more").mkdir(exist_ok=True)
            (settings.home / "raw" / "german_credit" / "more" / name.replace("/", "-")).write_bytes(os.urandom(size))
            with pytest.raises(BackupError, match=r"written to .*disk: No space left.*earlier ones stay.*Make room"):
                make_backup(settings, disk)
        assert [one.folder for one in backups_in(disk)] == [first.folder]
        assert [path for path in disk.iterdir() if path != first.folder] == []


def test_a_killed_backup_is_never_taken_for_one(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    for before in (1, 6, 12):
        command = [sys.executable, "-c", SLOW, str(settings.home), str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(before):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        left = [path for path in target.glob(".making-*/*") if path.is_dir()]
        assert left
        for folder in (target, *left):
            with pytest.raises(BackupError, match="is no backup, or one that was never finished"):
                find_backup(folder)
    whole = make_backup(settings, target)
    assert [path.name for path in target.iterdir()] == [whole.folder.name]


def test_decisions_are_written_meanwhile(settings: Settings, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITING, str(settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        counts = []
        try:
            for number in range(4):
                made = make_backup(settings, tmp_path / "backups")
                other = Settings(home=tmp_path / f"other {number}")
                restored = restore_backup(find_backup(made.folder), other)
                assert restored.log is not None
                assert restored.log.findings == []
                counts.append(restored.log.decisions)
                decide(other, "new")  # it is not refused as one that lost decisions
                assert verified(other).is_clean
        finally:
            process.kill()
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_tables_are_written_and_thinned_out_meanwhile(settings: Settings, tmp_path: Path) -> None:
    stop = threading.Event()
    lakehouse = Lakehouse(settings.lakehouse_root)

    def write() -> None:
        rows = 5
        while not stop.is_set():
            write_table(settings, rows)
            lakehouse.vacuum(KEY, 1, dry_run=False)
            rows += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        time.sleep(0.1)
        for number in range(4):
            made = make_backup(settings, tmp_path / "backups")
            other = Settings(home=tmp_path / f"other {number}")
            restore_backup(find_backup(made.folder), other)
            stored = Lakehouse(other.lakehouse_root).read(KEY)
            assert stored.frame.collect().height == stored.version.rows
            assert Lakehouse(other.lakehouse_root).seals(KEY).keys() >= {made.manifest.tables[KEY]}
    finally:
        stop.set()
        thread.join()


def test_artefacts_are_whole(settings: Settings, tmp_path: Path) -> None:
    store = ArtefactStore(settings.artefact_root, tmp_path / "cache")
    put(tmp_path / "folder" / "a.txt", "one")
    store.put("x/one", tmp_path / "folder")
    put(tmp_path / "folder" / "a.txt", "two")
    store.put("x/one", tmp_path / "folder")
    store.put("x/two", b"two")
    made = make_backup(settings, tmp_path / "backups")
    restore_backup(find_backup(made.folder), Settings(home=tmp_path / "other"))
    restored = ArtefactStore(Settings(home=tmp_path / "other").artefact_root, tmp_path / "cache")
    assert (restored.local("x/one") / "a.txt").read_text() == "two"
    assert restored.get("x/two") == b"two"


def test_a_damaged_database_is_told_and_kept(settings: Settings, tmp_path: Path) -> None:
    damaged = settings.home / "optuna" / "german_credit.db"
    damaged.write_bytes(damaged.read_bytes()[:5000] + os.urandom(200))
    made = make_backup(settings, tmp_path / "backups")
    (said,) = made.manifest.remarks
    assert "german_credit.db is damaged" in said
    kept = made.folder / HOME / "optuna" / "german_credit.db"
    assert kept.read_bytes() == damaged.read_bytes()


def test_what_lies_elsewhere_is_said_as_it_is(settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(
        update={
            "lakehouse_url": "s3://bucket/lakehouse",
            "database_url": "postgresql+psycopg://me:secret@db/loans",
            "raw": tmp_path / "raw",
        }
    )
    made = make_backup(other, tmp_path / "backups")
    said = "\n".join(made.manifest.elsewhere)
    assert "The tables lie in s3://bucket/lakehouse: versioning" in said
    assert "The decision log is in postgresql+psycopg://db/loans: pg_dump" in said
    assert f"Raw files lie in {tmp_path / 'raw'}, outside the home" in said
    assert "secret" not in said
    assert made.manifest.tables == {}
    assert made.manifest.decisions is None
