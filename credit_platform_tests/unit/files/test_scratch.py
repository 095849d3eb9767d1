"""Folders for what is made on the way: gone at the end, also when their process was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from credit_platform.files.scratch import LOCK, remove_left_over, scratch_folder

WORK = """
import sys, time
from pathlib import Path
from credit_platform.files.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1]), ".making-") as folder:
    (folder / "half").write_text("half")
    print(folder, flush=True)
    time.sleep(60)
"""


def at_work(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that works in a folder of its own."""
    process = subprocess.Popen([sys.executable, "-c", WORK, str(parent)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_it_is_gone_at_the_end_and_after_an_error(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "déjà là", ".making-") as folder:
        (folder / "half").write_text("half")
    with pytest.raises(ValueError, match="no"), scratch_folder(tmp_path / "déjà là", ".making-"):
        raise ValueError("no")
    assert list((tmp_path / "déjà là").iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    killed, left = at_work(tmp_path)
    living, used = at_work(tmp_path)
    try:
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        assert (left / "half").exists()
        for _ in range(2):
            with scratch_folder(tmp_path, ".making-"):
                assert not left.exists()
                assert (used / "half").exists()
    finally:
        for process in (killed, living):
            process.kill()
            process.communicate()


def test_only_folders_of_its_kind_go(tmp_path: Path) -> None:
    for name in ("mine", ".other-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / LOCK).touch()
    (tmp_path / ".making-file").touch()
    (tmp_path / ".making-link").symlink_to(tmp_path / "mine")
    remove_left_over(tmp_path, ".making-")
    assert {path.name for path in tmp_path.iterdir()} == {"mine", ".other-1", ".making-file", ".making-link"}


def test_one_without_a_lock_goes_when_it_can_no_longer_be_in_the_making(tmp_path: Path) -> None:
    for name, age in (("new", 0), ("old", 3600)):
        folder = tmp_path / f".making-{name}"
        folder.mkdir()
        os.utime(folder, (time.time() - age,) * 2)
    remove_left_over(tmp_path, ".making-")
    assert [path.name for path in tmp_path.iterdir()] == [".making-new"]
