"""`credit-platform console`: the web page of loan officers, on this machine only."""

from __future__ import annotations

import os

from rich.console import Console

from credit_platform.local import programs
from credit_platform.local.guard.component import guard_component
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.programs import CONSOLE_PORT
from credit_platform.local.sockets import sockets_folder
from credit_platform.local.supervisor import RunningComponent, supervise
from credit_platform.serving.local.ports import free_port
from credit_platform.serving.running_services import running_services
from credit_platform.settings import Settings


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
        component = programs.console(settings, free_port(port), sockets / "console")
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
