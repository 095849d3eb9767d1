"""What `verify` says of a table: whole, damaged, or written before there were digests."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from credit_platform.errors import DamagedTableError
from credit_platform.lakehouse import Lakehouse, content_hash
from credit_platform.lakehouse.repair import plan_repair, repair
from credit_platform.lakehouse.verification import verify_table
from credit_platform.lakehouse.versions import CommitInfo, commit_metadata

KEY = "some/raw/loans"


@pytest.fixture
def root(tmp_path: Path) -> str:
    lakehouse = Lakehouse(str(tmp_path / "lake é"))
    for version in range(3):
        lakehouse.write(KEY, pl.DataFrame({"version": [version] * 50}))
    return str(tmp_path / "lake é")


def states(root: str, *, every_version: bool = True) -> list[tuple[int, str]]:
    return [(one.version, one.state) for one in verify_table(root, KEY, every_version=every_version)]


def test_a_sound_table_is_whole_again_and_again(root: str) -> None:
    for _ in range(3):
        assert states(root) == [(2, "whole"), (1, "whole"), (0, "whole")]
        assert states(root, every_version=False) == [(2, "whole")]


def test_files_are_read_again_though_this_process_has_verified_them(root: str) -> None:
    file = Path(Lakehouse(root).read(KEY, 1).files[0])
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    import os  # noqa: PLC0415  # only this test plays the forger who sets the clock back

    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert states(root) == [(2, "whole"), (1, "damaged"), (0, "whole")]


def test_a_missing_file_and_a_missing_commit_are_told(root: str) -> None:
    Path(Lakehouse(root).read(KEY, 0).files[0]).unlink()
    (Path(root) / KEY / "_delta_log" / f"{1:020}.json").unlink()
    found = {one.version: one for one in verify_table(root, KEY, every_version=True) if one.state == "damaged"}
    assert "is missing" in found[0].message
    assert found[1].message == "Commit 1 is missing from the log."


def test_an_action_that_others_read_is_compared(root: str) -> None:
    log = Path(root) / KEY / "_delta_log" / f"{2:020}.json"
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if not line.startswith('{"remove"')]
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert Lakehouse(root).scan(KEY).collect().height == 50
    (damaged, *_) = [one for one in verify_table(root, KEY, every_version=False) if one.state == "damaged"]
    assert "would read other files" in damaged.message


def test_versions_of_before_are_read_and_told_apart(tmp_path: Path) -> None:
    frame = pl.DataFrame({"value": [1, 2, 3]})
    facts = {"rows": 3, "bytes": 1, "columns": 1, "content_hash": content_hash(frame)}
    metadata = commit_metadata(CommitInfo(portfolio="some"), facts, {"made": "before"})
    from deltalake import CommitProperties  # noqa: PLC0415  # as the platform wrote before digests were kept

    path = tmp_path / KEY
    write_deltalake(str(path), frame.to_arrow(), commit_properties=CommitProperties(custom_metadata=metadata))
    lakehouse = Lakehouse(str(tmp_path))
    assert lakehouse.read(KEY).summary == {"made": "before"}
    assert states(str(tmp_path)) == [(0, "unverified")]
    (file,) = path.glob("*.parquet")
    frame.with_columns(value=pl.col("value") + 1).write_parquet(file)
    assert states(str(tmp_path)) == [(0, "damaged")]
    assert lakehouse.write(KEY, frame).version == 1
    assert states(str(tmp_path)) == [(1, "whole"), (0, "damaged")]


def test_repair_moves_the_newest_commit_aside_and_notes_it(root: str) -> None:
    log = Path(root) / KEY / "_delta_log"
    assert plan_repair(root, KEY) is None
    (log / f"{2:020}.json").write_bytes(b"")
    assert states(root)[0] == (2, "damaged")
    plan = plan_repair(root, KEY)
    assert plan is not None
    assert (plan.commit, plan.newest_after, plan.fault) == (2, 1, "is empty")
    moved = repair(root, plan)
    assert moved.read_bytes() == b""
    assert plan.sha256 in (moved.parent / "repairs.jsonl").read_text(encoding="utf-8")
    assert plan_repair(root, KEY) is None
    assert states(root) == [(1, "whole"), (0, "whole")]
    lakehouse = Lakehouse(root)
    assert lakehouse.write(KEY, pl.DataFrame({"version": [9]})).version == 2
    lakehouse.vacuum(KEY, 1, dry_run=False)
    assert moved.is_file()
    assert DeltaTable(f"{root}/{KEY}").to_pyarrow_table().num_rows == 1


def test_repair_touches_nothing_but_the_newest_commit(root: str) -> None:
    (Path(root) / KEY / "_delta_log" / f"{1:020}.json").write_bytes(b"{")
    with pytest.raises(DamagedTableError, match=r"Commit 1 of table .*Restore the file from a backup"):
        plan_repair(root, KEY)
    assert Lakehouse(root).read(KEY).version.version == 2
