"""Settings: defaults, variables, and what is derived from them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from credit_platform.settings import Settings


@pytest.fixture(autouse=True)
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDIT_PLATFORM_HOME")  # which the test run sets
    monkeypatch.delenv("CREDIT_PLATFORM_ARTEFACT_CACHE", raising=False)


def test_everything_lies_in_the_home_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings, home = Settings(), tmp_path / ".credit_platform"
    assert settings.lakehouse_root == str(home / "lakehouse")
    assert settings.mlflow_uri == f"sqlite:///{home}/mlflow/mlflow.db"
    assert settings.raw_folder("german_credit").resolve() == home / "raw" / "german_credit"
    assert settings.reports_folder("german_credit").resolve() == home / "reports" / "german_credit"


def test_every_field_is_read_from_a_variable_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "home": "/h",
        "lakehouse_url": "s3://bucket/tables",
        "artefact_url": "gs://bucket/files",
        "artefact_cache": "/c",
        "database_url": "postgresql+psycopg://db/all",
        "dagster_url": "postgresql+psycopg://db/dagster",
        "raw": "/r",
        "portfolios": "/",
        "engine": "spark",
        "spark_master": "local[1]",
        "spark_options": '{"spark.driver.memory": "8g"}',
        "mlflow_tracking_uri": "http://mlflow",
        "mlflow_artifact_root": "s3://bucket/artefacts",
        "ship_histories": "false",
        "decision_log_url": "postgresql+psycopg://db/decisions",
        "decision_checkpoints": "/audit/checkpoints",
        "decision_logs": '{"paris": "sqlite:///p.db"}',
        "shadow_scorer": "challenger",
        "api_keys": "/k.json",
        "approval": "manual",
        "profile": "full",
        "candidates": '["lightgbm"]',
        "tuning_trials": "9",
        "tuning_storage": "postgresql+psycopg://db/optuna",
        "seed": "3",
        "threads": "4",
        "pins": '{"a/b/c": 5}',
        "notify_webhook": "https://example.org/hook",
        "notify_smtp": "smtp://mail.example",
        "notify_mail_to": '["a@b.example"]',
        "notify_mail_from": "c@b.example",
        "notify_pager_key": "key",
        "notify_pager_url": "https://pager.example",
        "incidents_url": "sqlite:///i.db",
        "pages_url": "https://pages.example",
        "weekly_run": "true",
        "exporter_seconds": "5",
        "log_level": "debug",
        "dagster_webserver": "http://127.0.0.1:3000",
        "deployment_target": "kubernetes",
        "deployment_names": '{"german_credit": "credit-service-german-credit"}',
        "deployment_namespace": "credit",
        "deployment_api_key": "cp_key",
        "deployment_watch_seconds": "60",
        "deployment_ready_seconds": "120",
        "deployment_evidence": "require",
        "run_launcher": "kubernetes",
        "run_image": "platform@sha256:1",
        "run_namespace": "credit",
        "run_service_account": "plain",
        "run_deployer_account": "deployer",
        "run_config_maps": '["settings"]',
        "run_secrets": '["database"]',
        "run_resources": '{"light": {"requests": {"cpu": "1"}}}',
        "run_max_seconds": "60",
        "run_ttl_seconds": "0",
        "run_retries": "1",
        "run_limit": "3",
        "run_heavy_limit": "1",
    }
    assert set(given) == set(Settings.model_fields)
    for name, value in given.items():
        monkeypatch.setenv(f"CREDIT_PLATFORM_{name.upper()}", value)
    settings = Settings()
    assert settings.lakehouse_root == "s3://bucket/tables"
    assert settings.mlflow_uri == "http://mlflow"
    assert settings.raw_folder("german_credit") == Path("/r")
    assert settings.pins == {"a/b/c": 5}
    numbers = (settings.tuning_trials, settings.seed, settings.threads)
    assert numbers == (9, 3, 4)
    assert (settings.engine, settings.spark_master, settings.profile) == ("spark", "local[1]", "full")
    assert settings.notify_webhook is not None
    assert settings.notify_webhook.get_secret_value() == "https://example.org/hook"
    assert (settings.incident_database, settings.weekly_run) == ("sqlite:///i.db", True)
    assert (settings.exporter_seconds, settings.dagster_webserver) == (5.0, "http://127.0.0.1:3000")
    assert settings.candidates == ("lightgbm",)
    assert (settings.run_launcher, settings.run_image, settings.run_namespace) == (
        *("kubernetes", "platform@sha256:1", "credit"),
    )
    assert (settings.run_service_account, settings.run_deployer_account) == ("plain", "deployer")
    assert (settings.run_config_maps, settings.run_secrets) == (("settings",), ("database",))
    assert settings.run_resources == {"light": {"requests": {"cpu": "1"}}}
    limits = (settings.run_max_seconds, settings.run_ttl_seconds, settings.run_retries)
    assert (*limits, settings.run_limit, settings.run_heavy_limit) == (60, 0, 1, 3, 1)
    assert settings.spark_options == {"spark.driver.memory": "8g"}
    assert settings.api_keys_file == Path("/k.json")
    urls = (settings.tuning_storage, settings.mlflow_artifact_root, settings.decision_log_url)
    assert urls == (given["tuning_storage"], given["mlflow_artifact_root"], given["decision_log_url"])
    assert (settings.approval, settings.ship_histories) == ("manual", False)
    assert settings.shadow_scorer == "challenger"
    assert settings.decision_checkpoints == Path("/audit/checkpoints")
    assert settings.decision_logs_by_name == {"paris": "sqlite:///p.db"}


@pytest.mark.parametrize(
    ("given", "trials"), [({}, 15), ({"profile": "full"}, 60), ({"profile": "full", "tuning_trials": 2}, 2)]
)
def test_the_profile_decides_on_trials_unless_they_are_given(given: dict[str, object], trials: int) -> None:
    assert Settings.model_validate(given).trials == trials


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"tuning_trials": 0}, {"engine": "duckdb"}, {"profile": "fast"}])
def test_values_that_cannot_be_used_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Settings.model_validate(wrong)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().seed = 8  # type: ignore[misc]  # what is tested


def test_every_field_is_explained() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("lakehouse", "artefacts"),
    [
        ("s3://bucket/deep/lakehouse", "s3://bucket/deep/artefacts"),
        ("s3://bucket/lakehouse/", "s3://bucket/artefacts"),
        ("s3://bucket", "s3://bucket/artefacts"),
        ("/mnt/lakehouse", "/h/artefacts"),
        (None, "/h/artefacts"),
    ],
)
def test_artefacts_lie_beside_the_lakehouse(lakehouse: str | None, artefacts: str) -> None:
    settings = Settings(home=Path("/h"), lakehouse_url=lakehouse)
    assert settings.artefact_root == artefacts
    remote = artefacts.startswith("s3")
    assert settings.mlflow_artifacts == (f"{artefacts}/mlflow" if remote else "/h/mlflow/artifacts")


def test_an_mlflow_server_chooses_its_own_store() -> None:
    server = Settings(mlflow_tracking_uri="https://mlflow", lakehouse_url="s3://bucket/lakehouse")
    assert server.mlflow_artifacts is None
    assert (
        Settings(mlflow_tracking_uri="https://mlflow", mlflow_artifact_root="s3://b/a").mlflow_artifacts == "s3://b/a"
    )


def test_one_database_gives_each_program_a_schema_and_each_has_a_setting_that_goes_before() -> None:
    url = "postgresql+psycopg://me:pw@db/all?sslmode=require"
    one = Settings(database_url=url)
    assert one.decision_log == url
    assert one.mlflow_uri == f"{url}&options=-csearch_path%3Dmlflow"
    assert one.tuning_database == f"{url}&options=-csearch_path%3Doptuna"
    assert one.dagster_database == "postgresql://me:pw@db/all?sslmode=require&options=-csearch_path%3Ddagster"
    own = Settings(
        database_url=url,
        decision_log_url="sqlite:///d",
        mlflow_tracking_uri="http://m",
        tuning_storage="sqlite:///o",
        dagster_url="postgresql+psycopg://other/d",
    )
    assert (own.decision_log, own.mlflow_uri, own.tuning_database) == ("sqlite:///d", "http://m", "sqlite:///o")
    assert own.dagster_database == "postgresql://other/d"
    assert (Settings().tuning_database, Settings().dagster_database) == (None, None)


def test_copies_of_artefacts_lie_outside_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert Settings().artefact_cache_folder == Path("/caches/credit_platform/artefacts")
    assert Settings(artefact_cache=Path("/c")).artefact_cache_folder == Path("/c")


def test_folders_of_portfolios_are_absolute_and_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "à moi").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CREDIT_PLATFORM_PORTFOLIOS", f"à moi{os.pathsep}")
    assert Settings().portfolios == str(tmp_path.resolve() / "à moi")
    monkeypatch.setenv("CREDIT_PLATFORM_PORTFOLIOS", "nowhere")
    with pytest.raises(ValidationError, match="nowhere is no folder"):
        Settings()
