"""`credit-platform console`: the web page of loan officers, on this machine only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

import credit_platform
from credit_platform.errors import EnvironmentSetupError
from credit_platform.local.supervisor import Component, RunningComponent, supervise
from credit_platform.serving.local.ports import free_port
from credit_platform.serving.running_services import running_services
from credit_platform.settings import Settings

HOST = "127.0.0.1"
CONSOLE_PORT = 8501
_APP = Path(credit_platform.__file__).parent / "console" / "app.py"
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


def console_component(settings: Settings, port: int, socket: Path | None = None) -> Component:
    """The console as a program to run beside others.

    Args:
        settings: name the home.
        port: where people open it.
        socket: the Unix socket where it listens instead, behind the guard.

    Raises:
        EnvironmentSetupError: Streamlit is not installed.
    """
    if find_spec("streamlit") is None:
        raise EnvironmentSetupError("Streamlit is not installed.", "Install the extra `console`: make install")
    url = f"http://{HOST}:{port}"
    options = {**_OPTIONS, "server.address": HOST, "server.port": str(port)}
    return Component(
        name="Console",
        url=url,
        health_url=f"{url}/_stcore/health",
        log=settings.home.resolve() / "logs" / "console.log",
        command=_streamlit(options) if socket is None else _uvicorn(socket),
        socket=socket,
        variables={} if socket is None else {OPTIONS_VARIABLE: json.dumps(_OPTIONS)},
    )


def _streamlit(options: Mapping[str, str]) -> list[str]:
    return [
        *(sys.executable, "-m", "streamlit", "run", str(_APP)),
        *(f"--{name}={value}" for name, value in options.items()),
    ]


def _uvicorn(socket: Path) -> list[str]:
    program = [sys.executable, "-m", "uvicorn", "credit_platform.console.asgi:app"]
    return [*program, "--uds", str(socket), "--log-level", "warning", "--no-access-log", "--no-proxy-headers"]


def run_console(settings: Settings, *, port: int = CONSOLE_PORT, screen: Console | None = None) -> None:
    """Run the console until Ctrl-C, and say where it is.

    Raises:
        ComponentError: it did not start or died; the end of its log has been printed.
        EnvironmentSetupError: Streamlit is not installed, or no port is free.
        ServiceError: the file of running services cannot be read.
    """
    screen = screen or Console()
    component = console_component(settings, free_port(port))
    if not os.environ.get("CREDIT_PLATFORM_CONSOLE_SERVICE") and not running_services(settings):
        screen.print(
            "No scoring service of this home is running: start one with `credit-platform up`, or name one with "
            "CREDIT_PLATFORM_CONSOLE_SERVICE and CREDIT_PLATFORM_CONSOLE_API_KEY."
        )
    environment = {**os.environ, "CREDIT_PLATFORM_HOME": str(settings.home.resolve())}
    supervise(
        [component],
        environment,
        on_answer=lambda one: screen.print(f"The console is at {one.url} (Ctrl-C stops it)."),
        on_ready=lambda: None,
        on_failure=lambda one: _show_end(screen, one),
    )


def _show_end(screen: Console, one: RunningComponent) -> None:
    screen.print(one.tail() or "(empty log)", markup=False)
