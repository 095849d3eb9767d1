"""The metrics of the pipeline: what Dagster does, as its instance says, and of the exporter itself.

What is here: `EXPORTER` and `PIPELINE`.
What to add here: a metric that a collector of `orchestration/collectors.py` reads.
What must not be here: reading. The label is `dagster_job`, not `job`: that is Prometheus' name for who was scraped.

Moments are told as timestamps where the value stays true while nobody looks: `time() - x` is an age that keeps growing.
"""

from __future__ import annotations

from credit_platform.monitoring.metrics.metric import Label, counter, gauge

DAEMONS = ("SENSOR", "SCHEDULER", "BACKFILL", "ASSET", "QUEUED_RUN_COORDINATOR", "MONITORING", "FRESHNESS_DAEMON")
"""Threads of Dagster's daemon that this platform runs, by Dagster's names for them."""
ACTIVE = ("queued", "starting", "running", "canceling")
OUTCOMES = ("success", "failure", "canceled")
FRESHNESS_STATES = ("fresh", "warning", "stale")
NAMED = 10
"""Stale assets, and failing checks, of a portfolio that are told one by one."""
RESULTS = ("passed", "warned", "failed")
PORTFOLIO = Label(name="portfolio", source="portfolios of the installation")
_COLLECTOR = Label(name="collector", source="collectors of the exporter")
_JOB = Label(name="dagster_job", source="jobs that the definitions declare")
_ASSET = Label(name="asset", source="assets that the definitions declare, `<layer>/<name>`")
_KIND = Label(name="kind", values=("sensor", "schedule"))
_INSTIGATOR = Label(name="instigator", source="sensors and schedules that the definitions declare")
_SHARED = "those of no portfolio have an empty one"
_OF_PORTFOLIO = Label(name="portfolio", source=f"portfolios of the installation; {_SHARED}")

COLLECTOR_SUCCESS = gauge(
    "exporter_collector_success",
    "1 when the last look of a collector succeeded, 0 when it failed or has not ended in time.",
    "1/0",
    _COLLECTOR,
    blind="0 until the first look has ended.",
)
COLLECTOR_AGE = gauge(
    "exporter_collector_age_seconds",
    "Time since the collector's figures were read; since the exporter started, where none ever were.",
    "seconds",
    _COLLECTOR,
    blind="How old what was read is itself.",
)
COLLECTOR_DURATION = gauge(
    "exporter_collector_duration_seconds",
    "How long the last look took; of one that has not ended, how long it takes so far.",
    "seconds",
    _COLLECTOR,
    blind="Looks before the last one.",
)
EXPORTER_INFO = gauge(
    "exporter_info", "1 for the exporter's version.", "1/0", Label(name="version", source="of the package"), blind="-"
)
OPEN_FOR_BUSINESS = gauge(
    "open_for_business",
    "1 within the hours and days in which the portfolio's lender is open, in its time zone, else 0.",
    "1/0",
    PORTFOLIO,
    blind="Public holidays.",
)
EXPORTER = (COLLECTOR_SUCCESS, COLLECTOR_AGE, COLLECTOR_DURATION, EXPORTER_INFO, OPEN_FOR_BUSINESS)

DAEMON_HEARTBEAT = gauge(
    "dagster_daemon_heartbeat_timestamp_seconds",
    "Last heartbeat of a thread of Dagster's daemon; 0 when it never had one.",
    "timestamp",
    Label(name="daemon", values=DAEMONS),
    blind="A heart that beats while its work fails: see ticks.",
)
DAEMON_ERRORS = gauge(
    "dagster_daemon_errors",
    "Errors that the last heartbeat of a daemon thread reported.",
    "errors",
    Label(name="daemon", values=DAEMONS),
    blind="Errors of ticks: those are recorded with the tick.",
)
RUNS_ACTIVE = gauge(
    "dagster_runs_active",
    "Runs that have not ended, by state.",
    "runs",
    Label(name="state", values=ACTIVE),
    blind="A run whose process was killed counts until run monitoring or the next run finds out.",
)
OLDEST_RUN = gauge(
    "dagster_oldest_run_age_seconds",
    "Age of the oldest run in a state since it was created; 0 when there is none.",
    "seconds",
    Label(name="state", values=ACTIVE),
    blind="Which run it is: see Dagster's page of runs.",
)
JOB_RUNS = counter(
    "dagster_job_runs_total",
    "Runs that ended since the exporter started, by job and outcome; `canceled` is there once it happened.",
    "runs",
    _OF_PORTFOLIO,
    _JOB,
    Label(name="outcome", values=OUTCOMES),
    blind="What ended while the exporter was down: see dagster_job_last_success_timestamp_seconds.",
)
JOB_LAST_SUCCESS = gauge(
    "dagster_job_last_success_timestamp_seconds",
    "When the last successful run of a job ended; absent when there was none.",
    "timestamp",
    _OF_PORTFOLIO,
    _JOB,
    blind="Whether it did all its work: a check that does not block leaves a run successful.",
)
JOB_DURATION = gauge(
    "dagster_job_last_duration_seconds",
    "How long the last successful run of a job took; absent when there was none.",
    "seconds",
    _OF_PORTFOLIO,
    _JOB,
    blind="Time in the queue. A run with one partition or a retry from failure is shorter than a whole one.",
)
MATERIALISED = gauge(
    "asset_last_materialisation_timestamp_seconds",
    "When an asset was last materialised; absent when it never was.",
    "timestamp",
    PORTFOLIO,
    _ASSET,
    blind="Whether anything changed: an asset whose input is the same is materialised, too.",
)
ASSETS_FRESH = gauge(
    "assets_by_freshness",
    "Assets with a freshness policy, by what it says of them.",
    "assets",
    PORTFOLIO,
    Label(name="state", values=FRESHNESS_STATES),
    blind="Judged by Dagster's daemon: while that is dead the last word stays.",
)
FRESHNESS = gauge(
    "asset_freshness",
    "1 for an asset of which its policy warns, 2 for a stale one; absent for a fresh one. At most 10 of a portfolio, "
    "stale ones first.",
    "1/2",
    PORTFOLIO,
    _ASSET,
    blind="The eleventh: see assets_by_freshness. While Dagster's daemon is dead the last word stays.",
)
CHECKS = gauge(
    "asset_checks",
    "Asset checks by their last result: passed, warned (failed with severity warning) or failed.",
    "checks",
    PORTFOLIO,
    Label(name="result", values=RESULTS),
    blind="Checks that never ran. A result may be older than the newest version of its table.",
)
CHECK_FAILING = gauge(
    "asset_check_failing",
    "1 for a check whose last result is not passed; at most 10 of a portfolio, failed ones first.",
    "1/0",
    PORTFOLIO,
    _ASSET,
    Label(name="check", source="checks that the definitions declare"),
    Label(name="severity", values=("warning", "error")),
    blind="The eleventh: see asset_checks.",
)
PARTITIONS_MISSING = gauge(
    "asset_partitions_missing",
    "Partitions of an asset that exist and were never materialised.",
    "partitions",
    PORTFOLIO,
    _ASSET,
    blind="Days that no sensor has made a partition of.",
)
RUNNING = gauge(
    "dagster_instigator_running",
    "1 when a sensor or schedule is on, 0 when it is off.",
    "1/0",
    _OF_PORTFOLIO,
    _KIND,
    _INSTIGATOR,
    blind="Whether the daemon that asks it lives.",
)
TICK_FAILED = gauge(
    "dagster_tick_failed",
    "1 when the last tick of a sensor or schedule that ended has failed, else 0; absent before the first one.",
    "1/0",
    _OF_PORTFOLIO,
    _KIND,
    _INSTIGATOR,
    blind="Failures before the last tick.",
)
SENSOR_LAG = gauge(
    "dagster_sensor_lag_seconds",
    "How much longer ago than its interval a running sensor was asked; 0 when it is in time, absent when it is off.",
    "seconds",
    _OF_PORTFOLIO,
    Label(name="instigator", source="sensors that the definitions declare"),
    blind="A sensor that was never asked.",
)
CODE_LOCATION = gauge(
    "dagster_code_location_error",
    "1 when Dagster's web server could not load a code location, else 0; absent where no web server is named.",
    "1/0",
    Label(name="location", source="workspace.yaml"),
    blind="What the daemon loaded: it may have read the code at another time.",
)
WEBSERVER = gauge(
    "dagster_webserver_reachable",
    "1 when Dagster's web server answers, else 0; absent where none is named.",
    "1/0",
    blind="The guard before it.",
)
PIPELINE = (
    *(DAEMON_HEARTBEAT, DAEMON_ERRORS, RUNS_ACTIVE, OLDEST_RUN, JOB_RUNS, JOB_LAST_SUCCESS),
    *(
        JOB_DURATION,
        MATERIALISED,
        ASSETS_FRESH,
        FRESHNESS,
        CHECKS,
        CHECK_FAILING,
        PARTITIONS_MISSING,
        RUNNING,
        TICK_FAILED,
    ),
    *(SENSOR_LAG, CODE_LOCATION, WEBSERVER),
)
