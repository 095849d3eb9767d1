"""`credit-platform up`: Dagster, MLflow, the scoring services and the console side by side until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from credit_platform.cli.console import CONSOLE_PORT, console_component
from credit_platform.cli.supervisor import Component, RunningComponent, free_port, supervise
from credit_platform.environment import prepare_environment
from credit_platform.errors import ComponentError
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.running_services import ServiceAccess, announced
from credit_platform.orchestration.service_process import start_service
from credit_platform.portfolios import portfolio_names
from credit_platform.settings import Settings

HOST = "127.0.0.1"
DAGSTER_PORT, SERVICE_PORT, MLFLOW_PORT = 3000, 3001, 5000
"""Ports that are taken if they are free; the next free one in steps of ten otherwise."""


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

    Returns:
        Exit status of the command: 0 after Ctrl-C.

    Raises:
        ComponentError: A program did not start or died; the tail of its log has been printed.
        ServiceError: The scoring service of a promoted Bento did not start.
    """
    screen = console or Console()
    environment = {
        **os.environ,
        **prepare_environment(settings),
        "CREDIT_PLATFORM_HOME": str(settings.home.resolve()),
        # Otherwise MLflow starts job workers that this platform has no work for.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    components = [dagster(settings, free_port(dagster_port))]
    if not settings.mlflow_uri.startswith("http"):  # else there is a server already, which somebody else runs
        components.append(mlflow(settings, free_port(mlflow_port)))
    screen.print("Starting; the first time this takes up to a minute …")
    components.append(console_component(settings, free_port(console_port)))
    with services(settings, service_port) as (adopted, keys):
        running = [*components, *(one.component for one in adopted)]
        supervise(
            components,
            environment,
            adopted=adopted,
            on_answer=lambda component: screen.print(f"  {component.name} answers."),
            on_ready=lambda: _show(screen, settings, running, keys),
            on_failure=lambda one: _show_failure(screen, one),
        )
    screen.print("Everything is stopped.")
    return 0


def dagster(settings: Settings, port: int) -> Component:
    """Dagster's UI, its daemon and one code server for both; uses the folder's workspace.yaml where there is one."""
    workspace = Path("workspace.yaml")
    what = ["-w", str(workspace)] if workspace.is_file() else ["-m", "credit_platform.definitions"]
    url = f"http://{HOST}:{port}"
    return Component(
        name="Dagster",
        url=url,
        health_url=f"{url}/server_info",
        log=_log(settings, "dagster"),
        command=[sys.executable, "-m", "dagster", "dev", *what, "-h", HOST, "-p", str(port)],
    )


def mlflow(settings: Settings, port: int) -> Component:
    """MLflow's UI over the tracking store of the settings."""
    url = f"http://{HOST}:{port}"
    store = ["--backend-store-uri", settings.mlflow_uri]
    artifacts = ["--default-artifact-root", settings.mlflow_artifacts]
    address = ["--host", HOST, "--port", str(port), "--workers", "1"]
    return Component(
        name="MLflow",
        url=url,
        health_url=f"{url}/health",
        log=_log(settings, "mlflow"),
        command=[sys.executable, "-m", "mlflow", "server", *store, *artifacts, "--no-serve-artifacts", *address],
    )


@contextmanager
def services(settings: Settings, port: int) -> Iterator[tuple[list[RunningComponent], dict[str, str]]]:
    """Run the scoring service of every portfolio that has a promoted Bento; yields them and their keys by name."""
    with ExitStack() as stack:
        started: list[RunningComponent] = []
        taken: list[int] = []
        keys: dict[str, str] = {}
        access: list[ServiceAccess] = []
        for portfolio, bento in promoted_bentos(settings):
            taken.append(free_port(port, taken))
            service = stack.enter_context(start_service(bento, port=taken[-1], settings=settings))
            component = Component(
                name=f"Service {portfolio}",
                url=f"{service.url}/docs",
                health_url=f"{service.url}/health",
                log=service.log,
            )
            started.append(RunningComponent(component, service.process))
            access.append(ServiceAccess(portfolio, service.url, service.key))
            if service.key is not None:
                keys[component.name] = service.key
        # The console and the simulator of the same person find the services, and their keys, in the home.
        with announced(settings, access):
            yield started, keys


def promoted_bentos(settings: Settings) -> list[tuple[str, Path]]:
    """Portfolio and folder of every Bento that the gate let through.

    Raises:
        ComponentError: A Bento is recorded, but its folder is gone.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    found = []
    for portfolio in portfolio_names():
        key = f"{portfolio}/serving/bento"
        if not lakehouse.exists(key):
            continue
        folder = Path(lakehouse.read(key).summary["path"])
        if not folder.is_dir():
            raise ComponentError(
                f"The Bento of {portfolio} is recorded in {key}, but its folder {folder} is gone.",
                f"Build it again: credit-platform run {portfolio}",
            )
        found.append((portfolio, folder))
    return found


def _log(settings: Settings, name: str) -> Path:
    return settings.home.resolve() / "logs" / f"{name}.log"


def _show(screen: Console, settings: Settings, components: Sequence[Component], keys: Mapping[str, str]) -> None:
    table = Table("what", "open", "log", title="Running")
    for component in components:
        table.add_row(component.name, Text(component.url, style="link " + component.url), component.log.name)
    screen.print(table)
    screen.print(f"Logs are in {settings.home / 'logs'}.")
    for name, key in keys.items():
        screen.print(f"API key of {name} until it stops:\n  {key}", soft_wrap=True, highlight=False)
    if keys:
        screen.print("A key that lasts: credit-platform keys create NAME --scope score --scope explain")
    if not any(component.name.startswith("Service ") for component in components):
        screen.print("No scoring service: there is no promoted model yet. Run `make demo` first.")
    screen.print("Ctrl-C stops all of them.")


def _show_failure(screen: Console, one: RunningComponent) -> None:
    screen.print(
        Panel(Text(one.tail() or "(empty)"), title=f"{one.component.name}: end of its log", title_align="left")
    )
