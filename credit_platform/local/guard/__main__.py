"""The guard as a program: `python -m credit_platform.local.guard`, told what to guard by its environment.

What is here: one server for all ports. What must not be here: rules, pages.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from credit_platform.local.guard.access import Tries
from credit_platform.local.guard.application import GuardApplication
from credit_platform.local.guard.forwarding import Backend
from credit_platform.local.guard.guarded import HOST, VARIABLE, Guarded
from credit_platform.local.guard.token import TokenFile


class ByPort:
    """One application for each port of the server."""

    def __init__(self, applications: Mapping[int, ASGIApp]) -> None:
        """Hold them by port."""
        self._applications = dict(applications)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on to the application of the port it came in at, which no client can choose otherwise."""
        await self._applications[scope["server"][1]](scope, receive, send)


def serve(token: TokenFile, guarded: Sequence[Guarded]) -> None:
    """Guard all of them until a signal."""
    tries = Tries()
    applications = {
        one.port: GuardApplication(Backend(one.socket, token.cookie_name), token, tries, forms=one.forms)
        for one in guarded
    }
    config = uvicorn.Config(
        ByPort(applications),
        lifespan="off",
        log_level="warning",
        access_log=False,  # addresses may hold the token
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        # uvloop sets the result of a connection whose client has gone meanwhile, and says so in the log.
        loop="asyncio",
    )
    uvicorn.Server(config).run(sockets=[_listen(one.port) for one in guarded])


def main() -> None:
    """Read what to guard, and do it."""
    document = json.loads(os.environ[VARIABLE])
    guarded = [Guarded(Path(one["socket"]), one["port"], forms=one["forms"]) for one in document["guarded"]]
    with suppress(KeyboardInterrupt):  # uvicorn has stopped in order, and hands the signal on
        serve(TokenFile(Path(document["token_file"])), guarded)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


if __name__ == "__main__":
    main()
