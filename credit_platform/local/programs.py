"""The programs of `make up` as components for the supervisor: Dagster, MLflow, console, exporter, who watches Dagster.

What is here: the command line, address, socket and environment of each.
What to add here: another program with pages.
What must not be here: starting and watching (`supervisor.py`), words of commands (`cli`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from shlex import quote

from credit_platform.environment import WORKSPACE, prepare_environment
from credit_platform.errors import EnvironmentSetupError
from credit_platform.local.guard.component import CONSOLE
from credit_platform.local.supervisor import Component
from credit_platform.settings import Settings

HOST = "127.0.0.1"
DAGSTER_PORT, MLFLOW_PORT, CONSOLE_PORT, EXPORTER_PORT, ALERTS_PORT = 3000, 5000, 8501, 9108, 9095
"""Ports that are taken if they are free; the next free one in steps of ten otherwise."""
EXPORTER = "Exporter"
"""How the program with the metrics is called."""
LANDING = {"Dagster": "/asset-groups", "MLflow": "/#/experiments"}
"""The page where whoever opens a program wants to be: the asset graph, the runs. Of others it is the first one."""
_NOWHERE = ["-h", "socket.invalid", "-p", "1"]
"""No name that a port could be opened at (RFC 2606): should Dagster not take the socket, it must not open a port."""
_COMMAND_LINE = "from credit_platform.cli import main; main()"
OPTIONS_VARIABLE = "CREDIT_PLATFORM_CONSOLE_OPTIONS"
"""Read by `console/asgi.py`, which nobody but a server imports: it takes Streamlit."""
_OPTIONS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    # What went wrong is for the log; a loan officer gets a sentence.
    "client.showErrorDetails": "none",
    # A trace in a frame, with colours: its text could not be told from other lines and left out.
    "logger.enableRich": "false",
    "theme.base": "light",
    "theme.primaryColor": "#2b6ca3",
    "theme.textColor": "#20262e",
    "theme.secondaryBackgroundColor": "#f3f5f8",
}


def pages(settings: Settings, ports: Sequence[int], sockets: Path) -> list[Component]:
    """The programs with pages, each at a socket in the folder `sockets`, behind the ports of Dagster, MLflow, console.

    Raises:
        EnvironmentSetupError: Streamlit is not installed.
    """
    dagster_port, mlflow_port, console_port = ports
    components = [dagster(settings, dagster_port, sockets / "dagster")]
    if not settings.mlflow_uri.startswith("http"):  # else there is a server already, which somebody else runs
        components.append(mlflow(settings, mlflow_port, sockets / "mlflow"))
    return [*components, console(settings, console_port, sockets / "console")]


def address_with_token(component: Component, token: str) -> str:
    """What a browser opens to be logged in, at the page where its user wants to be."""
    page, _, fragment = LANDING.get(component.name, "/").partition("#")
    return f"{component.url}{page}?token={token}" + (f"#{fragment}" if fragment else "")


def environment_of(settings: Settings) -> dict[str, str]:
    """Variables of all of them: those of this process, and the home's folders of their libraries."""
    return {
        **os.environ,
        **prepare_environment(settings),
        "CREDIT_PLATFORM_HOME": str(settings.home.resolve()),
        # Otherwise MLflow starts job workers that this platform has no work for.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        **({} if settings.pages_url is None else {"CREDIT_PLATFORM_PAGES_URL": settings.pages_url}),
    }


def dagster(settings: Settings, port: int, socket: Path) -> Component:
    """Dagster's UI, its daemon and one code server for both; uses the folder's workspace.yaml where there is one."""
    workspace = Path(WORKSPACE)
    what = ["-w", str(workspace if workspace.is_file() else settings.home.resolve() / WORKSPACE)]
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


def notices(settings: Settings, port: int, dagster_socket: Path) -> Component:
    """Who watches Dagster from outside, and takes alerts.

    Args:
        settings: name the home.
        port: where Alertmanager's webhook is taken.
        dagster_socket: where Dagster's web server listens.
    """
    address = f"http://{HOST}:{port}"
    asked = ["--port", str(port), "--dagster", f"http://{HOST}", "--socket", str(dagster_socket)]
    return Component(
        name="Notices",
        url=address,
        health_url=f"{address}/health",
        log=_log(settings, "notices"),
        command=[sys.executable, "-c", "from credit_platform.cli import main; main()", "notices", "watch", *asked],
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
        command=[
            sys.executable,
            "-m",
            "credit_platform.modelling.tracking_server",
            *store,
            *artifacts,
            "--no-serve-artifacts",
            *address,
        ],
        socket=socket,
    )


def console(settings: Settings, port: int, socket: Path) -> Component:
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
        log=_log(settings, "console"),
        command=[*program, "--log-level", "warning", "--no-access-log", "--no-proxy-headers"],
        socket=socket,
        variables={OPTIONS_VARIABLE: json.dumps(console_options(HOST))},
    )


def console_options(address: str) -> dict[str, str]:
    """Streamlit's options for a console that is opened at `address`."""
    return {**_OPTIONS, "browser.serverAddress": address}


def exporter(settings: Settings, port: int, dagster_socket: Path) -> Component:
    """Metrics for Prometheus on a port of loopback, without a key; asks Dagster's web server at its socket."""
    url = f"http://{HOST}:{port}"
    return Component(
        name=EXPORTER,
        url=f"{url}/metrics",
        health_url=f"{url}/health",
        log=_log(settings, "exporter"),
        command=[sys.executable, "-c", _COMMAND_LINE, "exporter", "--host", HOST, "--port", str(port)],
        variables={"CREDIT_PLATFORM_DAGSTER_WEBSERVER": f"unix:{dagster_socket}"},
    )


def _log(settings: Settings, name: str) -> Path:
    return settings.home.resolve() / "logs" / f"{name}.log"
