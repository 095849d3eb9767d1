"""What each job asks for: by the table, by settings, and nothing where no run is a Job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from credit_platform.errors import SettingError
from credit_platform.orchestration.policies import MAX_RUNTIME
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.orchestration.run_resources import SIZES, run_tags
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

SMALL = {"requests": {"cpu": "100m", "memory": "512Mi"}}


def asked(job: str, **settings: Any) -> dict[str, Any]:
    tags = run_tags("german_credit", job, Settings(**settings))
    found: dict[str, Any] = json.loads(tags["dagster-k8s/config"])
    return found


def test_on_one_machine_a_run_has_a_limit_of_time_and_asks_for_nothing() -> None:
    assert run_tags("german_credit", "german_credit", Settings(run_max_seconds=99)) == {MAX_RUNTIME: "99"}


@pytest.mark.parametrize(
    ("job", "size"),
    [
        ("german_credit", "training"),
        ("german_credit_refit", "training"),
        ("german_credit_ingestion", "tables"),
        ("german_credit_retention", "light"),
        ("german_credit_of_tomorrow", "training"),
    ],
)
def test_a_job_asks_for_what_its_size_needs(job: str, size: str) -> None:
    assert asked(job, run_launcher="kubernetes") == {"container_config": {"resources": SIZES[size]}}


def test_settings_go_before_the_table_for_a_size_and_for_a_job() -> None:
    given = {"tables": SMALL, "german_credit_features": {"limits": {"memory": "9Gi"}}}
    of = {job: asked(f"german_credit_{job}", run_resources=given) for job in ("ingestion", "features", "retention")}
    assert {job: found["container_config"]["resources"] for job, found in of.items()} == {
        "ingestion": SMALL,
        "features": given["german_credit_features"],
        "retention": SIZES["light"],
    }


def test_what_kubernetes_does_not_know_is_refused_with_an_example() -> None:
    with pytest.raises(SettingError, match=r"says of training: request\..*Write it as"):
        asked("german_credit", run_resources={"training": {"request": {"cpu": "1"}}})


def test_only_jobs_that_deploy_have_the_account_of_those_who_do() -> None:
    deployer = {"run_launcher": "kubernetes", "run_deployer_account": "credit-deployer"}
    for job, deploys in {
        "german_credit": False,
        "german_credit_serving": False,
        "german_credit_deployment": True,
    }.items():
        account = asked(job, **deployer).get("pod_spec_config", {}).get("service_account_name")
        assert (account == "credit-deployer") is deploys, job


def test_every_job_of_a_portfolio_and_its_sensor_have_these_tags(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, run_launcher="kubernetes", run_max_seconds=77)
    definitions = portfolio_definitions(get_portfolio("home_credit"), settings)
    jobs = {job.name: job.run_tags for job in definitions.jobs or ()}
    assert len(jobs) == 10
    for name, tags in jobs.items():
        assert tags == run_tags("home_credit", name, settings), name
    (follows,) = (each for each in definitions.sensors or () if each.name.endswith("_features_follow"))
    assert follows.run_tags == {"portfolio": "home_credit", **run_tags("home_credit", "features", settings)}  # type: ignore[attr-defined]  # of this kind of sensor
