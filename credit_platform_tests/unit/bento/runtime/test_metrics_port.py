"""A port with metrics alone."""

from __future__ import annotations

import socket
import time

import httpx
import pytest

from bento.runtime.metrics import ServiceMetrics
from bento.runtime.metrics_port import MetricsPort
from bento.runtime.settings import ServiceSettings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_metrics_are_answered_without_a_key_and_the_process_is_measured() -> None:
    number = free_port()
    port = MetricsPort(ServiceMetrics(), ServiceSettings(metrics_port=number))
    port.start()
    try:
        text = httpx.get(f"http://127.0.0.1:{number}/metrics").text
        assert "credit_platform_ready 0.0" in text
        assert float(text.partition("\ncredit_platform_process_resident_memory_bytes ")[2].split()[0]) > 1e6
        assert httpx.get(f"http://127.0.0.1:{number}/model-info").status_code == 404
    finally:
        port.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{number}/metrics")


def test_without_a_setting_no_port_is_opened() -> None:
    metrics = ServiceMetrics()
    port = MetricsPort(metrics, ServiceSettings())
    for _ in range(2):  # as where a service is made twice in one process
        port.start()
    port.stop()
    assert metrics.registry.get_sample_value("credit_platform_process_resident_memory_bytes")


def test_a_port_that_is_taken_is_got_when_it_is_free_as_by_the_next_worker() -> None:
    number = free_port()
    first, second = (MetricsPort(ServiceMetrics(), ServiceSettings(metrics_port=number), period=0.02) for _ in range(2))
    first.start()
    second.start()
    first.stop()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            assert httpx.get(f"http://127.0.0.1:{number}/health").status_code == 200
            break
        except httpx.ConnectError:
            time.sleep(0.02)
    else:
        pytest.fail("nobody took the port")
    second.stop()
