"""What the service's process takes of the machine."""

from __future__ import annotations

import time

import psutil
import pytest

from bento.runtime.metrics import ServiceMetrics


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
