"""`dagster dev` whose web server listens at a Unix socket: a program, run with `python -m`.

What is here: two programs. With `dev` as its first argument it is `dagster dev`; the web server that this starts is
this module again. Neither Dagster's commands nor its settings offer a socket, uvicorn under them does; a port would be
open to every user of the machine. `CREDIT_PLATFORM_DAGSTER_SOCKET` says where the socket is. Two names of Dagster's own
modules are replaced, of a version that is pinned: with another one `up` stops with an error, and opens nothing.
What must not be here: the guard that people reach (`local.guard`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import uvicorn
from dagster._cli import dev
from dagster_webserver import cli

from credit_platform.orchestration.instance import ready_storage

SOCKET_VARIABLE: Final = "CREDIT_PLATFORM_DAGSTER_SOCKET"
_WEB_SERVER: Final = ["-m", "dagster_webserver"]


def main(arguments: Sequence[str]) -> None:
    """Run `dagster dev`, or the web server."""
    if arguments[:1] == ["dev"]:
        _dev(arguments[1:])
    else:
        _web_server()


def _dev(arguments: Sequence[str]) -> None:
    names = vars(dev)
    original = names["open_ipc_subprocess"]

    def start(parts: Sequence[str], **options: Any) -> Any:
        ours = list(parts)
        if ours[1:3] == _WEB_SERVER:
            ours[1:3] = ["-m", "credit_platform.orchestration.webserver_on_socket"]
        return original(ours, **options)

    ready_storage()  # the web server and the daemon start at once, and so do the others of `up`
    names["open_ipc_subprocess"] = start
    dev.dev_command(args=list(arguments), prog_name="dagster dev", auto_envvar_prefix="DAGSTER")


def _web_server() -> None:
    run = uvicorn.run

    def run_at_socket(app: Any, *, log_level: str, **_address: Any) -> None:
        run(app, uds=os.environ[SOCKET_VARIABLE], log_level=log_level)

    vars(uvicorn)["run"] = run_at_socket
    cli.main()  # type: ignore[no-untyped-call]  # Dagster's own main


if __name__ == "__main__":
    main(sys.argv[1:])
