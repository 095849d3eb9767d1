"""`credit-platform up`, with small HTTP servers as stand-ins for Dagster, MLflow and a service."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from credit_platform.cli import up as module
from credit_platform.cli.up import up
from credit_platform.errors import ComponentError
from credit_platform.local import programs, supervisor
from credit_platform.local.supervisor import Component
from credit_platform.portfolios import get_portfolio
from credit_platform.serving.local.ports import free_port
from credit_platform.serving.running_services import ServiceAccess, running_services
from credit_platform.settings import Settings
from credit_platform_tests.unit.serving.local.test_following import World

SERVER = """
import http.server, socketserver, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def address_string(self):
        return "socket"
socketserver.ThreadingUnixStreamServer(sys.argv[1], Handler).serve_forever()
"""
DYING = "import sys; print('a [bracket] and the reason', flush=True); sys.exit(4)"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(supervisor, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(programs, "console", stand_in("Console", SERVER))
    monkeypatch.setattr(module, "notices", watcher)
    return Settings(home=tmp_path / "home")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def screen() -> tuple[Console, Callable[[], str]]:
    text = io.StringIO()
    return Console(file=text, width=200), text.getvalue


def stand_in(name: str, script: str) -> Callable[[Settings, int, Path], Component]:
    def build(settings: Settings, port: int, socket: Path) -> Component:
        url = f"http://127.0.0.1:{port}"
        log = settings.home / "logs" / f"{name}.log"
        return Component(name, url, url, log, [sys.executable, "-c", script, str(socket)], socket=socket)

    return build


def watcher(settings: Settings, port: int, _socket: Path) -> Component:
    """Listens at its port and watches nothing."""
    url, log = f"http://127.0.0.1:{port}", settings.home / "logs" / "notices.log"
    return Component("Notices", url, url, log, [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)])


def interrupt_when_shown(monkeypatch: pytest.MonkeyPatch, look: Callable[[], None] = lambda: None) -> None:
    original = module._show

    def show(*arguments: object, **options: object) -> None:
        original(*arguments, **options)  # type: ignore[arg-type]  # handed on as they came
        look()
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(module, "_show", show)


def test_a_tracking_server_that_runs_elsewhere_is_not_started_here(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "dagster", stand_in("Dagster", SERVER))
    monkeypatch.setattr(programs, "mlflow", stand_in("MLflow", DYING))
    interrupt_when_shown(monkeypatch)
    console, text = screen()
    elsewhere = settings.model_copy(update={"mlflow_tracking_uri": "https://mlflow.example.org"})
    assert up(elsewhere, console=console) == 0
    assert "MLflow" not in text()


def test_everything_is_shown_and_stopped_on_ctrl_c(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "dagster", stand_in("Dagster", SERVER))
    monkeypatch.setattr(programs, "mlflow", stand_in("MLflow", SERVER))
    interrupt_when_shown(monkeypatch)
    console, text = screen()
    ports = (free_port(24000), free_port(24500))
    assert up(settings, dagster_port=ports[0], mlflow_port=ports[1], console=console) == 0
    for port in ports:
        assert f"http://127.0.0.1:{port}" in text()
        assert free_port(port) == port
    token = (settings.home / "page_token").read_text().strip()
    assert f"  Dagster: http://127.0.0.1:{ports[0]}/asset-groups?token={token}\n" in text()
    assert f"  MLflow: http://127.0.0.1:{ports[1]}/?token={token}#/experiments\n" in text()
    assert not (settings.home / "up.json").exists()
    assert f"Who is told when something fails: {settings.home / 'notifications.jsonl'}." in text()
    assert "Known to be wrong: 0." in text()
    assert "Run `make demo` first" in text()
    assert text().rstrip().endswith("Everything is stopped.")


def test_the_services_that_follow_run_beside_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    world.promote("german_credit", "one")
    monkeypatch.setattr(programs, "dagster", stand_in("Dagster", SERVER))
    monkeypatch.setattr(programs, "mlflow", stand_in("MLflow", SERVER))
    announced: list[ServiceAccess] = []
    interrupt_when_shown(monkeypatch, lambda: announced.extend(running_services(settings)))
    console, text = screen()
    opened: list[str] = []

    def no_browser(address: str) -> bool:
        opened.append(address)
        return False

    monkeypatch.setattr(webbrowser, "open", no_browser)
    port = free_port(25000)
    ports = {"dagster_port": 24000, "mlflow_port": 24500, "service_port": port}
    assert up(settings, **ports, console=console, in_browser=True) == 0
    assert [address.partition("?")[0].rpartition("/")[2] for address in opened] == ["asset-groups", "", ""]
    assert "No browser could be started here" in text()
    (request,) = re.findall(r"^  (curl .*)$", text(), re.MULTILINE)
    words = shlex.split(request)
    assert words[2] == f"http://127.0.0.1:{port}/predict"
    assert json.loads(words[-1])["application"] == next(iter(get_portfolio("german_credit").examples.values()))
    assert "Service german_credit" in text()
    assert f"http://127.0.0.1:{port}/docs" in text()
    assert [(one.portfolio, one.url) for one in announced] == [("german_credit", f"http://127.0.0.1:{port}")]
    assert f"  export API_KEY={announced[0].key}\n" in text()
    assert running_services(settings) == []
    assert "keys create" in text()
    assert "make demo" not in text()
    assert [service.code for service in world.services] == [0]


def test_a_death_shows_the_end_of_the_log_and_is_an_error(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "dagster", stand_in("Dagster", SERVER))
    monkeypatch.setattr(programs, "mlflow", stand_in("MLflow", DYING))
    console, text = screen()
    with pytest.raises(ComponentError, match="MLflow stopped by itself with exit code 4"):
        up(settings, dagster_port=24000, mlflow_port=24500, console=console)
    assert "MLflow: end of its log" in text()
    assert "a [bracket] and the reason" in text()
    assert "Told: MLflow of `credit-platform up` is down" in text()
    (line,) = (settings.home / "notifications.jsonl").read_text().splitlines()
    assert "MLflow stopped by itself with exit code 4" in json.loads(line)["message"]
