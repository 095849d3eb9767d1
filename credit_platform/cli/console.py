"""`credit-platform console`: the web page of loan officers, on this machine only."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from credit_platform.errors import EnvironmentSetupError
from credit_platform.local.guard.component import CONSOLE, guard_component
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.sockets import sockets_folder
from credit_platform.local.supervisor import Component, RunningComponent, supervise
from credit_platform.serving.local.ports import free_port
from credit_platform.serving.running_services import running_services
from credit_platform.settings import Settings

HOST = "127.0.0.1"
CONSOLE_PORT = 8501
OPTIONS_VARIABLE = "CREDIT_PLATFORM_CONSOLE_OPTIONS"
"""Read by `console/asgi.py`, which nobody but a server imports: it takes Streamlit."""
_OPTIONS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": HOST,
    "client.toolbarMode": "minimal",
    # What went wrong is for the log; a loan officer gets a sentence.
    "client.showErrorDetails": "none",
    "theme.base": "light",
    "theme.primaryColor": "#2b6ca3",
    "theme.textColor": "#20262e",
    "theme.secondaryBackgroundColor": "#f3f5f8",
}


def console_component(settings: Settings, port: int, socket: Path) -> Component:
    """The console as a program to run beside others.

    Args:
        settings: name the home.
        port: where people open it, by way of the guard.
        socket: the Unix socket where it listens.

    Raises:
        EnvironmentSetupError: Streamlit is not installed.
    """
    if find_spec("streamlit") is None:
        raise EnvironmentSetupError("Streamlit is not installed.", "Install the extra `console`: make install")
    url = f"http://{HOST}:{port}"
    program = [sys.executable, "-m", "uvicorn", "credit_platform.console.asgi:app", "--uds", str(socket)]
    return Component(
        name=CONSOLE,
        url=url,
        health_url=f"{url}/_stcore/health",
        log=settings.home.resolve() / "logs" / "console.log",
        command=[*program, "--log-level", "warning", "--no-access-log", "--no-proxy-headers"],
        socket=socket,
        variables={OPTIONS_VARIABLE: json.dumps(_OPTIONS)},
    )


def run_console(settings: Settings, *, port: int = CONSOLE_PORT, screen: Console | None = None) -> None:
    """Run the console behind the guard until Ctrl-C, and say where it is.

    Raises:
        ApiKeyError: the token of the home cannot be read or made.
        ComponentError: it did not start or died; the end of its log has been printed.
        EnvironmentSetupError: Streamlit is not installed, or no port is free.
        ServiceError: the file of running services cannot be read.
    """
    screen = screen or Console()
    if not os.environ.get("CREDIT_PLATFORM_CONSOLE_SERVICE") and not running_services(settings):
        screen.print(
            "No scoring service of this home is running: start one with `credit-platform up`, or name one with "
            "CREDIT_PLATFORM_CONSOLE_SERVICE and CREDIT_PLATFORM_CONSOLE_API_KEY."
        )
    environment = {**os.environ, "CREDIT_PLATFORM_HOME": str(settings.home.resolve())}
    with sockets_folder("credit-platform-console-") as sockets:
        component = console_component(settings, free_port(port), sockets / "console")
        guard = guard_component(settings, [component])
        address = f"{component.url}/?token={TokenFile.of(settings).read()}"
        supervise(
            [component, guard],
            environment,
            on_answer=lambda _: None,
            on_ready=lambda: screen.print(
                f"The console is at {address} (Ctrl-C stops it).", markup=False, highlight=False, soft_wrap=True
            ),
            on_failure=lambda one: _show_end(screen, one),
        )


def _show_end(screen: Console, one: RunningComponent) -> None:
    screen.print(one.tail() or "(empty log)", markup=False)
