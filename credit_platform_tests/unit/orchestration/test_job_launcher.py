"""A run as a Job: what is sent to the cluster, and that no Job is left of a run that was given up."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.execution.api import execute_run_iterator
from dagster._core.storage.dagster_run import DagsterRunStatus, RunRecord
from dagster._daemon.monitoring import run_monitoring
from dagster_k8s.job import get_job_name_from_run_id
from kubernetes.client import V1JobCondition, V1JobStatus
from kubernetes.client.rest import ApiException

import credit_platform
from credit_platform.dagster_yaml import instance_yaml
from credit_platform.orchestration import job_launcher
from credit_platform.orchestration.job_launcher import JobRunLauncher
from credit_platform.orchestration.run_resources import run_tags
from credit_platform.settings import Settings
from credit_platform_tests.run_jobs import (
    RememberedCluster,
    launched,
    launcher_of,
    manifest_of,
    recorded_run,
)
from credit_platform_tests.unit.chart.rendered import committed, named

GOLDEN = Path(__file__).parent / "golden"
LATE = 10_000
SETTINGS = Settings(
    dagster_url="postgresql://platform@database.lender.example/dagster",
    run_launcher="kubernetes",
    run_namespace="credit",
    run_service_account="credit-plain",
    run_config_maps=("credit-settings",),
    run_secrets=("credit-run",),
)


def from_settings() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(instance_yaml(SETTINGS))
    return made


def of_the_chart(values: str) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(named(committed(values), "ConfigMap", "dagster")["data"]["dagster.yaml"])
    return made


SOURCES: dict[str, Callable[[], dict[str, Any]]] = {
    "settings": from_settings,
    "dev": lambda: of_the_chart("dev"),
    "prod": lambda: of_the_chart("prod"),
}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """One for all: its files take a second to make."""
    overrides = {"run_monitoring": from_settings()["run_monitoring"]}
    with dg.instance_for_test(temp_dir=str(tmp_path_factory.mktemp("dagster")), overrides=overrides) as made:
        yield made


@pytest.fixture
def cluster() -> RememberedCluster:
    return RememberedCluster()


@pytest.fixture
def launcher(cluster: RememberedCluster, instance: dg.DagsterInstance, tmp_path: Path) -> JobRunLauncher:
    made = launcher_of(from_settings()["run_launcher"], cluster, instance, tmp_path)
    instance._run_launcher = made
    return made


def record(instance: dg.DagsterInstance) -> RunRecord:
    """The youngest run."""
    (found,) = instance.get_run_records(limit=1)
    return found


def look(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, *, later: float = 0) -> DagsterRunStatus:
    """What the daemon does with the run when it looks after it, `later` seconds from now."""
    watching = {
        DagsterRunStatus.STARTING: run_monitoring.monitor_starting_run,
        DagsterRunStatus.CANCELING: run_monitoring.monitor_canceling_run,
    }
    now = time.time() + later
    monkeypatch.setattr(run_monitoring, "get_current_timestamp", lambda: now)
    monkeypatch.setattr(time, "time", lambda: now)
    before, logger = record(instance), logging.getLogger("daemon")
    if (watch := watching.get(before.dagster_run.status)) is not None:
        watch(instance, before, logger)
    else:
        run_monitoring.monitor_started_run(instance, None, before, logger)  # type: ignore[arg-type]  # asked by a resume only
    monkeypatch.undo()
    return record(instance).dagster_run.status


# What is sent


@pytest.mark.parametrize("source", SOURCES)
def test_the_job_of_a_run_is_the_golden_one(
    source: str, cluster: RememberedCluster, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    tags = run_tags("german_credit", "german_credit_ingestion", SETTINGS)
    run = recorded_run(instance, "german_credit_ingestion", tags=tags)
    launched(launcher_of(SOURCES[source]()["run_launcher"], cluster, instance, tmp_path), run)
    sent, file = manifest_of(cluster.job()), GOLDEN / f"run_job_{source}.yaml"
    if "CREDIT_PLATFORM_REGENERATE" in os.environ:
        file.write_text(yaml.safe_dump(sent, width=120), encoding="utf-8")
    assert sent == yaml.safe_load(file.read_text(encoding="utf-8"))


def test_settings_and_chart_say_the_same_of_runs() -> None:
    ours = from_settings()
    for values in ("dev", "prod"):
        chart = of_the_chart(values)
        for part in ("telemetry", "nux", "storage", "run_monitoring", "run_retries"):
            assert chart[part] == ours[part], (values, part)
        assert chart["concurrency"]["pools"] == ours["concurrency"]["pools"]
        mine, theirs = ours["run_launcher"], chart["run_launcher"]
        assert (theirs["module"], theirs["class"]) == (mine["module"], mine["class"])
        free = {"instance_config_map", "image_pull_policy", "env_secrets", "load_incluster_config", "run_k8s_config"}
        for key in set(mine["config"]) - free:
            assert theirs["config"][key] == mine["config"][key], (values, key)
        a, b = mine["config"]["run_k8s_config"], theirs["config"]["run_k8s_config"]
        assert b["job_spec_config"] == a["job_spec_config"]
        assert b["container_config"]["securityContext"] == a["container_config"]["securityContext"]
        for key in ("securityContext", "automountServiceAccountToken", "enableServiceLinks"):
            assert b["pod_spec_config"][key] == a["pod_spec_config"][key], (values, key)


@pytest.mark.parametrize("source", SOURCES)
def test_a_job_ends_only_after_dagster_would_have_ended_its_run(source: str) -> None:
    made = SOURCES[source]()
    job = made["run_launcher"]["config"]["run_k8s_config"]["job_spec_config"]
    watched = made["run_monitoring"]
    assert job["activeDeadlineSeconds"] > watched["max_runtime_seconds"] + watched["start_timeout_seconds"]
    assert job["backoffLimit"] == watched["max_resume_run_attempts"] == 0


def test_the_small_image_holds_the_launcher_and_what_it_imports() -> None:
    """Webserver and daemon run in an image without the platform's code."""
    root = Path(credit_platform.__file__).parents[1]
    recipe = root / "docker" / "dagster.Dockerfile"
    if not recipe.is_file():
        pytest.skip("there is no docker/dagster.Dockerfile here")
    copied = recipe.read_text(encoding="utf-8")
    for file in ("__init__.py", "orchestration/__init__.py", "orchestration/job_launcher.py"):
        assert f"credit_platform/{file}" in copied, file
    source = Path(job_launcher.__file__).read_text(encoding="utf-8")
    assert "from credit_platform" not in source
    assert "import credit_platform" not in source


@pytest.mark.parametrize(
    "asked",
    [
        {"pod_spec_config": {"host_network": True}},
        {"pod_spec_config": {"volumes": [{"name": "machine", "host_path": {"path": "/"}}]}},
        {"container_config": {"security_context": {"privileged": True}}},
        {"container_config": {"image": "elsewhere.example/other:1"}},
        {"job_spec_config": {"backoff_limit": 5}},
    ],
)
@pytest.mark.parametrize("source", ["settings", "prod"])
def test_a_tag_cannot_make_a_run_more_than_it_is(
    source: str, asked: dict[str, Any], cluster: RememberedCluster, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = recorded_run(instance, tags={"dagster-k8s/config": json.dumps(asked)})
    with pytest.raises(Exception, match="violated the allowed list"):  # dagster-k8s raises nothing more exact
        launched(launcher_of(SOURCES[source]()["run_launcher"], cluster, instance, tmp_path), run)
    assert not cluster.jobs


# What is left


@pytest.mark.usefixtures("launcher")
@pytest.mark.parametrize("status", [DagsterRunStatus.STARTING, DagsterRunStatus.CANCELING])
def test_a_run_that_is_given_up_leaves_no_job(
    status: DagsterRunStatus,
    cluster: RememberedCluster,
    launcher: JobRunLauncher,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = recorded_run(instance)
    instance.report_dagster_event(
        dg.DagsterEvent("PIPELINE_STARTING", run.job_name, message="launched"), run.run_id, logging.INFO
    )
    launched(launcher, run)
    if status is DagsterRunStatus.CANCELING:
        instance.report_run_canceling(run)
    assert look(instance, monkeypatch) is status, "there is time left"
    assert cluster.jobs
    assert look(instance, monkeypatch, later=LATE) in (DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
    assert not cluster.jobs
    assert launcher.get_run_worker_debug_info(run) is not None, "again, there is nothing to end, and it is no error"


def started(launcher: JobRunLauncher, instance: dg.DagsterInstance) -> dg.DagsterRun:
    run = recorded_run(instance, status=DagsterRunStatus.STARTED)
    launched(launcher, run)
    return run


def test_a_cluster_that_does_not_answer_fails_no_run(
    cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dagster-k8s would fail it, and Dagster run it again beside the one that goes on."""
    started(launcher, instance)
    cluster.away = True
    for _ in range(2):
        with pytest.raises(Exception, match="Kubernetes API"):
            look(instance, monkeypatch)
    assert record(instance).dagster_run.status is DagsterRunStatus.STARTED
    cluster.away = False
    assert look(instance, monkeypatch) is DagsterRunStatus.STARTED


def test_a_run_whose_pod_was_killed_fails_and_its_job_stays_for_who_looks(
    cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(launcher, instance)
    over = V1JobCondition(type="Failed", status="True", reason="BackoffLimitExceeded")
    cluster.job().status = V1JobStatus(failed=1, conditions=[over])
    assert look(instance, monkeypatch) is DagsterRunStatus.FAILURE
    assert cluster.jobs, "it can start nothing any more, and goes by itself after its time"


def test_a_run_whose_job_is_gone_fails(
    cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(launcher, instance)
    cluster.jobs.clear()
    assert look(instance, monkeypatch) is DagsterRunStatus.FAILURE


def test_a_job_whose_making_was_not_confirmed_is_ended(
    cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance
) -> None:
    cluster.lost_answers = True
    with pytest.raises(Exception, match="Kubernetes API"):
        launched(launcher, recorded_run(instance))
    assert not cluster.jobs


def job_name(run: dg.DagsterRun) -> str:
    return str(get_job_name_from_run_id(run.run_id))  # type: ignore[no-untyped-call]  # dagster-k8s gives it no types


def starting(launcher: JobRunLauncher, instance: dg.DagsterInstance) -> dg.DagsterRun:
    run = recorded_run(instance, status=DagsterRunStatus.STARTING)
    launched(launcher, run)
    return run


ASKED: dict[str, Callable[[JobRunLauncher, dg.DagsterInstance, dg.DagsterRun], object]] = {
    "to launch": lambda launcher, instance, _: launched(launcher, recorded_run(instance)),
    "how a run fares": lambda launcher, _, other: launcher.check_run_worker_health(other),
    "what is known of a run": lambda launcher, _, other: launcher.get_run_worker_debug_info(other),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("by", ["force", "failure"])
def test_a_job_whose_run_was_given_up_without_the_launcher_is_ended_when_it_is_next_asked(
    asked: str, by: str, cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance
) -> None:
    """*Force termination* of a run that has not begun does just this: it records, and asks nobody."""
    given_up, other = starting(launcher, instance), starting(launcher, instance)
    (instance.report_run_canceled if by == "force" else instance.report_run_failed)(given_up)
    assert len(cluster.jobs) == 2
    for _ in range(2):
        ASKED[asked](launcher, instance, other)
        assert job_name(given_up) not in cluster.jobs
    if asked != "what is known of a run":
        assert job_name(other) in cluster.jobs, "its run goes on"


def test_a_job_that_is_made_while_its_run_is_given_up_is_ended(
    cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance
) -> None:
    run = recorded_run(instance, status=DagsterRunStatus.STARTING)
    instance.report_run_canceled(run)
    launched(launcher, run)
    assert not cluster.jobs


def test_a_worker_that_brings_its_log_away_is_left_the_time_for_it(
    cluster: RememberedCluster,
    launcher: JobRunLauncher,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = starting(launcher, instance)
    instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", run.job_name), run.run_id, logging.INFO)
    instance.report_run_failed(run)
    launcher.check_run_worker_health(run)
    assert cluster.jobs
    later = time.time() + 2 * job_launcher.ENDING_SECONDS
    monkeypatch.setattr(job_launcher, "get_current_timestamp", lambda: later)
    launcher.check_run_worker_health(run)
    assert not cluster.jobs


def test_jobs_that_are_over_or_of_another_instance_are_left_alone(
    cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance
) -> None:
    over, foreign = starting(launcher, instance), starting(launcher, instance)
    complete = V1JobCondition(type="Complete", status="True")
    cluster.jobs[job_name(over)].status = V1JobStatus(succeeded=1, conditions=[complete])
    for run in (over, foreign):
        instance.report_run_failed(run)
    instance.delete_run(foreign.run_id)
    launcher.check_run_worker_health(over)
    assert len(cluster.jobs) == 2


def test_a_cluster_that_lists_no_jobs_keeps_no_run_from_being_launched(
    cluster: RememberedCluster,
    launcher: JobRunLauncher,
    instance: dg.DagsterInstance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(**_: object) -> None:
        raise ApiException(status=403, reason="Forbidden")

    cluster.list_namespaced_job = refuse  # type: ignore[assignment]  # the account may not
    starting(launcher, instance)
    assert cluster.jobs
    assert "will be with the next" in caplog.text


def test_what_keeps_a_job_from_being_ended_is_said(
    cluster: RememberedCluster, launcher: JobRunLauncher, instance: dg.DagsterInstance
) -> None:
    run = started(launcher, instance)

    def refuse(name: str, namespace: str) -> None:
        raise ApiException(status=403, reason="Forbidden")

    cluster.delete_namespaced_job = refuse  # type: ignore[method-assign]  # the account may not
    with pytest.raises(ApiException, match="Forbidden"):
        launcher.get_run_worker_debug_info(run)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (DagsterRunStatus.FAILURE, "Ignoring a run worker that started after the run had already finished."),
        (DagsterRunStatus.CANCELED, "Not starting execution since the run was canceled before execution could start"),
    ],
)
def test_a_worker_that_starts_after_its_run_was_given_up_does_nothing(
    status: DagsterRunStatus, says: str, instance: dg.DagsterInstance
) -> None:
    """Dagster's own, which the rest stands on: should a Job be left after all, it executes no step."""
    done: list[str] = []

    @dg.op
    def work() -> None:
        done.append("work")

    @dg.job
    def late() -> None:
        work()

    run = instance.create_run_for_job(late, status=status)
    said = [
        event.message for event in execute_run_iterator(dg._core.definitions.job_base.InMemoryJob(late), run, instance)
    ]
    assert not done
    assert said == [says]
    assert record(instance).dagster_run.status is status
