"""Native libraries start no more threads than the container has processor time for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from credit_platform.native_threads import VARIABLES, cpu_limit, limit_threads, thread_variables, usable_cores


def groups(place: Path, own: str, limits: dict[str, str]) -> tuple[Path, Path]:
    """Control groups by name, and the file that says which one is ours."""
    for name, limit in limits.items():
        folder = place / "mounted" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(limit)
    file = place / "own"
    file.write_text(f"12:cpu:/somewhere/else\n0::{own}\n")
    return place / "mounted", file


@pytest.mark.parametrize(("content", "cores"), [("50000 100000", 0.5), ("max 100000", None), ("odd", None)])
def test_a_container_may_use_what_its_limit_says(tmp_path: Path, content: str, cores: float | None) -> None:
    free = usable_cores(tmp_path / "absent", tmp_path / "absent")
    root, own = groups(tmp_path, "/", {"": content})
    assert cpu_limit(root, own) == cores
    assert usable_cores(root, own) == (free if cores is None else cores)


def test_the_narrowest_group_above_counts(tmp_path: Path) -> None:
    limits = {"slice": "150000 100000", "slice/pod": "max 100000", "other": "10000 100000"}
    root, own = groups(tmp_path, "/slice/pod", limits)
    assert cpu_limit(root, own) == 1.5
    assert usable_cores(root, own) <= 1.5


@pytest.mark.parametrize(("limit", "threads"), [(0.25, "1"), (1.0, "1"), (1.9, "1"), (4.0, "4")])
def test_a_part_of_a_processor_is_no_thread(limit: float, threads: str) -> None:
    assert thread_variables(limit) == dict.fromkeys(VARIABLES, threads)


def test_without_a_limit_nothing_is_set() -> None:
    assert thread_variables(None) == {}


def test_what_somebody_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_platform.native_threads.cpu_limit", lambda: 2.0)
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert limit_threads() == {**dict.fromkeys(VARIABLES, "2"), "OMP_NUM_THREADS": "7"}
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"


def test_libraries_obey(tmp_path: Path) -> None:
    """In a process of its own, because they read the variables once; OpenMP and OpenBLAS say how many they take."""
    root, own = groups(tmp_path, "/", {"": "100000 100000"})
    asked = (
        "import sys, pathlib, os; from credit_platform.native_threads import *; "
        "os.environ.update(thread_variables(cpu_limit(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))); "
        "import numpy, sklearn.ensemble, threadpoolctl; "
        "print({pool['num_threads'] for pool in threadpoolctl.threadpool_info()})"
    )
    free = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    command = [sys.executable, "-c", asked, str(root), str(own)]
    done = subprocess.run(command, env=free, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{1}"
