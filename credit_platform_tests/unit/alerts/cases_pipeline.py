"""Stories of Dagster, of what watches it, and of the watchers."""

from __future__ import annotations

from functools import partial

from credit_platform_tests.unit.alerts.cases_service import gauge, service_up
from credit_platform_tests.unit.alerts.stories import CALM, HOUR, turns, wait_of
from credit_platform_tests.unit.alerts.timelines import Case, Line


def aged(alert: str, name: str, bound: int, **labels: str) -> list[Case]:
    """A moment that is told once and grows old: `bound` and its wait later the alert fires."""
    wait = wait_of(alert)

    def case(told: str, minute: int, firing: int) -> Case:
        return Case(
            alert=alert, told=told, lines=[gauge(name, **labels).at(0, minute + 5)], minute=minute, firing=firing
        )

    renewed = gauge(name, **labels)
    for moment in range(0, 4 * bound, 4):
        renewed.at(moment * 60, 4)
    return [
        case("fires", bound + wait + 2, 1),
        case("silent before its time", bound + wait - 1, 0),
        case("silent before its age", bound - 1, 0),
        Case(alert=alert, told="silent when it is renewed", lines=[renewed], minute=3 * bound, firing=0),
    ]


def stuck() -> list[Case]:
    cases = []
    for state, bound in (("running", 6 * HOUR), ("queued", HOUR), ("starting", 15), ("canceling", 15)):
        cases += turns(
            "RunStuck",
            partial(gauge, "dagster_oldest_run_age_seconds", state=state),
            good=0,
            bad=bound * 60 * 1.2,
            almost=bound * 60 * 0.8,
            label=state,
        )
    return cases


def failed() -> list[Case]:
    alert, job = "JobFailed", "german_credit_monitoring"
    wait = wait_of(alert)

    def case(told: str, outcome: str, minute: int, firing: int) -> Case:
        line = gauge("dagster_job_runs_total", dagster_job=job, outcome=outcome)
        return Case(alert=alert, told=told, lines=[line.at(0, CALM).at(1, 300)], minute=minute, firing=firing)

    return [
        case("fires", "failure", CALM + wait + 1, 1),
        case("silent before its time", "failure", CALM + wait - 1, 0),
        case("silent hours later", "failure", CALM + 2 * HOUR, 0),
        case("silent when it succeeded", "success", CALM + wait + 1, 0),
    ]


def daemon() -> list[Case]:
    never = gauge("dagster_daemon_heartbeat_timestamp_seconds", daemon="SENSOR").at(0, 60)
    return [
        *aged("DaemonDead", "dagster_daemon_heartbeat_timestamp_seconds", 5, daemon="SENSOR"),
        Case(alert="DaemonDead", told="fires when it never lived", lines=[never], minute=30, firing=1),
    ]


def absent(job: str, other: Line) -> list[Case]:
    """A target goes out of the file; the other one stays."""
    alert = "TargetsAbsent"
    wait = wait_of(alert)
    # Without the marker that Prometheus writes when a target goes, the last sample counts for five minutes.
    there = 5

    def line() -> Line:
        return Line.of("up", job=job).at(1, CALM).gone(100)

    still = other.at(1, 200)
    return [
        Case(alert=alert, told=f"{job} fires", lines=[line(), still], minute=CALM + there + wait + 1, firing=1),
        Case(
            alert=alert,
            told=f"{job} silent before its time",
            lines=[line(), still],
            minute=CALM + wait - 1 + 4,
            firing=0,
        ),
        Case(
            alert=alert,
            told=f"{job} silent while it is down",
            lines=[Line.of("up", job=job).at(0, 100), still],
            minute=60,
            firing=0,
        ),
    ]


def undelivered() -> list[Case]:
    alert = "NotificationsFailing"

    def line() -> Line:
        return Line.of("alertmanager_notifications_failed_total", integration="slack")

    return [
        Case(alert=alert, told="fires", lines=[line().at(0, 10).grow(1, 10).grow(0, 30)], minute=17, firing=1),
        Case(alert=alert, told="silent at first", lines=[line().at(0, 10).grow(1, 10)], minute=14, firing=0),
        Case(alert=alert, told="silent later", lines=[line().at(0, 10).grow(1, 3).at(3, 60)], minute=60, firing=0),
    ]


def collector() -> list[Case]:
    alert = "ExporterFailing"
    return [
        *turns(alert, lambda: gauge("exporter_collector_success", collector="tables"), good=1, bad=0, label="success"),
        *turns(
            alert,
            lambda: gauge("exporter_collector_age_seconds", collector="tables"),
            good=10,
            bad=1100,
            almost=700,
            label="age",
        ),
    ]


def watchdog() -> list[Case]:
    return [
        Case(alert="Watchdog", told="fires with nothing else there", lines=[service_up().at(1, 5)], minute=0, firing=1),
        # There is no world in which it is silent but one without rules: count another alert there.
        Case(alert="Watchdog", told="fires while all is down", lines=[service_up().at(0, 60)], minute=30, firing=1),
    ]


CASES = [
    *turns("CheckFailing", lambda: gauge("asset_check_failing", severity="warning"), good=None, bad=1),
    *turns("AssetStale", lambda: gauge("asset_freshness"), good=None, bad=2, almost=1),
    *stuck(),
    *failed(),
    *aged(
        "MonitoringOverdue",
        "dagster_job_last_success_timestamp_seconds",
        36 * HOUR,
        dagster_job="german_credit_monitoring",
    ),
    *daemon(),
    *turns("DaemonFailing", lambda: gauge("dagster_daemon_errors", daemon="SENSOR"), good=0, bad=1),
    *turns("TickFailing", lambda: gauge("dagster_tick_failed", kind="sensor"), good=0, bad=1),
    *turns("SensorLate", lambda: gauge("dagster_sensor_lag_seconds"), good=0, bad=720, almost=480),
    *turns("CodeLocationBroken", lambda: gauge("dagster_code_location_error"), good=0, bad=1),
    *turns("DagsterPageDown", lambda: gauge("dagster_webserver_reachable"), good=1, bad=0),
    *absent("credit-platform-service", Line.of("up", job="credit-platform-exporter")),
    *absent("credit-platform-exporter", service_up()),
    *turns("ExporterDown", lambda: Line.of("up", job="credit-platform-exporter"), good=1, bad=0),
    *collector(),
    *undelivered(),
    *watchdog(),
]
