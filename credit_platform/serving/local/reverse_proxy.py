"""The public port of a scoring service whose process may change: no client notices when it does.

What is here: `ReverseProxy`, which forwards connections to a backend and changes it between two requests.
What to add here: nothing that knows about models: what is started, checked and stopped is in `blue_green.py`.
What must not be here: a change of what passes through. Bytes are forwarded as they came; keys, limits of bodies, errors
and streaming are those of the service.

Each client's connection has a connection of its own to a backend (`proxy_connections.py`). A request goes to the
backend that is current when its first byte arrives; between two requests of a kept-alive connection the backend may
change, and the client's connection stays. The old backend has drained when none of its requests is unanswered.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from credit_platform.errors import ServiceError
from credit_platform.http_limits import Crowd
from credit_platform.serving.local.proxy_connections import HOST, Client

_DRAIN_POLL_SECONDS = 0.02
_BACKLOG = 1024
_Answer = TypeVar("_Answer")


class ReverseProxy:
    """Listens on a port of this machine and forwards what comes to the current backend, in a thread of its own."""

    def __init__(self, port: int = 0) -> None:
        """Listen on `port` (0: any free one) from now on; until `switch` is called, requests are answered with 503.

        Raises:
            ServiceError: the port is taken.
        """
        self.backend: int | None = None
        """Port of the process that answers requests that begin now; None when there is none."""
        self.clients: set[Client] = set()
        """Connections that are open."""
        self.crowd = Crowd()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="reverse-proxy", daemon=True)
        self._thread.start()
        try:
            self._server = self._call(self._listen(port))
        except OSError as error:
            self._end_loop()
            raise ServiceError(f"Port {port} is taken.", "Stop what listens there, or name another port.") from error
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """Where clients reach the service."""
        return f"http://{HOST}:{self.port}"

    def switch(self, backend: int | None) -> None:
        """Send every request that begins from now on to the process that listens on port `backend`."""
        self._call(self._use(backend))

    def drain(self, backend: int, seconds: float) -> bool:
        """Wait until `backend` has answered everything, at most `seconds`; whether it has."""
        deadline = time.monotonic() + seconds
        while self._call(self._unanswered(backend)):
            if time.monotonic() >= deadline:
                return False
            time.sleep(_DRAIN_POLL_SECONDS)
        return True

    def stop(self) -> None:
        """Close the port and every connection. Safe to call twice."""
        if self._thread.is_alive():
            self._call(self._close())
            self._end_loop()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self, port: int) -> asyncio.Server:
        return await self._loop.create_server(lambda: Client(self, self._loop), HOST, port, backlog=_BACKLOG)

    async def _use(self, backend: int | None) -> None:
        self.backend = backend

    async def _unanswered(self, backend: int) -> int:
        return sum(client.busy_with == backend for client in self.clients)

    async def _close(self) -> None:
        self._server.close()
        for client in list(self.clients):
            client.abort()
        while self.clients:  # their transports tell them in the next turn
            await asyncio.sleep(0)
