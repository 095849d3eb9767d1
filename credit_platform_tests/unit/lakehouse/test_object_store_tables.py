"""Tables on a real S3 server: the same versions and hashes as in a folder, and what happens when the server fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import StorageError, TableNotFoundError
from credit_platform.lakehouse import Lakehouse, Replacement
from credit_platform_tests.s3_server import READER, READER_SECRET, SECRET, S3Server

KEY = "portfolio/raw/loans"
FRAME = pl.DataFrame({"id": [1, 2, 3], "note": ["é", None, "c"]})


@pytest.fixture
def root(s3: S3Server) -> str:
    return f"s3://{s3.new_bucket()}/lake house é"


def test_versions_and_hashes_are_those_of_a_folder(root: str, tmp_path: Path) -> None:
    there, here = Lakehouse(root), Lakehouse(str(tmp_path))
    for frame in (FRAME, FRAME.head(1), FRAME.clear()):
        assert there.write(KEY, frame).content_hash == here.write(KEY, frame).content_hash
    there.write(f"{KEY}__refused", FRAME.head(2))
    assert [v.version for v in there.versions(KEY)] == [2, 1, 0]
    assert there.keys() == [KEY, f"{KEY}__refused"]
    assert there.read(KEY, 0).frame.collect().equals(FRAME)
    assert there.scan(KEY).collect().equals(FRAME.clear())
    assert there.read(f"{KEY}__refused").frame.collect().height == 2


def test_a_vacuum_can_be_repeated(root: str) -> None:
    lakehouse = Lakehouse(root)
    for number in range(3):
        lakehouse.write(KEY, pl.DataFrame({"a": [number]}))
    sizes = []
    for _ in range(3):
        told = lakehouse.vacuum(KEY, 1, dry_run=True)
        done = lakehouse.vacuum(KEY, 1, dry_run=False)
        assert (told.files, told.bytes) == (done.files, done.bytes)
        sizes.append(len(done.files))
    assert sizes == [2, 0, 0]
    assert lakehouse.scan(KEY).collect()["a"].to_list() == [2]
    with pytest.raises(TableNotFoundError):
        lakehouse.scan(KEY, 0)


def test_partitions_are_replaced_and_taken_away_as_in_a_folder(root: str, tmp_path: Path) -> None:
    key = "portfolio/monitoring/days"
    stores = [Lakehouse(root), Lakehouse(str(tmp_path))]
    days = [pl.DataFrame({"day": [day] * 2, "row": [1, 2 + number]}) for number, day in enumerate("aba")]
    for lakehouse in stores:
        for frame in days:
            change = Replacement(
                column="day", base=lakehouse.head(key), schema=frame.schema, frames={frame["day"][0]: frame}
            )
            lakehouse.replace(key, change)
        first = lakehouse.read(key, 0).files
        head = lakehouse.head(key)
        assert head == 2
        assert lakehouse.withdraw(key, head, first, "of a test") == (1, 0)
        with pytest.raises(TableNotFoundError, match="taken away on"):
            lakehouse.read(key, 1)
        assert not lakehouse.left_over(key)
        assert lakehouse.scan(key).sort("day", "row").collect()["row"].to_list() == [1, 4, 1, 3]
    hashes = {newest.content_hash for lakehouse in stores if (newest := lakehouse.latest(key))}
    assert len(hashes) == 1


def _uses(lakehouse: Lakehouse) -> list[object]:
    return [
        lambda: lakehouse.write(KEY, FRAME),
        lambda: lakehouse.scan(KEY),
        lambda: lakehouse.read(KEY),
        lambda: lakehouse.exists(KEY),
        lambda: lakehouse.versions(KEY),
        lambda: lakehouse.latest(KEY),
        lakehouse.keys,
        lambda: lakehouse.vacuum(KEY, 1, dry_run=False),
    ]


@pytest.mark.parametrize("number", range(8))
def test_a_missing_bucket_is_never_an_empty_lakehouse(number: int, s3: S3Server) -> None:
    use = _uses(Lakehouse("s3://no-such-bucket/lakehouse"))[number]
    assert callable(use)
    with pytest.raises(StorageError, match=r"no bucket 'no-such-bucket'.*CREDIT_PLATFORM_LAKEHOUSE_URL"):
        use()


@pytest.mark.parametrize("number", range(8))
def test_a_wrong_key_is_told_without_it(number: int, root: str, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    Lakehouse(root).write(KEY, FRAME)
    for name, value in s3.environment(secret="another-secret").items():
        monkeypatch.setenv(name, value)
    use = _uses(Lakehouse(root))[number]
    assert callable(use)
    with pytest.raises(StorageError, match="does not accept the key") as told:
        use()
    assert root in str(told.value)
    assert "AWS_SECRET_ACCESS_KEY" in told.value.cure
    for secret in ("another-secret", SECRET):
        assert secret not in f"{told.value!r} {told.value.__cause__!r}"
    assert told.value.__suppress_context__


def test_a_key_that_may_only_read_reads_and_says_so(root: str, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    Lakehouse(root).write(KEY, FRAME)
    for name, value in s3.environment(READER, READER_SECRET).items():
        monkeypatch.setenv(name, value)
    assert Lakehouse(root).scan(KEY).collect().equals(FRAME)
    with pytest.raises(StorageError, match="may not do what was asked"):
        Lakehouse(root).write(KEY, FRAME)


def test_a_store_that_is_away_for_seconds_is_waited_for(root: str, s3: S3Server) -> None:
    """Reads and a write that begin while the server is down end well once it is back."""
    lakehouse = Lakehouse(root)
    lakehouse.write(KEY, FRAME)
    before = lakehouse.scan(KEY)
    s3.stop()
    restart = threading.Timer(10, s3.start)
    restart.start()
    try:
        assert before.collect().equals(FRAME)
        assert lakehouse.write(KEY, FRAME.head(1)).version == 1
    finally:
        restart.join()
    assert [v.rows for v in lakehouse.versions(KEY)] == [1, 3]


_WRITER = """
import sys, polars as pl
from credit_platform.lakehouse import Lakehouse, Replacement
lakehouse = Lakehouse(sys.argv[1])
number = 0
while True:
    number += 1
    lakehouse.write(sys.argv[2], pl.DataFrame({"a": [number] * 1000}))
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_the_last_good_version(root: str) -> None:
    for kill in range(3):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, root, KEY], stdout=subprocess.PIPE, text=True)
        with writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "1\n"
            time.sleep(0.013 * (1 + kill))
            os.kill(writer.pid, signal.SIGKILL)
        lakehouse = Lakehouse(root)
        for version in lakehouse.versions(KEY):
            rows = lakehouse.scan(KEY, version.version).collect()
            assert rows.height == 1000
            assert rows["a"].n_unique() == 1
        assert lakehouse.write(KEY, pl.DataFrame({"a": [0] * 1000})).rows == 1000
