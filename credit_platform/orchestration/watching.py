"""What Dagster knows of what is wrong: runs that ended, sensors and schedules, daemon, code location, stale tables.

What is here: `observations_of_instance`, which needs Dagster's records only, so that the daemon can look as well as a
watcher; `daemon_observations`, what a dead daemon cannot say itself; `location_observations`, by the web server.
What must not be here: one run (`observed_runs.py`), who is told (`monitoring/notices`), the loop (`watcher.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import dagster as dg
import httpx
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, InstigatorTick, TickStatus

from credit_platform.environment import CODE_LOCATION
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Observation, Problem, Recovery
from credit_platform.orchestration.observed_runs import ended_runs, run_observations
from credit_platform.orchestration.policies import OPERATIONS, owner_of

SINCE: Final = "looking since"
UNTIL: Final = "runs until"
_OVERLAP_SECONDS: Final = 5.0
"""A run may be recorded a moment after another that ended later."""
_ENDED_TICKS: Final = [TickStatus.SKIPPED, TickStatus.SUCCESS, TickStatus.FAILURE]
_LOCATIONS: Final = """{ workspaceOrError { __typename
    ... on PythonError { message causes { message } }
    ... on Workspace { locationEntries { name loadStatus
        locationOrLoadError { __typename ... on PythonError { message causes { message } } } } } } }"""
_ASK_SECONDS: Final = 20.0
_LONGEST: Final = 500


def observations_of_instance(
    instance: dg.DagsterInstance, book: IncidentBook, home: Path, pages: str | None, now: float
) -> list[Observation]:
    """What is new in Dagster's records since the last look of anybody; nothing from before the first one.

    Raises:
        NoticeError: the memory of incidents cannot be used.
    """
    since = float(book.remembered(SINCE) or now)
    if since == now:
        book.remember(SINCE, str(now))
    until = max(float(book.remembered(UNTIL) or since), since)
    found = list[Observation]()
    for record in ended_runs(instance, max(until - _OVERLAP_SECONDS, since)):
        found += run_observations(instance, record.dagster_run.run_id, home, pages)
        until = max(until, record.update_timestamp.replace(tzinfo=record.update_timestamp.tzinfo or UTC).timestamp())
    book.remember(UNTIL, str(until))
    return [*found, *_tick_observations(instance, since, pages), *_freshness_observations(instance, now, pages)]


def daemon_observations(instance: dg.DagsterInstance, started: float, silence: float, now: float) -> list[Observation]:
    """Whether the daemon gives signs of life; nothing where none ever did.

    Args:
        instance: where its heartbeats are.
        started: when this began to watch: a silence from before is none, since everything may have been stopped.
        silence: seconds without a heartbeat after which it counts as dead.
        now: seconds since 1970.
    """
    beats = [status.last_heartbeat for status in instance.get_daemon_statuses().values() if status.last_heartbeat]
    if not beats:
        return []
    newest = max(beat.timestamp for beat in beats)
    if now - max(newest, started) <= silence:
        alive = f"The daemon of Dagster gave a sign of life at {_time(newest)}."
        return [Recovery(key="daemon", at=newest, message=alive)]
    return [
        Problem(
            key="daemon",
            title="The daemon of Dagster is dead",
            message=f"No sign of life since {_time(newest)}: no schedule, sensor or queued run starts. "
            "Start `credit-platform up` again, or the daemon where it runs by itself.",
            at=now,
            link="credit-platform up",
            owner=OPERATIONS,
        )
    ]


def location_observations(address: str, socket: Path | None, pages: str | None, now: float) -> list[Problem] | None:
    """Code locations that Dagster cannot load, as its web server says; None where that does not answer.

    Args:
        address: of the web server.
        socket: the Unix socket where it listens, if it does.
        pages: address of Dagster's pages, for a link.
        now: seconds since 1970.
    """
    if socket is not None and not socket.is_socket():
        return None
    try:
        transport = httpx.HTTPTransport(uds=None if socket is None else str(socket))
        with httpx.Client(timeout=_ASK_SECONDS, trust_env=False, transport=transport) as client:
            answer = client.post(f"{address}/graphql", json={"query": _LOCATIONS}).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    workspace = answer["data"]["workspaceOrError"]
    if workspace["__typename"] == "PythonError":
        return [_broken_location(CODE_LOCATION, _innermost(workspace), pages, now)]
    return [
        _broken_location(entry["name"], _innermost(entry["locationOrLoadError"]), pages, now)
        for entry in workspace["locationEntries"]
        if (entry["locationOrLoadError"] or {}).get("__typename") == "PythonError"
    ]


def without_contradiction(found: Sequence[Observation], locations: Sequence[Problem] | None) -> list[Observation]:
    """What was noticed, where ticks and the web server both speak of code locations: one that is broken is not well."""
    broken = {problem.key for problem in locations or ()}
    return [*(one for one in found if one.key not in broken), *(locations or ())]


def _innermost(error: Mapping[str, Any]) -> str:
    """What went wrong at the bottom: above it Dagster says only which module it was loading."""
    return str([error, *error["causes"]][-1]["message"])


def _broken_location(name: str, message: str, pages: str | None, now: float) -> Problem:
    said = " ".join(message.split())[:_LONGEST] or "Dagster gave no message."
    return Problem(
        key=f"location:{name}",
        title=f"Dagster cannot load the code location {name}",
        message=f"{said} No sensor, schedule or run of it works until it loads: mend it, then *Reload* it.",
        at=now,
        link=_link(pages, "deployment/locations"),
        owner=OPERATIONS,
    )


def _tick_observations(instance: dg.DagsterInstance, since: float, pages: str | None) -> Iterator[Observation]:
    """What the last look of each sensor and schedule says; where none of them is reached, that is one problem."""
    newest = dict[str, tuple[InstigatorTick, bool]]()
    for state in instance.all_instigator_state():
        if state.status is InstigatorStatus.STOPPED:
            continue
        ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1, statuses=_ENDED_TICKS)
        if not ticks or ticks[0].timestamp < since:
            continue
        tick, location = ticks[0], state.origin.repository_origin.code_location_origin.location_name
        unreached = tick.error is not None and tick.error.cls_name == DagsterUserCodeUnreachableError.__name__
        if location not in newest or tick.timestamp >= newest[location][0].timestamp:
            newest[location] = (tick, unreached)
        if not unreached:
            yield _of_tick(state, tick, pages)
    for location, (tick, unreached) in newest.items():
        key = f"location:{location}"
        if unreached:
            yield _broken_location(location, "Its process does not answer.", pages, tick.timestamp)
        else:
            yield Recovery(key=key, at=tick.timestamp, message=f"The code location {location} answers.")


def _of_tick(state: InstigatorState, tick: InstigatorTick, pages: str | None) -> Observation:
    name = state.instigator_name
    kind = "schedule" if state.instigator_type is InstigatorType.SCHEDULE else "sensor"
    if tick.status is not TickStatus.FAILURE:
        return Recovery(key=f"{kind}:{name}", at=tick.timestamp, message=f"The {kind} {name} works again.")
    innermost = tick.error
    while innermost is not None and innermost.cause is not None:
        innermost = innermost.cause
    message = innermost.message.strip() if innermost is not None else "Dagster gave no message."
    return Problem(
        key=f"{kind}:{name}",
        title=f"The {kind} {name} fails",
        message=message,
        at=tick.timestamp,
        link=_link(pages, f"locations/__repository__@{CODE_LOCATION}/{kind}s/{name}"),
        owner=OPERATIONS,
    )


def _freshness_observations(instance: dg.DagsterInstance, now: float, pages: str | None) -> Iterator[Observation]:
    for key, record in instance.get_freshness_state_records(instance.all_asset_keys()).items():
        table = "/".join(key.path)
        if record.freshness_state is FreshnessState.FAIL:
            yield Problem(
                key=f"stale:{table}",
                title=f"{table} is stale",
                message="It was not made anew by the time that its freshness policy names: see why its job did not.",
                at=now,
                severity="warning",
                link=_link(pages, f"assets/{table}"),
                owner=owner_of(key.path),
            )
        elif record.freshness_state is FreshnessState.PASS:
            yield Recovery(key=f"stale:{table}", at=now, message=f"{table} is as fresh as its policy wants.")


def _link(pages: str | None, path: str) -> str:
    return f"{pages.rstrip('/')}/{path}" if pages else "credit-platform ui"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
