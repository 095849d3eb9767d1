"""`dagster.yaml` from settings: what Dagster takes, and what is replaced and what is a person's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from credit_platform.dagster_yaml import (
    DAGSTER_URL_VARIABLE,
    DAGSTER_YAML,
    DAGSTER_YAML_POSTGRES,
    instance_yaml,
    is_ours,
)
from credit_platform.environment import prepare_environment
from credit_platform.settings import Settings
from credit_platform_tests.unit.test_environment import no_variables

__all__ = ["no_variables"]

DATABASE = "postgresql+psycopg://me:never-print-this@127.0.0.1:1/x"
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"dagster_url": DATABASE},
    {"run_limit": 3},
    {"run_launcher": "kubernetes", "run_image": "platform@sha256:" + "0" * 64},
    {"run_launcher": "kubernetes", "dagster_url": DATABASE},
)


@pytest.mark.parametrize("given", KINDS)
def test_dagster_takes_it(given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DAGSTER_URL_VARIABLE, "postgresql://127.0.0.1:1/x")
    text = instance_yaml(Settings(**given))
    (tmp_path / "dagster.yaml").write_text(text)
    taken, _ = dagster_instance_config(str(tmp_path))
    assert set(taken) == set(yaml.safe_load(text))
    assert is_ours(text)
    assert "never-print-this" not in text


def test_a_machine_of_its_own_has_what_it_always_had() -> None:
    assert instance_yaml(Settings()) == DAGSTER_YAML
    assert instance_yaml(Settings(dagster_url=DATABASE)) == DAGSTER_YAML_POSTGRES


def test_limits_hold_for_processes_too() -> None:
    made = yaml.safe_load(instance_yaml(Settings(run_limit=3, run_max_seconds=99)))
    assert made["concurrency"] == {"runs": {"max_concurrent_runs": 3}}
    assert made["run_monitoring"]["max_runtime_seconds"] == 99
    assert not {"run_launcher", "run_retries"} & set(made)


def test_a_changed_setting_changes_the_file_until_a_person_does(tmp_path: Path) -> None:
    home = tmp_path / "mes données é"
    file = home / "dagster" / "dagster.yaml"
    for given in (*KINDS[2:4], *KINDS[2:4], {}):
        settings = Settings(home=home, **given)
        prepare_environment(settings)
        assert file.read_text() == instance_yaml(settings)
    prepare_environment(Settings(home=home, run_limit=3))
    mine = file.read_text().replace("max_concurrent_runs: 3", "max_concurrent_runs: 4")
    file.write_text(mine)
    for _ in range(2):
        prepare_environment(Settings(home=home, run_limit=5))
        assert file.read_text() == mine


def test_the_account_of_a_pod_is_used_in_a_cluster_and_a_kubeconfig_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, run_launcher="kubernetes")
    for address in ("", "10.0.0.1"):
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", address)
        prepare_environment(settings)
        written = yaml.safe_load((tmp_path / "dagster" / "dagster.yaml").read_text())
        assert written["run_launcher"]["config"]["load_incluster_config"] is bool(address)
