"""The programs of `make up`: where each listens, and with which options."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from credit_platform.errors import EnvironmentSetupError
from credit_platform.local import programs as module
from credit_platform.local.guard.component import guard_component
from credit_platform.local.programs import console, dagster, environment_of, mlflow, notices, pages
from credit_platform.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_behind_the_guard_it_listens_at_a_socket_with_the_same_options(tmp_path: Path) -> None:
    component = console(Settings(home=tmp_path), 8599, tmp_path / "socket")
    assert component.command[:3] == [sys.executable, "-m", "uvicorn"]
    assert "--port" not in component.command
    assert component.url == "http://127.0.0.1:8599"
    assert component.command[component.command.index("--uds") + 1] == str(tmp_path / "socket")
    options = json.loads(component.variables[module.OPTIONS_VARIABLE])
    assert options["client.showErrorDetails"] == "none"
    assert options["browser.gatherUsageStats"] == "false"


def test_without_streamlit_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentSetupError, match="make install"):
        console(Settings(home=tmp_path), 8599, tmp_path / "socket")


def test_dagster_uses_the_workspace_of_the_folder_or_else_that_of_the_home(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    socket = tmp_path / "socket"
    assert list(dagster(settings, 3000, socket).command)[2:] == [
        *[
            "credit_platform.orchestration.webserver_on_socket",
            "dev",
            "-w",
            str(settings.home.resolve() / "workspace.yaml"),
        ],
        *["-h", "socket.invalid", "-p", "1"],
    ]
    assert dagster(settings, 3000, socket).socket == socket
    (tmp_path / "workspace.yaml").write_text("load_from: []")
    assert list(dagster(settings, 3000, socket).command)[4:6] == ["-w", "workspace.yaml"]


def test_mlflow_listens_at_a_socket_only_and_writes_into_the_home(settings: Settings, tmp_path: Path) -> None:
    command = list(mlflow(settings, 5000, tmp_path / "a socket").command)
    assert command[command.index("--uvicorn-opts") + 1] == f"--uds '{tmp_path / 'a socket'}'"
    assert command[command.index("--backend-store-uri") + 1] == settings.mlflow_uri
    assert command[command.index("--default-artifact-root") + 1] == str(
        settings.home.resolve() / "mlflow" / "artifacts"
    )


def test_mlflow_is_started_on_the_database_and_artifact_store_of_the_settings(
    settings: Settings, tmp_path: Path
) -> None:
    shared = {"mlflow_tracking_uri": "postgresql+psycopg://m@db/m", "mlflow_artifact_root": "s3://models/mlflow"}
    command = mlflow(settings.model_copy(update=shared), 5000, tmp_path / "socket").command
    assert command[command.index("--backend-store-uri") + 1] == "postgresql+psycopg://m@db/m"
    assert command[command.index("--default-artifact-root") + 1] == "s3://models/mlflow"


def test_a_tracking_server_that_runs_elsewhere_has_no_program_here(settings: Settings, tmp_path: Path) -> None:
    assert [one.name for one in pages(settings, (1, 2, 3), tmp_path)] == ["Dagster", "MLflow", "Console"]
    elsewhere = settings.model_copy(update={"mlflow_tracking_uri": "https://mlflow.example.org"})
    assert [one.name for one in pages(elsewhere, (1, 2, 3), tmp_path)] == ["Dagster", "Console"]


def test_the_guard_stands_at_the_ports_of_all_pages(settings: Settings, tmp_path: Path) -> None:
    shown = pages(settings, (3100, 5100, 8600), tmp_path)
    variables = guard_component(settings, shown).variables
    told = " ".join(variables.values())
    for page in shown:
        assert str(page.socket) in told
        assert page.url.rpartition(":")[2] in told


def test_programs_know_the_home_wherever_they_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, "")
    variables = environment_of(settings)
    assert variables["CREDIT_PLATFORM_HOME"] == str(settings.home.resolve())
    assert variables["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_who_watches_asks_dagster_at_its_socket_and_listens_on_loopback(settings: Settings, tmp_path: Path) -> None:
    one = notices(settings, 9095, tmp_path / "dagster")
    assert one.socket is None
    assert one.health_url == "http://127.0.0.1:9095/health"
    assert [*one.command[-8:]] == [
        *("notices", "watch", "--port", "9095", "--dagster", "http://127.0.0.1", "--socket", str(tmp_path / "dagster"))
    ]


def test_programs_know_where_pages_are_for_links(settings: Settings) -> None:
    assert "CREDIT_PLATFORM_PAGES_URL" not in environment_of(settings)
    shown = settings.model_copy(update={"pages_url": "http://127.0.0.1:3000"})
    assert environment_of(shown)["CREDIT_PLATFORM_PAGES_URL"] == "http://127.0.0.1:3000"
