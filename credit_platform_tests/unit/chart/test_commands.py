"""What the chart starts can be started: commands, options, settings and files are those that the programs have."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from typer.main import get_command

from bento.runtime.settings import PlatformSettings, ServiceSettings
from credit_platform.cli import app
from credit_platform.console.settings import ConsoleSettings
from credit_platform.dagster_yaml import DAGSTER_URL_VARIABLE
from credit_platform.environment import CODE_LOCATION, DEFINITIONS, prepare_environment
from credit_platform.errors import EnvironmentSetupError
from credit_platform.local.programs import OPTIONS_VARIABLE
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.unit.chart.rendered import Manifest, committed, containers, named, pods

ROOT = Path(__file__).parents[3]
OTHERS = {OPTIONS_VARIABLE, DAGSTER_URL_VARIABLE, "CREDIT_PLATFORM_BENTO_DIGEST"}
"""Variables that are no settings: of Streamlit, of Dagster's instance, of a command."""
COMMANDS: dict[str, Any] = {
    "credit-platform": lambda: get_command(app),
    "dagster": lambda: importlib.import_module("dagster._cli").create_dagster_cli(),
    "dagster-webserver": lambda: importlib.import_module("dagster_webserver.cli").dagster_webserver,
    "dagster-daemon": lambda: importlib.import_module("dagster._daemon.cli").create_dagster_daemon_cli(),
    "mlflow": lambda: importlib.import_module("mlflow.cli").cli,
    "uvicorn": lambda: importlib.import_module("uvicorn.main").main,
}


def started() -> list[list[str]]:
    """Command lines of containers and probes."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for source in ("dev", "prod"):
        for one in (each for _, pod in pods(committed(source)) for each in containers(pod)):
            execs = [one[kind]["exec"]["command"] for kind in one if kind.endswith("Probe") and "exec" in one[kind]]
            lines |= {tuple(line): list(line) for line in [one.get("command"), *execs] if line}
    return list(lines.values())


LINES = [line[2:] if line[:2] == ["python", "-m"] else line for line in started()]


@pytest.mark.filterwarnings("ignore:.*inferred as AnyType:UserWarning")  # MLflow's, of its own types, when imported
@pytest.mark.parametrize("line", [line for line in LINES if line[0] in COMMANDS], ids=" ".join)
def test_a_command_and_its_options_exist(line: list[str]) -> None:
    # A file that is there for the pod alone is asked for when the line is read.
    command, words = COMMANDS[line[0]](), [word.replace("/var/lib/dagster/", f"{ROOT}/") for word in line[1:]]
    context = click.Context(command)
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None, name
        command, context = found, click.Context(found, parent=context)
    command.make_context(line[0], list(words), parent=context.parent)


def test_every_command_is_one_that_was_looked_at() -> None:
    first = {line[0] for line in LINES}
    assert first - set(COMMANDS) == {"bento", "install", "sh", "python"} & first
    assert set(COMMANDS) <= first


def test_settings_are_those_of_the_programs() -> None:
    known = {
        f"{model.model_config['env_prefix']}{field.upper()}"
        for model in (Settings, PlatformSettings, ServiceSettings, ConsoleSettings)
        for field in model.model_fields
    }
    given: set[str] = set()
    for source in ("dev", "prod"):
        given |= {
            each for each in named(committed(source), "ConfigMap", "settings")["data"] if "CREDIT_PLATFORM" in each
        }
        for _, pod in pods(committed(source)):
            given |= {
                v["name"] for one in containers(pod) for v in one.get("env", []) if "CREDIT_PLATFORM" in v["name"]
            }
    assert given - OTHERS <= known
    assert given >= OTHERS


def instance(source: str) -> Manifest:
    made: Manifest = yaml.safe_load(named(committed(source), "ConfigMap", "dagster")["data"]["dagster.yaml"])
    return made


@pytest.mark.parametrize("source", ["dev", "prod"])
def test_dagster_takes_its_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Its launcher of runs is tried in unit/orchestration/test_job_launcher.py."""
    monkeypatch.setenv(DAGSTER_URL_VARIABLE, "postgresql://platform@127.0.0.1:1/none")
    given = instance(source)
    launcher = given["run_launcher"]
    (tmp_path / "dagster.yaml").write_text(yaml.dump(given))
    taken, _ = dagster_instance_config(str(tmp_path))
    assert set(taken) == set(given)
    assert (launcher["module"], launcher["class"]) == ("credit_platform.orchestration.job_launcher", "JobRunLauncher")
    # Dagster's spelling outside, that of Kubernetes inside (tried with dagster-k8s 0.29.27).
    assert set(launcher["config"]["run_k8s_config"]) == {
        *("container_config", "pod_spec_config", "pod_template_spec_metadata", "job_metadata", "job_spec_config")
    }


def test_a_run_finds_the_instance_where_it_looks(tmp_path: Path) -> None:
    """The platform refuses a `DAGSTER_HOME` whose file names no storage: the Job mounts one that does."""
    config = instance("prod")["run_launcher"]["config"]
    mounts = {each["mountPath"]: each for each in config["run_k8s_config"]["container_config"]["volumeMounts"]}
    assert mounts[f"{config['dagster_home']}/dagster.yaml"]["name"] == "dagster"
    assert "readOnly" not in mounts[config["dagster_home"]], "Dagster writes there"
    settings = Settings(home=tmp_path / "home", dagster_url="postgresql+psycopg://platform@127.0.0.1:1/none")
    folder = tmp_path / "instance"
    folder.mkdir()
    with tool_environment(settings):
        os.environ["DAGSTER_HOME"] = str(folder)
        with pytest.raises(EnvironmentSetupError, match="names no storage"):
            prepare_environment(settings)
        (folder / "dagster.yaml").write_text(yaml.dump(instance("prod")))
        assert prepare_environment(settings)["DAGSTER_HOME"] == str(folder)


def test_the_workspace_is_the_code_location() -> None:
    found = committed("dev")
    (server,) = yaml.safe_load(named(found, "ConfigMap", "dagster")["data"]["workspace.yaml"])["load_from"]
    (code,) = named(found, "Deployment", "dagster-code")["spec"]["template"]["spec"]["containers"]
    assert server["grpc_server"]["host"] == "credit-dagster-code"
    assert server["grpc_server"]["port"] == code["ports"][0]["containerPort"]
    assert server["grpc_server"]["location_name"] == CODE_LOCATION
    assert code["command"][-4:] == ["--module-name", DEFINITIONS, "--location-name", CODE_LOCATION]


def test_a_database_address_is_one() -> None:
    """As Kubernetes puts it together, with a name and a password of the letters that the docs allow."""
    for source in ("dev", "prod"):
        (code,) = named(committed(source), "Deployment", "dagster-code")["spec"]["template"]["spec"]["containers"]
        (url,) = (each["value"] for each in code["env"] if each["name"] == "CREDIT_PLATFORM_DATABASE_URL")
        whole = filled(url)
        assert "$" not in whole
        settings = Settings(database_url=whole)
        assert settings.dagster_database is not None
        (given,) = (each["value"] for each in code["env"] if each["name"] == DAGSTER_URL_VARIABLE)
        assert (
            given.replace("$(DATABASE_USER)", "platform").replace("$(DATABASE_PASSWORD)", "aZ0-._~")
            == settings.dagster_database
        )
        (mlflow,) = named(committed(source), "Deployment", "mlflow")["spec"]["template"]["spec"]["containers"]
        (tracking,) = (each["value"] for each in mlflow["env"] if each["name"] == "MLFLOW_BACKEND_STORE_URI")
        assert filled(tracking) == settings.mlflow_uri


def test_mlflow_looks_for_artefacts_where_runs_put_them() -> None:
    for source in ("dev", "prod"):
        found = committed(source)
        (mlflow,) = named(found, "Deployment", "mlflow")["spec"]["template"]["spec"]["containers"]
        (root,) = (each["value"] for each in mlflow["env"] if each["name"] == "MLFLOW_DEFAULT_ARTIFACT_ROOT")
        tables = named(found, "ConfigMap", "settings")["data"]["CREDIT_PLATFORM_LAKEHOUSE_URL"]
        assert root == Settings(lakehouse_url=tables).mlflow_artifacts


def filled(address: str) -> str:
    return address.replace("$(DATABASE_USER)", "platform").replace("$(DATABASE_PASSWORD)", "aZ0-._~")
