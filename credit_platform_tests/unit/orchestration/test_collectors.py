"""What is told about Dagster, its assets and checks, read from real instances."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickData, TickStatus
from dagster._core.test_utils import create_run_for_test
from dagster._daemon.types import DaemonHeartbeat
from dagster_shared.error import SerializableErrorInfo

from credit_platform.monitoring.exporter.background import Sample
from credit_platform.monitoring.metrics.metric import Metric
from credit_platform.monitoring.metrics.pipeline import (
    CHECK_FAILING,
    CHECKS,
    CODE_LOCATION,
    DAEMON_ERRORS,
    DAEMON_HEARTBEAT,
    JOB_DURATION,
    JOB_LAST_SUCCESS,
    JOB_RUNS,
    MATERIALISED,
    NAMED,
    OLDEST_RUN,
    PARTITIONS_MISSING,
    RUNNING,
    RUNS_ACTIVE,
    SENSOR_LAG,
    TICK_FAILED,
    WEBSERVER,
)
from credit_platform.orchestration.asset_collectors import Checks, assets
from credit_platform.orchestration.collectors import Jobs, automation, daemons, dagster_collectors, runs, webserver
from credit_platform.orchestration.observed import FILES, Pipeline
from credit_platform.portfolios import all_portfolios, get_portfolio
from credit_platform.settings import Settings

PORTFOLIO = "p"


def definitions() -> dg.Definitions:
    days = dg.DynamicPartitionsDefinition(name="p_days")

    @dg.asset(key=["p", "raw", "a"])
    def a() -> int:
        return 1

    @dg.asset(key=["p", "monitoring", "d"], partitions_def=days)
    def d() -> int:
        return 1

    def check(number: int) -> dg.AssetChecksDefinition:
        severity = dg.AssetCheckSeverity.WARN if number % 2 else dg.AssetCheckSeverity.ERROR

        @dg.asset_check(asset=a, name=f"c{number:02}")
        def one() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=number == 0, severity=severity)

        return one

    @dg.asset_check(asset=a)
    def breaks_down() -> dg.AssetCheckResult:
        raise ZeroDivisionError

    @dg.op
    def nothing() -> None: ...

    @dg.job
    def p_job() -> None:
        nothing()

    @dg.sensor(job=p_job, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
    def p_sensor() -> None: ...

    @dg.schedule(job=p_job, cron_schedule="0 0 * * *")
    def p_schedule() -> None: ...

    return dg.Definitions(
        assets=[a, d],
        asset_checks=[*(check(number) for number in range(13)), breaks_down],
        jobs=[p_job],
        sensors=[p_sensor],
        schedules=[p_schedule],
        executor=dg.in_process_executor,
    )


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


@pytest.fixture
def pipeline(instance: dg.DagsterInstance) -> Pipeline:
    made = Pipeline(Settings(), [])
    made._instance, made._repository = instance, definitions().get_repository_def()
    made.owner = lambda name: PORTFOLIO if name.startswith("p_") else ""  # type: ignore[method-assign]  # `p` is no portfolio
    return made


def of(samples: Iterator[Sample] | tuple[Sample, ...], metric: Metric) -> dict[tuple[str, ...], float]:
    return {sample.labels: sample.value for sample in samples if sample.metric is metric}


def test_a_daemon_is_told_by_its_last_heartbeat(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    instance.add_daemon_heartbeat(DaemonHeartbeat(timestamp=123.0, daemon_type="SENSOR", daemon_id="d", errors=[]))
    assert of(daemons(pipeline), DAEMON_HEARTBEAT)[("SENSOR",)] == 123.0
    assert of(daemons(pipeline), DAEMON_HEARTBEAT)[("SCHEDULER",)] == 0.0
    assert of(daemons(pipeline), DAEMON_ERRORS)[("SENSOR",)] == 0.0


def test_runs_that_have_not_ended_are_counted_with_the_age_of_the_oldest(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    assert set(of(runs(pipeline), RUNS_ACTIVE).values()) == {0.0}
    for status in (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.SUCCESS):
        create_run_for_test(instance, job_name="p_job", status=status)
    time.sleep(0.05)
    assert of(runs(pipeline), RUNS_ACTIVE) == {("queued",): 0, ("starting",): 1, ("running",): 1, ("canceling",): 0}
    ages = of(runs(pipeline), OLDEST_RUN)
    assert ages[("starting",)] > 0
    assert ages[("queued",)] == 0


def test_outcomes_count_from_the_start_of_the_exporter_and_once(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    job = definitions().resolve_job_def("p_job")
    assert job.execute_in_process(instance=instance).success
    time.sleep(0.01)
    jobs = Jobs(pipeline)
    ended = of(jobs.collect(), JOB_RUNS)
    assert ended[("p", "p_job", "success")] == 0
    assert ("p", "p_job", "canceled") not in ended
    assert job.execute_in_process(instance=instance).success
    for _ in range(2):
        samples = tuple(jobs.collect())
        assert of(samples, JOB_RUNS)[("p", "p_job", "success")] == 1
    assert of(samples, JOB_RUNS)[("p", "p_job", "failure")] == 0
    (last,) = instance.get_run_records(limit=1)
    assert of(samples, JOB_LAST_SUCCESS) == {("p", "p_job"): last.end_time}
    assert of(samples, JOB_DURATION)[("p", "p_job")] > 0


def test_assets_are_told_when_they_were_made_and_which_days_they_lack(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    assert of(assets(pipeline), MATERIALISED) == {}
    instance.add_dynamic_partitions("p_days", ["one", "two", "three"])
    loaded = definitions().get_repository_def().assets_defs_by_key
    made = [loaded[dg.AssetKey(["p", "monitoring", "d"])]]
    assert dg.materialize(made, instance=instance, partition_key="two").success
    assert set(of(assets(pipeline), MATERIALISED)) == {("p", "monitoring/d")}
    assert of(assets(pipeline), PARTITIONS_MISSING) == {("p", "monitoring/d"): 2}


def test_checks_are_counted_and_the_failing_ones_named(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    checks = Checks(pipeline)
    assert set(of(checks.collect(), CHECKS).values()) == {0.0}
    job = definitions().resolve_implicit_global_asset_job_def()
    job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["p", "raw", "a"])], raise_on_error=False)
    samples = checks.collect()
    assert of(samples, CHECKS) == {("p", "passed"): 1, ("p", "warned"): 6, ("p", "failed"): 7}
    failing = of(samples, CHECK_FAILING)
    assert len(failing) == NAMED
    assert sum(labels[3] == "error" for labels in failing) == 7
    assert ("p", "raw/a", "breaks_down", "error") in failing
    assert checks.collect() is samples  # nothing was recorded since


def test_automation_is_told_with_its_last_tick_and_its_lag(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    samples = tuple(automation(pipeline))
    assert of(samples, RUNNING) == {("p", "sensor", "p_sensor"): 1, ("p", "schedule", "p_schedule"): 0}
    assert of(samples, TICK_FAILED) == of(samples, SENSOR_LAG) == {}
    state = instigator(instance, "p_sensor", InstigatorStatus.DECLARED_IN_CODE)
    tick(instance, state, TickStatus.FAILURE, age=300)
    samples = tuple(automation(pipeline))
    assert of(samples, TICK_FAILED) == {("p", "sensor", "p_sensor"): 1}
    assert of(samples, SENSOR_LAG)[("p", "p_sensor")] == pytest.approx(240, abs=60)
    tick(instance, state, TickStatus.SKIPPED, age=20)
    tick(instance, state, TickStatus.STARTED, age=1)
    samples = tuple(automation(pipeline))
    assert of(samples, TICK_FAILED) == {("p", "sensor", "p_sensor"): 0}
    assert of(samples, SENSOR_LAG) == {("p", "p_sensor"): 0}
    instance.update_instigator_state(state.with_status(InstigatorStatus.STOPPED))
    samples = tuple(automation(pipeline))
    assert of(samples, RUNNING)[("p", "sensor", "p_sensor")] == 0
    assert of(samples, SENSOR_LAG) == {}


def instigator(instance: dg.DagsterInstance, name: str, status: InstigatorStatus) -> InstigatorState:
    origin = RemoteInstigatorOrigin(
        repository_origin=RemoteRepositoryOrigin(
            code_location_origin=RegisteredCodeLocationOrigin("here"), repository_name="__repository__"
        ),
        instigator_name=name,
    )
    return instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, status))


def tick(instance: dg.DagsterInstance, state: InstigatorState, status: TickStatus, *, age: float) -> None:
    instance.create_tick(
        TickData(
            instigator_origin_id=state.instigator_origin_id,
            selector_id=state.selector_id,
            instigator_name=state.instigator_name,
            instigator_type=InstigatorType.SENSOR,
            status=status,
            timestamp=time.time() - age,
            error=SerializableErrorInfo("broken", [], None) if status is TickStatus.FAILURE else None,
        )
    )


def test_before_dagsters_files_are_there_nothing_is_told_and_nothing_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    pipeline = Pipeline(Settings(home=tmp_path), all_portfolios())
    assert pipeline.instance is None
    for look in (daemons, runs, assets, automation):
        assert list(look(pipeline)) == []
    assert list(Jobs(pipeline).collect()) == []
    assert Checks(pipeline).collect() == ()
    assert list(tmp_path.iterdir()) == []
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert pipeline.instance is None  # whoever makes them may not be done


def test_a_name_belongs_to_the_portfolio_that_it_begins_with() -> None:
    pipeline = Pipeline(Settings(), all_portfolios())
    assert pipeline.owner("german_credit_days") == "german_credit"
    assert pipeline.owner("german_credit") == "german_credit"
    assert pipeline.owner("__ASSET_JOB") == ""


def test_names_come_from_the_definitions_of_the_portfolios() -> None:
    pipeline = Pipeline(Settings(), [get_portfolio("german_credit")])
    assert {"german_credit_ingestion", "__ASSET_JOB"} <= set(pipeline.repository.job_names)
    assert {one.name for one in pipeline.repository.sensor_defs} >= {"german_credit_days", "tell_of_problems"}


def test_the_web_server_is_asked_where_one_is_named() -> None:
    names = {one.name for one in dagster_collectors(Settings(), [])}
    assert "webserver" not in names
    assert {one.name for one in dagster_collectors(Settings(dagster_webserver="http://x"), [])} - names == {"webserver"}


def test_a_web_server_tells_which_code_it_could_not_load() -> None:
    entries: list[dict[str, Any]] = [
        {"name": "good", "locationOrLoadError": {"__typename": "RepositoryLocation"}},
        {"name": "broken", "locationOrLoadError": {"__typename": "PythonError"}},
        {"name": "loading", "locationOrLoadError": None},
    ]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"data": {"workspaceOrError": {"locationEntries": entries}}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # its parameter's name

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        samples = tuple(webserver(f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
        thread.join()
    assert of(samples, WEBSERVER) == {(): 1}
    assert of(samples, CODE_LOCATION) == {("good",): 0, ("broken",): 1, ("loading",): 0}


def test_a_web_server_that_is_gone_is_told(tmp_path: Path) -> None:
    assert of(webserver(f"unix:{tmp_path / 'socket'}"), WEBSERVER) == {(): 0}
