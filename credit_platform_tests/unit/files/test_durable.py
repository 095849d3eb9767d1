"""Bytes first, then the name, then the folder that holds it: as the calls to the system show."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from credit_platform.files.durable import make_folder, replace_synced, write_synced
from credit_platform.lakehouse import Lakehouse, StagedTable

Trace = list[tuple[str, str]]


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Trace]:
    """What is synced and renamed below a folder from now on; of delta-rs, which is no Python, its file is looked at."""
    trace: Trace = []
    sync = os.fsync

    def fsync(handle: int) -> None:
        place = Path(f"/proc/self/fd/{handle}").resolve()
        commits = sorted(path.name for path in place.glob("*.json")) if place.name == "_delta_log" else []
        trace.append(("sync", f"{place} {commits}" if commits else str(place)))
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" and hook.on:  # type: ignore[attr-defined]  # an attribute of this very function
            trace.append(("rename", str(arguments[1])))

    hook.on = True  # type: ignore[attr-defined]  # an audit hook cannot be removed
    sys.addaudithook(hook)

    def below(folder: Path) -> Trace:
        hook.on = False  # type: ignore[attr-defined]  # as above
        return [(what, where.replace(str(folder), "~")) for what, where in trace if str(folder) in where]

    return below


def test_a_file_is_synced_before_and_its_folder_after_the_rename(
    tmp_path: Path, traced: Callable[[Path], Trace]
) -> None:
    write_synced(tmp_path / "facts.json", b"{}", mode=0o600)
    (fresh, renamed, folder) = traced(tmp_path)
    assert fresh[0] == "sync"
    assert fresh[1].startswith("~/.facts.json.")
    assert (renamed, folder) == (("rename", "~/facts.json"), ("sync", "~"))
    assert (tmp_path / "facts.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["facts.json"]


def test_a_folder_is_synced_from_its_leaves_up(tmp_path: Path, traced: Callable[[Path], Trace]) -> None:
    fresh = tmp_path / "fresh"
    make_folder(fresh / "in")
    (fresh / "in" / "a").write_text("a", encoding="utf-8")
    replace_synced(fresh, tmp_path / "final")
    made = [("sync", "~"), ("sync", "~/fresh")]
    leaves = [("sync", "~/fresh/in/a"), ("sync", "~/fresh/in"), ("sync", "~/fresh")]
    assert traced(tmp_path) == [*made, *leaves, ("rename", "~/final"), ("sync", "~")]


@pytest.mark.parametrize("staged", [False, True])
def test_a_tables_files_and_folders_are_synced_before_its_commit_and_the_commit_after(
    tmp_path: Path, traced: Callable[[Path], Trace], *, staged: bool
) -> None:
    root = tmp_path / "lakehouse"
    frame = pl.DataFrame({"id": [1, 2]})
    if staged:
        frame.write_parquet(tmp_path / "staged.parquet")
    Lakehouse(str(root)).write("a/b/c", StagedTable(tmp_path / "staged.parquet") if staged else frame)
    (data,) = (path.relative_to(tmp_path) for path in root.rglob("*.parquet"))
    synced = [where for what, where in traced(tmp_path) if what == "sync"]
    # The folder of the log holds the commit when it is synced and lies in none of the folders synced before.
    commit, table = f"{0:020}.json", "~/lakehouse/a/b/c"
    folders = ["~", "~/lakehouse", "~/lakehouse/a", "~/lakehouse/a/b"]
    log = [f"{table}/_delta_log/{commit}", f"{table}/_delta_log ['{commit}']", table]
    assert synced == [*folders, f"~/{data.as_posix()}", table, *log]
