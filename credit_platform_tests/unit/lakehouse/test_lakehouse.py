"""Versions of tables: written whole or not at all, read by number or date, kept or vacuumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from polars.testing import assert_frame_equal

from credit_platform.errors import TableMovedOnError, TableNotFoundError, TableWriteError
from credit_platform.lakehouse import CommitInfo, Lakehouse, StagedTable, content_hash
from credit_platform.lakehouse import commits as commits_module
from credit_platform.lakehouse.log import read_history
from credit_platform.lakehouse.vacuum import ORPHAN_SECONDS

KEY = "some/raw/loans"
FIRST = pl.DataFrame({"id": [1, 2], "purpose": ["car", None]}, schema={"id": pl.Int32, "purpose": pl.String})
SECOND = pl.DataFrame({"id": [3.5], "flag": [True]})


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path / "lakehouse"))


def test_written_rows_come_back_with_their_types(lakehouse: Lakehouse) -> None:
    lakehouse.write(KEY, FIRST.lazy())
    assert_frame_equal(lakehouse.scan(KEY).collect(), FIRST)


def test_version_records_what_was_written(lakehouse: Lakehouse) -> None:
    info = CommitInfo(
        portfolio="some",
        run_id="run-1",
        code_version="abc",
        contract_version="2",
        source_hashes={"loans.csv": "00ff"},
        number_of_features=7,
        synthetic=True,
    )
    version = lakehouse.write(KEY, FIRST, info=info)
    assert (version.key, version.version, version.rows, version.columns) == (KEY, 0, 2, 2)
    assert version.bytes > 0
    assert version.content_hash == content_hash(FIRST)
    assert (version.portfolio, version.run_id, version.code_version) == ("some", "run-1", "abc")
    assert (version.contract_version, version.number_of_features, version.synthetic) == ("2", 7, True)
    assert version.source_hashes == {"loans.csv": "00ff"}
    assert abs(version.timestamp - datetime.now(UTC)) < timedelta(minutes=5)
    assert lakehouse.latest(KEY) == version
    assert lakehouse.read(KEY).version == version
    assert version.to_dict()["timestamp"] == version.timestamp.isoformat()


def test_every_write_is_one_version_and_may_change_the_schema(lakehouse: Lakehouse) -> None:
    written = [lakehouse.write(KEY, frame) for frame in (FIRST, SECOND, SECOND[:0])]
    assert [version.version for version in written] == [0, 1, 2]
    assert lakehouse.versions(KEY) == written[::-1]
    assert_frame_equal(lakehouse.scan(KEY, version=0).collect(), FIRST)
    assert_frame_equal(lakehouse.scan(KEY, version=1).collect(), SECOND)
    assert_frame_equal(lakehouse.scan(KEY).collect(), SECOND[:0])


def test_table_without_rows_can_be_the_first_version(lakehouse: Lakehouse) -> None:
    version = lakehouse.write(f"{KEY}__rejected", FIRST[:0])
    assert version.rows == 0
    assert lakehouse.scan(f"{KEY}__rejected").collect().schema == FIRST.schema


def test_a_table_can_be_rewritten_from_itself(lakehouse: Lakehouse) -> None:
    lakehouse.write(KEY, FIRST)
    lakehouse.write(KEY, lakehouse.scan(KEY).filter(pl.col("id") == 2))
    assert lakehouse.scan(KEY).collect()["id"].to_list() == [2]


def test_types_that_delta_lacks_are_stored_as_wider_ones(lakehouse: Lakehouse) -> None:
    frame = pl.DataFrame(
        {"count": [255], "kind": ["a"], "when": [datetime(2026, 1, 2, 3, 4, 5)], "nothing": [None]},  # noqa: DTZ001  # as columns without a zone hold it
        schema={"count": pl.UInt8, "kind": pl.Enum(["a"]), "when": pl.Datetime("ms"), "nothing": pl.Null},
    )
    lakehouse.write(KEY, frame)
    back = lakehouse.scan(KEY).collect()
    assert back.schema.dtypes() == [pl.Int16, pl.String, pl.Datetime("us"), pl.String]
    assert back.row(0) == frame.row(0)


@pytest.mark.parametrize("size", [1, 200_000])
def test_summary_comes_back_with_its_version(lakehouse: Lakehouse, size: int) -> None:
    summary = {"text": "é" * size, "nested": {"list": [1, 2.5, None, {"deep": True}]}}
    lakehouse.write(KEY, FIRST, summary=summary)
    lakehouse.write(KEY, SECOND)
    assert lakehouse.read(KEY, version=0).summary == summary
    assert lakehouse.read(KEY).summary == {}


def test_pins_apply_unless_a_version_is_asked_for(lakehouse: Lakehouse, tmp_path: Path) -> None:
    for frame in (FIRST, SECOND):
        lakehouse.write(KEY, frame)
    pinned = Lakehouse(str(tmp_path / "lakehouse"), pins={KEY: 0})
    assert pinned.read(KEY).version.version == 0
    assert pinned.read(KEY, version=1).version.version == 1
    latest = pinned.latest(KEY)
    assert latest is not None
    assert latest.version == 1


def test_as_of_reads_what_was_newest_then(lakehouse: Lakehouse) -> None:
    first = lakehouse.write(KEY, FIRST)
    time.sleep(0.01)
    second = lakehouse.write(KEY, SECOND)
    assert lakehouse.read(KEY, as_of=first.timestamp).version == first
    assert lakehouse.read(KEY, as_of=second.timestamp + timedelta(days=1)).version == second
    with pytest.raises(TableNotFoundError, match="had no version at"):
        lakehouse.scan(KEY, as_of=first.timestamp - timedelta(seconds=1))


def test_missing_version_names_those_that_exist(lakehouse: Lakehouse) -> None:
    lakehouse.write(KEY, FIRST)
    with pytest.raises(TableNotFoundError, match=r"has no version 4.*Ask for one of these versions: 0 \("):
        lakehouse.scan(KEY, version=4)


def test_missing_table_names_its_neighbours(lakehouse: Lakehouse) -> None:
    lakehouse.write(KEY, FIRST)
    with pytest.raises(TableNotFoundError, match=r"some/raw/lones is not in the lakehouse.*some/raw/loans"):
        lakehouse.scan("some/raw/lones")
    assert not lakehouse.exists("some/raw/lones")
    assert lakehouse.versions("some/raw/lones") == []
    assert lakehouse.latest("some/raw/lones") is None


def test_keys_lists_tables_below_a_prefix(lakehouse: Lakehouse) -> None:
    assert lakehouse.keys() == []
    for key in ("some/raw/b", "some/raw/a", "other/raw/a"):
        lakehouse.write(key, FIRST)
    assert lakehouse.keys() == ["other/raw/a", "some/raw/a", "some/raw/b"]
    assert lakehouse.keys("some/") == ["some/raw/a", "some/raw/b"]


def test_a_folder_whose_writer_was_killed_before_its_commit_is_no_table(lakehouse: Lakehouse, tmp_path: Path) -> None:
    lakehouse.write(KEY, FIRST)
    log = tmp_path / "lakehouse" / "some" / "raw" / "begun" / "_delta_log"
    log.mkdir(parents=True)
    (log / "_commit_1f.json.tmp").touch()
    assert lakehouse.keys() == [KEY]


def test_object_store_addresses_work_through_delta_rs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL that is not treated as a local folder takes the object store's path through the code."""
    remote = Lakehouse(f"file://{tmp_path}")
    monkeypatch.setattr(remote._storage, "_folder", None)
    (tmp_path / "some" / "raw" / "loans").mkdir(parents=True)
    staged = tmp_path / "staged.parquet"
    FIRST.write_parquet(staged)
    written = [remote.write(KEY, SECOND), remote.write(KEY, StagedTable(staged))]
    assert written[0].bytes > 0
    assert_frame_equal(remote.scan(KEY).collect(), FIRST)
    assert remote.keys() == [KEY]
    with remote.staging() as folder:
        assert tmp_path not in folder.parents


def test_writers_at_the_same_time_each_get_a_version(lakehouse: Lakehouse) -> None:
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda i: lakehouse.write(KEY, pl.DataFrame({"writer": [i]})), range(8)))
    assert sorted(version.version for version in written) == list(range(8))
    for writer, version in enumerate(written):
        assert lakehouse.scan(KEY, version.version).collect()["writer"].to_list() == [writer]


def test_a_writer_that_always_loses_says_so(lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    lakehouse.write(KEY, FIRST)

    def lose(*_: object) -> None:
        raise CommitFailedError("somebody else was first")

    monkeypatch.setattr(commits_module, "_try_commit", lose)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(TableWriteError, match=r"somebody else was first.*last good version is untouched"):
        lakehouse.write(KEY, SECOND)
    assert_frame_equal(lakehouse.scan(KEY).collect(), FIRST)


WRITER = """
import sys, time
import polars as pl
from credit_platform.lakehouse import Lakehouse, lakehouse

def slow(batch):
    time.sleep(0.02)
    return batch

def stop(*_, **options):
    print("about to commit", flush=True)
    time.sleep(600)

root, moment = sys.argv[1:]
frame = pl.LazyFrame({"id": range(100_000)})
if moment == "file begun":
    frame = pl.concat([frame.map_batches(slow, streamable=True)] * 20_000)
else:
    lakehouse.commit_files = stop
Lakehouse(root).write("some/raw/loans", frame)
"""


@pytest.mark.parametrize("moment", ["file begun", "about to commit"])
def test_killed_writer_leaves_the_last_good_version(tmp_path: Path, moment: str) -> None:
    root = str(tmp_path / "lakehouse")
    lakehouse = Lakehouse(root)
    lakehouse.write(KEY, FIRST)
    with subprocess.Popen([sys.executable, "-c", WRITER, root, moment], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        if moment == "about to commit":
            assert writer.stdout.readline() == "about to commit\n"
        while len(list((tmp_path / "lakehouse" / KEY).glob("*.parquet"))) < 2:
            assert writer.poll() is None, "the writer ended before it wrote"
            time.sleep(0.01)
        os.kill(writer.pid, signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    assert_frame_equal(Lakehouse(root).scan(KEY).collect(), FIRST)
    assert lakehouse.write(KEY, SECOND).version == 1
    assert_frame_equal(lakehouse.scan(KEY).collect(), SECOND)


def test_vacuum_keeps_the_newest_and_the_pinned_version(lakehouse: Lakehouse, tmp_path: Path) -> None:
    for i in range(5):
        lakehouse.write(KEY, pl.DataFrame({"i": [i]}))
    pinned = Lakehouse(str(tmp_path / "lakehouse"), pins={KEY: 1})
    planned = pinned.vacuum(KEY, 2, dry_run=True)
    assert len(lakehouse.versions(KEY)) == 5
    done = pinned.vacuum(KEY, 2, dry_run=False)
    assert (done.files, done.removed_versions) == (planned.files, (2, 0))
    assert done.kept_versions == (4, 3, 1)
    assert len(done.files) == 2
    assert [version.version for version in lakehouse.versions(KEY)] == [4, 3, 1]
    assert [lakehouse.scan(KEY, i).collect().item() for i in (1, 3, 4)] == [1, 3, 4]
    latest = lakehouse.latest(KEY)
    assert latest is not None
    assert latest.version == 4
    with pytest.raises(TableNotFoundError, match="has no version 2"):
        lakehouse.scan(KEY, version=2)
    assert lakehouse.write(KEY, FIRST).version > 4


def test_vacuum_removes_a_dead_writers_file_only_when_it_is_old(lakehouse: Lakehouse, tmp_path: Path) -> None:
    lakehouse.write(KEY, FIRST)
    orphan = tmp_path / "lakehouse" / KEY / "part-of-a-dead-writer.parquet"
    orphan.write_bytes(b"half a file")
    assert lakehouse.vacuum(KEY, 1, dry_run=False).files == ()
    assert orphan.exists()
    os.utime(orphan, (time.time() - 90_000,) * 2)
    assert lakehouse.vacuum(KEY, 1, dry_run=False).files == (orphan.name,)
    assert not orphan.exists()
    assert_frame_equal(lakehouse.scan(KEY).collect(), FIRST)


def test_vacuum_needs_a_table_and_keeps_at_least_one(lakehouse: Lakehouse) -> None:
    with pytest.raises(TableNotFoundError, match="is not in the lakehouse"):
        lakehouse.vacuum(KEY, 1, dry_run=True)
    with pytest.raises(ValueError, match="at least 1"):
        lakehouse.vacuum(KEY, 0, dry_run=True)


def test_staged_table_is_moved_in_as_it_is(lakehouse: Lakehouse) -> None:
    with lakehouse.staging() as folder:
        FIRST.write_parquet(folder / "loans.parquet")
        version = lakehouse.write(KEY, StagedTable(folder / "loans.parquet"))
        assert list(folder.iterdir()) == []
    assert not folder.exists()
    assert version.content_hash == content_hash(FIRST)
    assert_frame_equal(lakehouse.scan(KEY).collect(), FIRST)
    assert lakehouse.keys() == [KEY]


def test_staging_clears_what_killed_runs_left(lakehouse: Lakehouse, tmp_path: Path) -> None:
    with lakehouse.staging() as folder:
        dead = folder.parent / "of-a-dead-run"
        young = folder.parent / "of-another-run"
    for left in (dead, young):
        left.mkdir()
    os.utime(dead, (time.time() - ORPHAN_SECONDS - 10,) * 2)
    with lakehouse.staging():
        assert not dead.exists()
        assert young.exists()


def test_a_folder_of_staged_files_becomes_one_version(lakehouse: Lakehouse) -> None:
    with lakehouse.staging() as folder:
        parts = folder / "parts"
        parts.mkdir()
        for i in range(3):
            FIRST.with_columns(pl.col("id") + i).write_parquet(parts / f"part-{i}.parquet")
        (parts / "_SUCCESS").touch()
        expected = pl.read_parquet(parts)
        version = lakehouse.write(KEY, StagedTable(parts))
    stored = lakehouse.read(KEY)
    assert (version.rows, version.content_hash) == (6, content_hash(expected))
    assert version.bytes == sum(Path(file).stat().st_size for file in stored.files)
    assert len(stored.files) == 3
    assert_frame_equal(stored.frame.collect(), expected, check_row_order=False)
    lakehouse.write(KEY, FIRST)
    assert_frame_equal(lakehouse.scan(KEY, version=0).collect(), expected, check_row_order=False)
    assert len(lakehouse.vacuum(KEY, 1, dry_run=False).files) == 3


def test_vacuum_keeps_versions_by_name_and_counts_bytes(lakehouse: Lakehouse) -> None:
    sizes = [lakehouse.write(KEY, pl.DataFrame({"i": range(10**i)})).bytes for i in range(4)]
    planned = lakehouse.vacuum(KEY, 1, dry_run=True, also_keep=[1])
    done = lakehouse.vacuum(KEY, 1, dry_run=False, also_keep=[1])
    assert planned.bytes == done.bytes == sizes[0] + sizes[2]
    assert [version.version for version in lakehouse.versions(KEY)] == [3, 1]


@pytest.mark.parametrize("name", ["a b", "é", "e\u0301", "#1", "100%", "[x]", "*", "日本", "{a}", "x=1", '"'])
def test_tables_are_read_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    lakehouse = Lakehouse(str(tmp_path / name / "lake"))
    lakehouse.write(KEY, SECOND)
    lakehouse.write(KEY, FIRST)
    assert_frame_equal(lakehouse.scan(KEY).collect(), FIRST)
    assert_frame_equal(lakehouse.scan(KEY, version=0).collect(), SECOND)
    assert [version.version for version in lakehouse.versions(KEY)] == [1, 0]
    assert lakehouse.keys() == [KEY]
    assert all(Path(file).is_file() for file in lakehouse.read(KEY).files)
    assert len(lakehouse.vacuum(KEY, 1, dry_run=False).files) == 1


def test_an_address_of_a_file_is_decoded(tmp_path: Path) -> None:
    folder = tmp_path / "my lake"
    Lakehouse(folder.as_uri()).write(KEY, FIRST)
    assert_frame_equal(Lakehouse(str(folder)).scan(KEY).collect(), FIRST)


def test_the_log_of_a_folder_says_what_delta_says(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    for _ in range(12):
        lakehouse.write(KEY, FIRST, summary={"é": [1, {"q": None}]}, info=CommitInfo(portfolio="some"))
    lakehouse.vacuum(KEY, 2, dry_run=False)
    told = DeltaTable(str(tmp_path / KEY)).history()
    assert read_history(str(tmp_path / KEY), None) == told
    assert read_history(str(tmp_path / KEY), None, 3) == told[:3]


def test_what_follows_from_a_version_is_written_right_after_it_or_not_at_all(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path / "lakehouse"))
    first = lakehouse.write(KEY, FIRST, after=None)
    with pytest.raises(TableMovedOnError, match="version 0 was written by somebody else meanwhile"):
        lakehouse.write(KEY, FIRST, after=None)
    second = lakehouse.write(KEY, FIRST, after=first)
    with pytest.raises(TableMovedOnError, match="version 1 was written"):
        lakehouse.write(KEY, FIRST, after=first)
    # A note of retention is no version: what is newest is still the second.
    lakehouse.vacuum(KEY, 1, dry_run=False)
    third = lakehouse.write(KEY, FIRST, after=second)
    assert [version.version for version in lakehouse.versions(KEY)] == [third.version, second.version]
    # Whoever lost leaves no file behind.
    assert len([*(tmp_path / "lakehouse" / KEY).glob("*.parquet")]) == 2
