"""What the service's process takes of the machine."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from bento.runtime.metrics import ServiceMetrics
from bento.runtime.process import usable_cores


def told(metrics: ServiceMetrics, name: str) -> float:
    found = metrics.registry.get_sample_value(f"credit_platform_{name}")
    assert found is not None
    return found


def test_processor_time_and_memory_are_those_of_this_process() -> None:
    metrics = ServiceMetrics()
    metrics.measure_process()
    before = told(metrics, "process_cpu_seconds_total")
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    metrics.measure_process()
    assert told(metrics, "process_cpu_seconds_total") >= before + 0.05
    assert told(metrics, "process_cpu_seconds_total") <= time.process_time()
    assert told(metrics, "process_resident_memory_bytes") == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
    assert told(metrics, "process_start_timestamp_seconds") == psutil.Process().create_time()
    assert told(metrics, "process_cpu_cores") >= 0.1


@pytest.mark.parametrize(("content", "cores"), [("50000 100000", 0.5), ("max 100000", None), ("odd", None)])
def test_a_container_may_use_what_its_limit_says(tmp_path: Path, content: str, cores: float | None) -> None:
    file = tmp_path / "cpu.max"
    free = usable_cores(tmp_path / "absent")
    file.write_text(content)
    assert usable_cores(file) == (free if cores is None else cores)
