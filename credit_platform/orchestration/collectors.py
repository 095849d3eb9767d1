"""What the exporter tells about Dagster, read from its instance and asked of its web server.

What is here: `dagster_collectors`; those of assets and checks are in `asset_collectors.py`.
What to add here: another figure of runs, sensors, schedules or daemons, after its metric is in the catalogue.
What must not be here: starting, stopping or changing anything; serving (`monitoring/exporter`).

Names (of jobs, assets, checks, sensors) come from the definitions, so that what never ran is told, too, and what is
gone from the code is not told any more. They are loaded at the first look, in the background. The instance is opened
when its files are there: whoever runs first makes them, and two must not do so at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import dagster as dg
import httpx
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickStatus
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from credit_platform.monitoring.exporter.background import Collector, Sample
from credit_platform.monitoring.metrics import pipeline as told
from credit_platform.orchestration.asset_collectors import Checks, assets
from credit_platform.orchestration.observed import Pipeline
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
OVERLAP_SECONDS = 60.0
WEBSERVER_SECONDS = 5.0
_LOCATIONS = "{workspaceOrError{... on Workspace{locationEntries{name locationOrLoadError{__typename}}}}}"


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
    """Counts the runs that ended since it was made, and keeps the last success of each job."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Count from now on."""
        self._pipeline = pipeline
        self._began = self._from = time.time()
        self._counted: set[str] = set()
        self._ended: Counter[tuple[str, str]] = Counter()
        self._last: dict[str, dg.RunRecord | None] = {}

    def collect(self) -> Iterator[Sample]:
        """Outcomes so far, and the last success of each job."""
        instance = self._pipeline.instance
        if instance is None:
            return
        names = self._pipeline.repository.job_names
        for name in names:
            if name not in self._last:  # once: from then on, what ends is seen
                succeeded = dg.RunsFilter(job_name=name, statuses=[dg.DagsterRunStatus.SUCCESS])
                self._last[name] = next(iter(instance.get_run_records(succeeded, limit=1)), None)
        self._count(instance)
        for name in names:
            yield from self._of(name)

    def _of(self, name: str) -> Iterator[Sample]:
        labels = (self._pipeline.owner(name), name)
        for outcome in told.OUTCOMES:
            count = self._ended[(name, outcome)]
            if count or outcome != "canceled":
                yield Sample(told.JOB_RUNS, (*labels, outcome), count)
        last = self._last[name]
        if last is not None and last.end_time is not None and last.start_time is not None:
            yield Sample(told.JOB_LAST_SUCCESS, labels, last.end_time)
            yield Sample(told.JOB_DURATION, labels, last.end_time - last.start_time)

    def _count(self, instance: dg.DagsterInstance) -> None:
        since = datetime.fromtimestamp(self._from, UTC)
        for record in instance.get_run_records(dg.RunsFilter(statuses=list(ENDED), updated_after=since)):
            run, ended = record.dagster_run, record.end_time or 0.0
            # Two that end at once may be recorded in another order than they are seen.
            self._from = max(self._from, record.update_timestamp.timestamp() - OVERLAP_SECONDS)
            if run.run_id in self._counted or ended < self._began:
                continue
            self._counted.add(run.run_id)
            self._ended[(run.job_name, ENDED[run.status])] += 1
            before = self._last.get(run.job_name)
            if run.is_success and (before is None or ended >= (before.end_time or 0.0)):
                self._last[run.job_name] = record


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
    if socket is not None and not Path(socket).is_socket():
        yield Sample(told.WEBSERVER, (), 0.0)
        return
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
