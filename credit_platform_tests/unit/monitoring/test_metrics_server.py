"""A port for metrics alone."""

from __future__ import annotations

import socket

import httpx
import pytest

from credit_platform.monitoring.metrics_server import MetricsServer


def test_metrics_and_health_are_answered_and_nothing_else() -> None:
    with MetricsServer(lambda: b"a 1\n", "127.0.0.1", 0) as server:
        base = f"http://{server.address}"
        metrics = httpx.get(f"{base}/metrics?x=1")
        assert (metrics.status_code, metrics.text) == (200, "a 1\n")
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert metrics.headers["x-content-type-options"] == "nosniff"
        assert httpx.head(f"{base}/metrics").content == b""
        assert httpx.get(f"{base}/health").json() == {"live": True}
        assert httpx.get(f"{base}/predict").status_code == 404
        assert httpx.post(f"{base}/metrics").status_code == 501
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base}/metrics")


def test_a_client_that_says_nothing_keeps_nobody_waiting() -> None:
    with MetricsServer(lambda: b"a 1\n", "127.0.0.1", 0) as server:
        host, _, port = server.address.rpartition(":")
        with socket.create_connection((host, int(port))):
            assert httpx.get(f"http://{server.address}/metrics", timeout=5).text == "a 1\n"


def test_a_port_that_is_taken_is_not_shared() -> None:
    with (
        MetricsServer(lambda: b"", "127.0.0.1", 0) as server,
        pytest.raises(OSError, match="in use"),
    ):
        MetricsServer(lambda: b"", "127.0.0.1", int(server.address.rpartition(":")[2]))
