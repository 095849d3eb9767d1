"""What the exporter tells about Dagster, read from its instance and asked of its web server.

What is here: `dagster_collectors`.
What to add here: another figure of runs, assets, checks, sensors or daemons, after its metric is in the catalogue.
What must not be here: starting, stopping or changing anything; serving (`monitoring/exporter`).

Names (of jobs, assets, checks, sensors) come from the definitions, so that what never ran is told, too, and what is
gone from the code is not told any more. They are loaded at the first look, in the background. The instance is opened
when its files are there: whoever runs first makes them, and two must not do so at once.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import dagster as dg
import httpx
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickStatus
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES, JobBucket

from credit_platform.monitoring.exporter.background import Collector, Sample
from credit_platform.monitoring.metrics import pipeline as told
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.orchestration.resources import build_resources
from credit_platform.orchestration.sensors import failure_sensor
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

STATES: Mapping[dg.DagsterRunStatus, str] = {
    dg.DagsterRunStatus.QUEUED: "queued",
    dg.DagsterRunStatus.NOT_STARTED: "queued",
    dg.DagsterRunStatus.STARTING: "starting",
    dg.DagsterRunStatus.STARTED: "running",
    dg.DagsterRunStatus.CANCELING: "canceling",
}
ENDED: Mapping[dg.DagsterRunStatus, str] = {
    dg.DagsterRunStatus.SUCCESS: "success",
    dg.DagsterRunStatus.FAILURE: "failure",
    dg.DagsterRunStatus.CANCELED: "canceled",
}
FRESH = {FreshnessState.PASS: "fresh", FreshnessState.WARN: "warning", FreshnessState.FAIL: "stale"}
WEBSERVER_SECONDS = 5.0
_FILES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
_LOCATIONS = "{workspaceOrError{... on Workspace{locationEntries{name locationOrLoadError{__typename}}}}}"


class Pipeline:
    """The definitions and the instance, each opened once, when a collector first needs it."""

    def __init__(self, settings: Settings, portfolios: Sequence[Portfolio]) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._portfolios = portfolios
        self._lock = threading.Lock()
        self._repository: dg.RepositoryDefinition | None = None
        self._instance: dg.DagsterInstance | None = None
        self._seen = False

    @property
    def repository(self) -> dg.RepositoryDefinition:
        """Everything that Dagster loads, as this process reads it."""
        with self._lock:
            if self._repository is None:
                graphs = [portfolio_definitions(one, self._settings) for one in self._portfolios]
                resources = build_resources(self._settings)
                shared = dg.Definitions(resources=resources, sensors=[failure_sensor(self._settings)])
                self._repository = dg.Definitions.merge(*graphs, shared).get_repository_def()
            return self._repository

    @property
    def instance(self) -> dg.DagsterInstance | None:
        """The instance in `DAGSTER_HOME`; None before its files are there, and at the look that finds them."""
        with self._lock:
            if self._instance is None and self._is_there():
                self._instance = dg.DagsterInstance.get()
            return self._instance

    def owner(self, name: str) -> str:
        """The portfolio that the name of a job or sensor begins with; empty for those of none."""
        owners = [p.name for p in self._portfolios if name == p.name or name.startswith(f"{p.name}_")]
        return max(owners, key=len, default="")

    def labels(self, key: dg.AssetKey) -> tuple[str, str]:
        """Portfolio and name of an asset."""
        return key.path[0], "/".join(key.path[1:])

    def _is_there(self) -> bool:
        if self._settings.dagster_database is not None:
            return True
        home = Path(os.environ["DAGSTER_HOME"])
        if not all((home / file).is_file() for file in _FILES):
            return False
        # Who makes them is not done when they appear.
        seen, self._seen = self._seen, True
        return seen


def dagster_collectors(settings: Settings, portfolios: Sequence[Portfolio]) -> list[Collector]:
    """Collectors of daemons, runs, jobs, assets, checks, sensors, schedules and the web server.

    Call `environment.prepare_environment` first: the instance is the one that `DAGSTER_HOME` names.
    """
    pipeline = Pipeline(settings, portfolios)
    url = settings.dagster_webserver
    silent = (Sample(told.WEBSERVER, (), 0.0),)
    asked = [] if url is None else [Collector(name="webserver", collect=partial(webserver, url), unanswered=silent)]
    return [
        Collector(name="daemons", collect=partial(daemons, pipeline)),
        Collector(name="runs", collect=partial(runs, pipeline)),
        Collector(name="jobs", collect=Jobs(pipeline).collect),
        Collector(name="assets", collect=partial(assets, pipeline)),
        Collector(name="checks", collect=Checks(pipeline).collect),
        Collector(name="automation", collect=partial(automation, pipeline)),
        *asked,
    ]


def daemons(pipeline: Pipeline) -> Iterator[Sample]:
    """Heartbeats of the daemon's threads."""
    instance = pipeline.instance
    if instance is None:
        return
    beats = instance.get_daemon_heartbeats()
    for name in told.DAEMONS:
        beat = beats.get(name)
        yield Sample(told.DAEMON_HEARTBEAT, (name,), 0.0 if beat is None else beat.timestamp)
        yield Sample(told.DAEMON_ERRORS, (name,), 0.0 if beat is None else len(beat.errors or ()))


def runs(pipeline: Pipeline) -> Iterator[Sample]:
    """Runs that have not ended, and the age of the oldest, by state."""
    instance = pipeline.instance
    if instance is None:
        return
    records = instance.get_run_records(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES))
    created: dict[str, list[float]] = {state: [] for state in told.ACTIVE}
    for record in records:
        state = STATES.get(record.dagster_run.status)
        if state is not None:
            created[state].append(record.create_timestamp.timestamp())
    now = time.time()
    for state, moments in created.items():
        yield Sample(told.RUNS_ACTIVE, (state,), len(moments))
        yield Sample(told.OLDEST_RUN, (state,), max(0.0, now - min(moments)) if moments else 0.0)


class Jobs:
    """Counts the runs that ended since it was made."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Count from now on."""
        self._pipeline = pipeline
        self._since = time.time()
        self._counted: set[str] = set()
        self._ended: Counter[tuple[str, str]] = Counter()

    def collect(self) -> Iterator[Sample]:
        """Outcomes so far, and the last success of each job."""
        instance = self._pipeline.instance
        if instance is None:
            return
        names = self._pipeline.repository.job_names
        self._count(instance)
        for name in names:
            labels = (self._pipeline.owner(name), name)
            for outcome in told.OUTCOMES:
                count = self._ended[(name, outcome)]
                if count or outcome != "canceled":
                    yield Sample(told.JOB_RUNS, (*labels, outcome), count)
        last = instance.get_run_records(
            dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]),
            bucket_by=JobBucket(job_names=list(names), bucket_limit=1),
        )
        for record in last:
            if record.end_time is not None and record.start_time is not None:
                labels = (self._pipeline.owner(record.dagster_run.job_name), record.dagster_run.job_name)
                yield Sample(told.JOB_LAST_SUCCESS, labels, record.end_time)
                yield Sample(told.JOB_DURATION, labels, record.end_time - record.start_time)

    def _count(self, instance: dg.DagsterInstance) -> None:
        since = datetime.fromtimestamp(self._since, UTC)
        ended = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED), updated_after=since))
        for record in ended:
            run = record.dagster_run
            if run.run_id not in self._counted and (record.end_time or 0.0) >= self._since:
                self._counted.add(run.run_id)
                self._ended[(run.job_name, ENDED[run.status])] += 1


def assets(pipeline: Pipeline) -> Iterator[Sample]:
    """Last materialisations, freshness, and partitions that were never made."""
    instance = pipeline.instance
    if instance is None:
        return
    graph = pipeline.repository.asset_graph
    keys = sorted(graph.get_all_asset_keys())
    for record in instance.get_asset_records(keys):
        last = record.asset_entry.last_materialization_record
        if last is not None:
            yield Sample(told.MATERIALISED, pipeline.labels(record.asset_entry.asset_key), last.timestamp)
    yield from _freshness(pipeline, instance, keys)
    for key in keys:
        partitions = graph.get(key).partitions_def
        if partitions is not None:
            wanted = partitions.get_partition_keys(dynamic_partitions_store=instance)
            missing = set(wanted) - instance.get_materialized_partitions(key)
            yield Sample(told.PARTITIONS_MISSING, pipeline.labels(key), len(missing))


def _freshness(pipeline: Pipeline, instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey]) -> Iterator[Sample]:
    counts: dict[str, Counter[str]] = {}
    named: list[tuple[int, tuple[str, str]]] = []
    for key, record in instance.get_freshness_state_records(keys).items():
        state = FRESH.get(record.freshness_state)
        if state is not None:
            labels = pipeline.labels(key)
            counts.setdefault(labels[0], Counter())[state] += 1
            named.append((told.FRESHNESS_STATES.index(state), labels))
    for portfolio, by_state in counts.items():
        for state in told.FRESHNESS_STATES:
            yield Sample(told.ASSETS_FRESH, (portfolio, state), by_state[state])
        worst = sorted((-grade, labels) for grade, labels in named if grade and labels[0] == portfolio)
        for grade, labels in worst[: told.NAMED]:
            yield Sample(told.FRESHNESS, labels, -grade)


class Checks:
    """The last results of asset checks; read again when Dagster has recorded anything since."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Nothing is read yet."""
        self._pipeline = pipeline
        self._last_event: int | None = None
        self._samples: tuple[Sample, ...] = ()

    def collect(self) -> tuple[Sample, ...]:
        """How many passed, and which did not."""
        instance = self._pipeline.instance
        if instance is None:
            return ()
        # A query for each check: of ten portfolios two seconds.
        newest = instance.event_log_storage.get_maximum_record_id() or 0
        if newest != self._last_event:
            self._samples = tuple(checks(self._pipeline, instance))
            self._last_event = newest
        return self._samples


def checks(pipeline: Pipeline, instance: dg.DagsterInstance) -> Iterator[Sample]:
    """The last results of asset checks, and which of them are not passed."""
    keys = sorted(pipeline.repository.asset_graph.asset_check_keys)
    counts: dict[str, Counter[str]] = {key.asset_key.path[0]: Counter() for key in keys}
    failing: dict[str, list[tuple[str, str, str]]] = {}
    for key, summary in instance.event_log_storage.get_asset_check_summary_records(keys).items():
        record = summary.last_completed_check_execution_record
        if record is None:
            continue
        portfolio, asset = pipeline.labels(key.asset_key)
        result = result_of(record)
        counts[portfolio][result] += 1
        if result != "passed":
            severity = "warning" if result == "warned" else "error"
            failing.setdefault(portfolio, []).append((severity, asset, key.name))
    for portfolio, by_result in counts.items():
        for result in told.RESULTS:
            yield Sample(told.CHECKS, (portfolio, result), by_result[result])
        for severity, asset, name in sorted(failing.get(portfolio, []))[: told.NAMED]:
            yield Sample(told.CHECK_FAILING, (portfolio, asset, name, severity), 1.0)


def result_of(record: AssetCheckExecutionRecord) -> str:
    """`passed`, `warned` or `failed`; a check that broke down itself has failed."""
    if record.status is AssetCheckExecutionRecordStatus.SUCCEEDED:
        return "passed"
    event = None if record.event is None else record.event.dagster_event
    said = None if event is None else event.event_specific_data
    warning = isinstance(said, AssetCheckEvaluation) and said.severity is dg.AssetCheckSeverity.WARN
    return "warned" if warning else "failed"


def automation(pipeline: Pipeline) -> Iterator[Sample]:
    """Which sensors and schedules are on, how their last tick went, and how late sensors are."""
    instance = pipeline.instance
    if instance is None:
        return
    states = _newest_states(instance)
    repository = pipeline.repository
    declared = [
        *(("sensor", one.name, one.default_status is dg.DefaultSensorStatus.RUNNING) for one in repository.sensor_defs),
        *(
            ("schedule", one.name, one.default_status is dg.DefaultScheduleStatus.RUNNING)
            for one in repository.schedule_defs
        ),
    ]
    intervals = {one.name: one.minimum_interval_seconds or 30 for one in repository.sensor_defs}
    for kind, name, by_default in declared:
        state = states.get((kind, name))
        running = by_default if state is None else _is_running(state, by_default=by_default)
        labels = (pipeline.owner(name), kind, name)
        yield Sample(told.RUNNING, labels, float(running))
        ticks = [] if state is None else instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=5)
        ended = next((tick for tick in ticks if tick.status is not TickStatus.STARTED), None)
        if ended is not None:
            yield Sample(told.TICK_FAILED, labels, float(ended.status is TickStatus.FAILURE))
        if kind == "sensor" and running and ticks:
            late = time.time() - ticks[0].timestamp - intervals[name]
            yield Sample(told.SENSOR_LAG, (labels[0], name), max(0.0, late))


def _newest_states(instance: dg.DagsterInstance) -> dict[tuple[str, str], InstigatorState]:
    """State of each sensor and schedule; of those of one name in several code locations the last one stored."""
    kinds = {"SENSOR": "sensor", "AUTO_MATERIALIZE": "sensor", "SCHEDULE": "schedule"}
    return {(kinds[one.instigator_type.value], one.instigator_name): one for one in instance.all_instigator_state()}


def _is_running(state: InstigatorState, *, by_default: bool) -> bool:
    return by_default if state.status is InstigatorStatus.DECLARED_IN_CODE else state.status is InstigatorStatus.RUNNING


def webserver(url: str) -> Iterator[Sample]:
    """Whether Dagster's web server answers, and which code locations it could not load.

    Args:
        url: `http(s)://host:port`, or `unix:` and the path of a socket.
    """
    socket = url.removeprefix("unix:") if url.startswith("unix:") else None
    base = "http://dagster" if socket is not None else url.rstrip("/")
    with httpx.Client(transport=httpx.HTTPTransport(uds=socket), timeout=WEBSERVER_SECONDS, base_url=base) as client:
        try:
            answer = client.post("/graphql", json={"query": _LOCATIONS})
            answer.raise_for_status()
        except httpx.HTTPError:
            yield Sample(told.WEBSERVER, (), 0.0)
            return
    yield Sample(told.WEBSERVER, (), 1.0)
    for entry in answer.json()["data"]["workspaceOrError"].get("locationEntries", ()):
        loaded = entry["locationOrLoadError"]
        failed = loaded is not None and loaded["__typename"] == "PythonError"
        yield Sample(told.CODE_LOCATION, (entry["name"],), float(failed))
