"""Ports of this machine: the preferred one, or the next that nobody uses."""

from __future__ import annotations

import socket

import pytest

from credit_platform.errors import EnvironmentSetupError
from credit_platform.serving.local import ports
from credit_platform.serving.local.ports import free_port


def test_a_free_port_is_the_preferred_one_or_the_next_that_is_neither_taken_nor_busy() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        busy = server.getsockname()[1] if server.getsockname()[1] < 65000 else pytest.skip("a port at the very end")
        assert free_port(busy) == free_port(busy + 10)
        first = free_port(busy + 10)
        assert free_port(first) == first
        assert free_port(first, taken=[first]) > first


def test_no_free_port_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_is_busy", lambda port: True)
    with pytest.raises(EnvironmentSetupError, match=r"3000, 3010 … 3190 of this machine are all in use"):
        free_port(3000)
