"""The guard as a program: `python -m credit_platform.local.guard`, told what to guard by its environment.

What is here: the servers, one for each port. What must not be here: rules, pages.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from credit_platform.local.guard.access import Tries
from credit_platform.local.guard.application import GuardApplication
from credit_platform.local.guard.forwarding import Backend
from credit_platform.local.guard.guarded import HOST, VARIABLE, Guarded
from credit_platform.local.guard.token import TokenFile


async def serve(token: TokenFile, guarded: Sequence[Guarded]) -> None:
    """Guard all of them until a signal; none goes on without the others."""
    tries = Tries()
    servers = []
    for one in guarded:
        backend = Backend(one.socket, token.cookie_name)
        application = GuardApplication(backend, token, tries, forms=one.forms)
        config = uvicorn.Config(
            application,
            host=HOST,
            port=one.port,
            lifespan="off",
            log_level="warning",
            access_log=False,  # addresses may hold the token
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        servers.append(uvicorn.Server(config))
    done, _ = await asyncio.wait(
        [asyncio.create_task(server.serve()) for server in servers], return_when=asyncio.FIRST_COMPLETED
    )
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*done)


def main() -> None:
    """Read what to guard, and do it."""
    document = json.loads(os.environ[VARIABLE])
    guarded = [Guarded(Path(one["socket"]), one["port"], forms=one["forms"]) for one in document["guarded"]]
    asyncio.run(serve(TokenFile(Path(document["token_file"])), guarded))


if __name__ == "__main__":
    main()
