"""Pipeline: does Dagster do its work, what did it find, and are the tables fresh?"""

from __future__ import annotations

from credit_platform.monitoring.metrics import model, pipeline
from scripts.monitoring.panels import Dashboard, Panel, Query, read

_JOBS = "max by (portfolio, dagster_job)"
_ASSETS = "max by (portfolio, asset)"
_RAW = read(model.ROWS, 'table=~"raw/.+"')
_MONITORED = read(pipeline.MATERIALISED, 'asset=~"monitoring/.+"')
_FAILED = read(pipeline.JOB_RUNS, 'outcome="failure"')
_OK = ((None, "green"), (1, "red"))

_NOW = (
    Panel(
        title="Active runs",
        description="Runs that have not ended, by state.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"max by (state) ({read(pipeline.RUNS_ACTIVE)})", legend="{{state}}"),),
    ),
    Panel(
        title="Oldest run",
        description="Age of the oldest run of each state; six hours of running or one of waiting are a ticket.",
        unit="s",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"max by (state) ({read(pipeline.OLDEST_RUN)})", legend="{{state}}"),),
        steps=((None, "green"), (3600, "orange"), (21600, "red")),
    ),
    Panel(
        title="Checks",
        description="Asset checks by their last result.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        queries=(Query(expression=f"sum by (result) ({read(pipeline.CHECKS)})", legend="{{result}}"),),
    ),
    Panel(
        title="Code and pages",
        description="1 for a code location that does not load, and for a web server that answers.",
        unit="short",
        kind="stat",
        width=6,
        height=5,
        queries=(
            Query(expression=f"max by (location) ({read(pipeline.CODE_LOCATION)})", legend="{{location}} broken"),
            Query(expression=f"min ({read(pipeline.WEBSERVER)})", legend="web server answers"),
        ),
    ),
)
_RUNS = (
    Panel(
        title="Jobs: last success",
        description="Since the last successful run of each job ended. Jobs that never succeeded are missing.",
        unit="s",
        kind="bars",
        width=12,
        height=9,
        queries=(
            Query(
                expression=f"sort_desc(time() - {_JOBS} ({read(pipeline.JOB_LAST_SUCCESS)}))", legend="{{dagster_job}}"
            ),
        ),
        steps=((None, "green"), (129600, "orange"), (691200, "red")),
    ),
    Panel(
        title="Jobs: how long",
        description="Duration of the last successful run of each job.",
        unit="s",
        kind="bars",
        width=12,
        height=9,
        queries=(Query(expression=f"sort_desc({_JOBS} ({read(pipeline.JOB_DURATION)}))", legend="{{dagster_job}}"),),
    ),
    Panel(
        title="Runs that ended",
        description="By outcome, in each hour. What ended while the exporter was down is not counted.",
        unit="short",
        kind="stacked",
        queries=(
            Query(expression=f"sum by (outcome) (increase({read(pipeline.JOB_RUNS)}[1h]))", legend="{{outcome}}"),
        ),
        least=0,
    ),
    Panel(
        title="Runs that failed",
        description="By job, of the time shown, as far as the exporter was there. Where none did, may be empty.",
        unit="short",
        kind="table",
        decimals=0,
        queries=(
            Query(
                expression=f"sum by (dagster_job) (increase({_FAILED}[$__range])) > 0",
                legend="__auto",
            ),
        ),
    ),
    Panel(
        title="Deadline kept",
        description="1 while the daily monitoring of a portfolio has succeeded within a day and a half.",
        unit="short",
        queries=(
            Query(
                expression=f"""
                    (time() - max by (portfolio) ({read(pipeline.JOB_LAST_SUCCESS, 'dagster_job=~".+_monitoring"')}))
                      < bool 129600
                """
            ),
        ),
        least=0,
        most=1,
        decimals=0,
    ),
)
_AUTOMATION = (
    Panel(
        title="Heartbeats",
        description="Since the last heartbeat of each thread of Dagster's daemon; five minutes page.",
        unit="s",
        queries=(
            Query(expression=f"time() - max by (daemon) ({read(pipeline.DAEMON_HEARTBEAT)} > 0)", legend="{{daemon}}"),
        ),
        least=0,
    ),
    Panel(
        title="Sensors: late by",
        description="How much longer ago than its interval a sensor was asked.",
        unit="s",
        queries=(Query(expression=f"max by (instigator) ({read(pipeline.SENSOR_LAG)})", legend="{{instigator}}"),),
        least=0,
    ),
    Panel(
        title="Sensors and schedules",
        description="Whether each is on.",
        unit="short",
        kind="table",
        queries=(Query(expression=f"max by (kind, instigator) ({read(pipeline.RUNNING)})", legend="__auto"),),
    ),
)
_DATA = (
    Panel(
        title="Failing checks",
        description="Whose last result is not passed; at most ten of a portfolio. Where all pass, may be empty.",
        unit="short",
        kind="table",
        width=12,
        queries=(
            Query(
                expression=f"max by (portfolio, asset, check, severity) ({read(pipeline.CHECK_FAILING)}) == 1",
                legend="__auto",
            ),
        ),
        hidden=("Value",),
    ),
    Panel(
        title="Freshness",
        description="Assets with a freshness policy, by what Dagster's daemon says. Before it has, may be empty.",
        unit="short",
        kind="stat",
        width=6,
        queries=(Query(expression=f"sum by (state) ({read(pipeline.ASSETS_FRESH)})", legend="{{state}}"),),
    ),
    Panel(
        title="Not fresh",
        description="1 where the policy warns, 2 where it says stale; at most ten of a portfolio. May be empty.",
        unit="short",
        kind="table",
        width=6,
        queries=(Query(expression=f"{_ASSETS} ({read(pipeline.FRESHNESS)})", legend="__auto"),),
    ),
    Panel(
        title="Rows",
        description="Of the newest version of each raw table.",
        unit="short",
        width=12,
        queries=(
            Query(
                expression=f"max by (portfolio, table) ({_RAW})",
                legend="{{portfolio}}/{{table}}",
            ),
        ),
        least=0,
    ),
    Panel(
        title="Set aside",
        description="Share of a raw file's rows that broke the contract.",
        unit="percentunit",
        width=12,
        queries=(
            Query(expression=f"max by (portfolio, table) ({read(model.REJECTED)})", legend="{{portfolio}}/{{table}}"),
        ),
        least=0,
    ),
    Panel(
        title="Last materialised",
        description="Since each asset of monitoring was made. Before the first run may be empty.",
        unit="s",
        kind="bars",
        width=16,
        queries=(
            Query(
                expression=f"sort_desc(time() - {_ASSETS} ({_MONITORED}))",
                legend="{{portfolio}}/{{asset}}",
            ),
        ),
    ),
    Panel(
        title="Days missing",
        description="Partitions that exist and were never made. Where nothing is by day, may be empty.",
        unit="short",
        kind="stat",
        queries=(
            Query(expression=f"{_ASSETS} ({read(pipeline.PARTITIONS_MISSING)})", legend="{{portfolio}}/{{asset}}"),
        ),
        steps=_OK,
    ),
)
DASHBOARD = Dashboard(
    uid="credit-pipeline",
    title="Pipeline",
    description="Whether Dagster does its work, what its checks found, and whether the tables are fresh.",
    sections=(("Now", _NOW), ("Runs", _RUNS), ("Automation", _AUTOMATION), ("Data", _DATA)),
    since="now-24h",
    job="credit-platform-exporter",
)
