"""What lies on the disk is what was committed: flipped bits, cut files and lost names are told, never read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from credit_platform.errors import CreditPlatformError, DamagedTableError
from credit_platform.lakehouse import Lakehouse, TableVersion
from credit_platform.lakehouse import vacuum as vacuum_module
from credit_platform.lakehouse.vacuum import record_kept

KEY = "some/raw/loans"
FLIPS = 400
VERSIONS = 3


def rows(version: int) -> pl.DataFrame:
    numbers = range(200 * version, 200 * version + 200)
    return pl.DataFrame({"id": numbers, "amount": [1285.0 + i for i in numbers], "purpose": [f"é{i}" for i in numbers]})


@pytest.fixture
def used(tmp_path: Path) -> Lakehouse:
    """Three versions and a checkpoint of Delta."""
    lakehouse = Lakehouse(str(tmp_path / "lakehouse"))
    for version in range(VERSIONS):
        lakehouse.write(KEY, rows(version), summary={"version": version})
    DeltaTable(str(tmp_path / "lakehouse" / KEY)).create_checkpoint()
    return lakehouse


def outcome(lakehouse: Lakehouse, version: int | None) -> str | None:
    """None when the version is read as it was written; else what the error says."""
    number = VERSIONS - 1 if version is None else version
    try:
        stored = lakehouse.read(KEY, version)
    except CreditPlatformError as error:
        return str(error)
    assert stored.version.version == number
    assert stored.summary == {"version": number}
    assert_frame_equal(stored.frame.collect(), rows(number))
    return None


def flips(folder: Path) -> Iterator[tuple[Path, int]]:
    """Bits at random: half of them in the files of the log, where a table is smallest and most delicate."""
    chance = random.Random(16)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    log = [path for path in files if "_delta_log" in path.parts]
    for number in range(FLIPS):
        path = chance.choice(log if number % 2 else files)
        yield path, chance.randrange(path.stat().st_size * 8)


def test_no_flipped_bit_gives_other_rows(used: Lakehouse, tmp_path: Path) -> None:
    told = 0
    before = [used.read(KEY, version).version for version in range(VERSIONS)]
    for path, bit in flips(tmp_path / "lakehouse" / KEY):
        content = path.read_bytes()
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        told += any(outcome(used, version) for version in (*range(VERSIONS), None))
        path.write_bytes(content)
    assert told > FLIPS / 4
    assert [outcome(used, version) for version in (*range(VERSIONS), None)] == [None] * (VERSIONS + 1)
    assert [used.read(KEY, version).version for version in range(VERSIONS)] == before


def test_a_flipped_bit_is_named_with_the_cure(used: Lakehouse) -> None:
    file = Path(used.read(KEY).files[0])
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    with pytest.raises(DamagedTableError) as caught:
        used.scan(KEY)
    assert f"{file}, a file of table {KEY} version 2, was altered after it was written" in caught.value.what
    assert "Version 1 is whole: read it with --version 1" in caught.value.cure
    assert "credit-platform run some" in caught.value.cure
    assert used.write(KEY, rows(2)).version == 3
    assert_frame_equal(used.scan(KEY).collect(), rows(2))


@pytest.mark.parametrize("content", [b"", b'{"commitInfo":{"times', b"\0" * 500])
def test_a_broken_newest_commit_is_named_and_older_versions_stay(
    used: Lakehouse, tmp_path: Path, content: bytes
) -> None:
    commit = tmp_path / "lakehouse" / KEY / "_delta_log" / f"{2:020}.json"
    commit.write_bytes(content)
    for attempt in (lambda: used.scan(KEY), lambda: used.latest(KEY), lambda: used.write(KEY, rows(3))):
        with pytest.raises(DamagedTableError, match=rf"Commit 2 of table {KEY} .*--version 1.*repair {KEY}"):
            attempt()
    assert [outcome(used, version) is None for version in range(VERSIONS)] == [True, True, False]
    with pytest.raises(DamagedTableError):
        used.vacuum(KEY, 1, dry_run=False)
    assert_frame_equal(used.scan(KEY, 0).collect(), rows(0))


def test_a_commit_that_was_rewritten_with_a_seal_of_its_own_is_told_by_the_next(
    used: Lakehouse, tmp_path: Path
) -> None:
    other = Lakehouse(str(tmp_path / "other"))
    for version in (0, 7):
        other.write(KEY, rows(version))
    log = Path(KEY) / "_delta_log" / f"{1:020}.json"
    (tmp_path / "lakehouse" / log).write_bytes((tmp_path / "other" / log).read_bytes())
    assert "is not the commit that version 2 was made after" in str(outcome(used, 1))
    assert outcome(used, None) is None


def test_a_removed_seal_is_told(used: Lakehouse, tmp_path: Path) -> None:
    path = tmp_path / "lakehouse" / KEY / "_delta_log" / f"{2:020}.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("credit_platform_seal", "credit_platform_note"), encoding="utf-8")
    assert "carries no seal, though commits before it do" in str(outcome(used, None))


def test_retention_again_and_again_beside_writers_and_readers(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    for version in range(4):
        lakehouse.write(KEY, rows(version))
    reading = lakehouse.scan(KEY)
    for turn in range(3):
        lakehouse.write(KEY, rows(turn))
        first = lakehouse.vacuum(KEY, 2, dry_run=False)
        again = lakehouse.vacuum(KEY, 2, dry_run=False)
        assert (again.files, again.removed_versions) == ((), ())
        assert first.removed_versions
        assert_frame_equal(lakehouse.scan(KEY).collect(), rows(turn))
        assert len(list(tmp_path.rglob("*.parquet"))) == 2
    with pytest.raises(FileNotFoundError):
        reading.collect()


def test_a_version_written_while_retention_plans_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    for version in range(3):
        lakehouse.write(KEY, rows(version))
    beside: list[TableVersion] = []

    def late(*arguments: object) -> None:
        if not beside:
            beside.append(lakehouse.write(KEY, rows(9)))
        record_kept(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(vacuum_module, "record_kept", late)
    result = lakehouse.vacuum(KEY, 1, dry_run=False)
    assert result.kept_versions == (beside[0].version,)
    assert_frame_equal(lakehouse.scan(KEY).collect(), rows(9))
