"""Ports of this machine.

What is here: `free_port`.
What must not be here: anything that listens for long.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable

from credit_platform.errors import EnvironmentSetupError


def free_port(preferred: int, taken: Iterable[int] = ()) -> int:
    """A port of 127.0.0.1 that nothing listens on: `preferred`, else ten, twenty … above it.

    Raises:
        EnvironmentSetupError: Twenty candidates in a row are busy.
    """
    candidates = range(preferred, preferred + 200, 10)
    for port in candidates:
        if port not in set(taken) and not _is_busy(port):
            return port
    raise EnvironmentSetupError(
        f"The ports {candidates[0]}, {candidates[1]} … {candidates[-1]} of this machine are all in use.",
        "Stop one of the programs that use them.",
    )


def _is_busy(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        if client.connect_ex(("127.0.0.1", port)) == 0:
            return True
    with socket.socket() as server:
        # Without this a port that was used a moment ago would count as busy.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
