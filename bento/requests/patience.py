"""Working in a thread as long as somebody waits for the result.

What is here: `Patience`: its time, and whether its client is still there.
What to add here: another reason to stop.
What must not be here: what is worked on.
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self

from starlette.requests import Request

from bento.errors import ApiError, ErrorCode


class Patience:
    """While this context is entered a client is watched whose body has been read."""

    def __init__(self, request: Request, seconds: float) -> None:
        """Wait `seconds` at most, from now."""
        self._request = request
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._gone = False
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Watch."""
        self._watcher = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Watch no more."""
        if self._watcher is not None:
            self._watcher.cancel()

    async def _watch(self) -> None:
        # After the body the next message says that the client went away.
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self._gone = True

    def check(self) -> None:
        """Stop where nobody waits any more; called by the thread that works.

        Raises:
            ApiError: 408, the client went away; 413, it takes too long.
        """
        if self._gone:
            raise ApiError(ErrorCode.REQUEST_TIMEOUT, "The client went away.")
        if time.monotonic() > self._until:
            message = f"The batch could not be worked through within {self._seconds:g} s; send fewer rows at once."
            raise ApiError(ErrorCode.BODY_TOO_LARGE, message)
