"""`credit-platform up`: Dagster, MLflow, the scoring services and the console side by side until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from shlex import quote

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from credit_platform.cli.console import CONSOLE_PORT, console_component
from credit_platform.environment import prepare_environment
from credit_platform.local.guard.component import guard_component
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.home_owner import HomeOwner, owned
from credit_platform.local.supervisor import Component, RunningComponent, supervise
from credit_platform.serving.local.following import BlueGreenServices
from credit_platform.serving.local.ports import free_port
from credit_platform.settings import Settings

HOST = "127.0.0.1"
DAGSTER_PORT, SERVICE_PORT, MLFLOW_PORT = 3000, 3001, 5000
"""Ports that are taken if they are free; the next free one in steps of ten otherwise."""
_NOWHERE = ["-h", "socket.invalid", "-p", "1"]
"""No name that a port could be opened at (RFC 2606): should Dagster not take the socket, it must not open a port."""


def up(
    settings: Settings,
    *,
    dagster_port: int = DAGSTER_PORT,
    mlflow_port: int = MLFLOW_PORT,
    service_port: int = SERVICE_PORT,
    console_port: int = CONSOLE_PORT,
    console: Console | None = None,
) -> int:
    """Start everything, print where it is, and stop everything on Ctrl-C, SIGTERM or when one of them dies.

    Scoring services follow promotions and are started again when they die, so that nothing else has to stop.

    Returns:
        Exit status of the command: 0 after Ctrl-C.

    Raises:
        ApiKeyError: The token of the home cannot be read or made.
        ComponentError: A program did not start or died, and the tail of its log has been printed; or another `up`
            owns the home.
        EnvironmentSetupError: The home cannot be locked, or no port is free.
    """
    screen = console or Console()
    tell = partial(say, screen)
    with owned(settings, tell) as owner:
        ports = [free_port(dagster_port), free_port(mlflow_port), free_port(console_port)]
        owner.announce(f"http://{HOST}:{ports[0]}")
        components = _guarded(settings, ports, owner)
        components.append(guard_component(settings, components))
        screen.print("Starting; the first time this takes up to a minute …")
        with BlueGreenServices(settings, service_port, tell) as services:
            supervise(
                components,
                environment_of_programs(settings),
                on_answer=lambda component: screen.print(f"  {component.name} answers."),
                on_ready=lambda: _show(screen, settings, components, services),
                on_failure=lambda one: show_failure(screen, one),
                held=[owner.lock],
            )
    screen.print("Everything is stopped.")
    return 0


def _guarded(settings: Settings, ports: Sequence[int], owner: HomeOwner) -> list[Component]:
    dagster_port, mlflow_port, console_port = ports
    components = [dagster(settings, dagster_port, owner.sockets / "dagster")]
    if not settings.mlflow_uri.startswith("http"):  # else there is a server already, which somebody else runs
        components.append(mlflow(settings, mlflow_port, owner.sockets / "mlflow"))
    return [*components, console_component(settings, console_port, owner.sockets / "console")]


def environment_of_programs(settings: Settings) -> dict[str, str]:
    """Environment of Dagster, MLflow, the console and what they start.

    Raises:
        EnvironmentSetupError: as `prepare_environment`.
    """
    return {
        **os.environ,
        **prepare_environment(settings),
        "CREDIT_PLATFORM_HOME": str(settings.home.resolve()),
        # Otherwise MLflow starts job workers that this platform has no work for.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }


def dagster(settings: Settings, port: int, socket: Path) -> Component:
    """Dagster's UI, its daemon and one code server for both; uses the folder's workspace.yaml where there is one."""
    workspace = Path("workspace.yaml")
    what = ["-w", str(workspace)] if workspace.is_file() else ["-m", "credit_platform.definitions"]
    url = f"http://{HOST}:{port}"
    return Component(
        name="Dagster",
        url=url,
        health_url=f"{url}/server_info",
        log=_log(settings, "dagster"),
        command=[sys.executable, "-m", "credit_platform.orchestration.webserver_on_socket", "dev", *what, *_NOWHERE],
        socket=socket,
        variables={"CREDIT_PLATFORM_DAGSTER_SOCKET": str(socket)},
    )


def mlflow(settings: Settings, port: int, socket: Path) -> Component:
    """MLflow's UI over the tracking store of the settings."""
    url = f"http://{HOST}:{port}"
    store = ["--backend-store-uri", settings.mlflow_uri]
    root = settings.mlflow_artifacts
    artifacts = [] if root is None else ["--default-artifact-root", root]
    # uvicorn listens at the socket and leaves the port alone.
    address = ["--host", HOST, "--port", str(port), "--workers", "1", "--uvicorn-opts", f"--uds {quote(str(socket))}"]
    return Component(
        name="MLflow",
        url=url,
        health_url=f"{url}/health",
        log=_log(settings, "mlflow"),
        command=[sys.executable, "-m", "mlflow", "server", *store, *artifacts, "--no-serve-artifacts", *address],
        socket=socket,
    )


def _log(settings: Settings, name: str) -> Path:
    return settings.home.resolve() / "logs" / f"{name}.log"


def say(screen: Console, message: str) -> None:
    """Print a sentence as it is, however long its address."""
    screen.print(message, markup=False, highlight=False, soft_wrap=True)


def _show(screen: Console, settings: Settings, components: Sequence[Component], services: BlueGreenServices) -> None:
    table = Table("what", "open", "log", title="Running")
    pages = [component for component in components if component.socket is not None]
    for component in pages:
        table.add_row(component.name, Text(component.url, style="link " + component.url), component.log.name)
    access = services.access
    for one in access:
        log, page = services.log(one.portfolio), f"{one.url}/docs"
        table.add_row(f"Service {one.portfolio}", Text(page, style="link " + page), "" if log is None else log.name)
    screen.print(table)
    say(screen, f"Logs are in {settings.home / 'logs'}.")
    say(screen, "Open them with the token of this home, which logs a browser in for a week:")
    token = TokenFile.of(settings).read()
    for component in pages:
        say(screen, f"  {component.name}: {component.url}/?token={token}")
    for one in access:
        say(screen, f"API key of Service {one.portfolio} until it stops:\n  {one.key}")
    if access:
        screen.print("A key that lasts: credit-platform keys create NAME --scope score --scope explain")
    else:
        screen.print("No scoring service: there is no promoted model yet. Run `make demo` first; it starts by itself.")
    screen.print("Ctrl-C stops all of them.")


def show_failure(screen: Console, one: RunningComponent) -> None:
    """Print the end of the log of a program that died."""
    screen.print(
        Panel(Text(one.tail() or "(empty)"), title=f"{one.component.name}: end of its log", title_align="left")
    )
