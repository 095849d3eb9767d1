"""How the service ends: first nobody is sent here any more, then what was asked is answered, then it closes.

What is here: `DrainingServer`, uvicorn's server with a while between SIGTERM and the closed port.
What to add here: another step of leaving.
What must not be here: what an ending of ours does to log and metrics (`bento/service.py`).

Kubernetes sends SIGTERM while it tells its proxies that a pod has gone, not after; until the last of them knows, they
send requests, and uvicorn has closed the port at once. So for `drain_seconds` the service says that it is not ready,
takes connections and answers as before, and asks each client to come back by another connection. Then uvicorn ends as
it does: no new connection, `finish_seconds` for open requests. A second SIGTERM, or Ctrl-C, leaves the first step out.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

LOGGER = logging.getLogger("credit_platform.service")
_CLOSE = (b"connection", b"close")


class DrainingServer(uvicorn.Server):
    """Serves, and leaves in order."""

    def __init__(self, config: uvicorn.Config, leave: Callable[[], None], seconds: float) -> None:
        """Nothing is opened before `run`.

        Args:
            config: uvicorn's.
            leave: called once, when nobody should be sent here any more.
            seconds: between that and the closed port.
        """
        super().__init__(config)
        self._leave = leave
        self._seconds = seconds
        self._until: float | None = None
        """When the port is closed, in seconds of the monotonic clock; None before SIGTERM."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave at SIGTERM; a second signal, or another one, ends at once, as does one before the start."""
        first = self._until is None
        if first:
            self._leave()
        if not (first and sig == signal.SIGTERM and self._seconds and self.started):
            super().handle_exit(sig, frame)
            return
        self._captured_signals.append(sig)  # uvicorn raises them again when it has ended
        self._until = time.monotonic() + self._seconds
        # Of every answer that begins from now on; uvicorn then closes the connection behind it.
        self.config.encoded_headers.append(_CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]

    async def on_tick(self, counter: int) -> bool:
        """Whether it is over; uvicorn asks ten times a second."""
        if self._until is not None and time.monotonic() >= self._until:
            self.should_exit = True
        return await super().on_tick(counter)
