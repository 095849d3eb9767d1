"""What a process took is what it took, its children included; a job that fails is no measurement."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from credit_platform.benchmarks import Benchmark, Role, conditions
from credit_platform.benchmarks.processes import measure, run
from credit_platform.errors import BenchmarkError, SettingError

MEGABYTE = 1_000_000


def job(size: int) -> Mapping[str, Any]:
    """Hold `size` bytes, for longer than passes between two looks at the memory of a process on a busy machine."""
    held = bytearray(size)
    time.sleep(0.5)
    return {"parts": {"all": 1.0}, "held": len(held)}


def failing_job() -> Mapping[str, Any]:
    """Fail."""
    raise ValueError("the disk is full of cats")


def test_a_job_is_measured_and_answers() -> None:
    measured, answer = measure(job, {"size": 200 * MEGABYTE}, name="hold", role=Role.FLOOR, what="Holds.")
    assert answer == {"held": 200 * MEGABYTE}
    assert measured.parts == {"all": 1.0}
    assert 200 * MEGABYTE < measured.peak_bytes < 600 * MEGABYTE
    assert measured.seconds > 0


def test_memory_of_children_counts() -> None:
    child = "import time; held = b'x' * 150_000_000; time.sleep(0.5)"
    parent = (
        f"import subprocess, sys; p = [subprocess.Popen([sys.executable, '-c', {child!r}]) for _ in range(2)]; "
        + ("[q.wait() for q in p]")
    )
    assert run([sys.executable, "-c", parent]).peak_bytes > 300 * MEGABYTE


def test_a_job_that_fails_is_no_measurement() -> None:
    with pytest.raises(BenchmarkError, match="full of cats"):
        measure(failing_job, {}, name="", role=Role.PEER, what="")


def test_json_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    benchmark = Benchmark(name="none", conditions=conditions(synthetic=True, scale=1.0, data_bytes=0), measurements=())
    with pytest.raises(SettingError, match=r"cannot be written"):
        benchmark.write_json(tmp_path / "file" / "f.json")


@pytest.mark.parametrize(
    ("synthetic", "size", "words"),
    [
        (True, 2_699_651_694, "synthetic files, 2,700 MB"),
        (False, 1_500_000, "files that were not generated, 2 MB"),
        (True, None, "single applicants from synthetic files"),
        (False, None, "single applicants from files that were not generated"),
    ],
)
def test_the_data_of_a_benchmark_are_described(synthetic: bool, size: int | None, words: str) -> None:
    assert conditions(synthetic=synthetic, scale=None, data_bytes=size).data == words
