"""What a run that ended says of its steps and checks: which of them are wrong, and which are as they should be.

What is here: `run_observations`, for one run; `ended_runs`, those that ended lately.
What must not be here: ticks, daemons and code locations (`watching.py`), who is told (`monitoring/notices`).

A run that succeeds may still hold a failed check that does not block: Dagster tells nobody of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from credit_platform.monitoring.notices.problems import Observation, Problem, Recovery
from credit_platform.orchestration.failures import step_sentence
from credit_platform.orchestration.policies import owner_of

ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
_TYPES = {
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.RUN_SUCCESS,
    dg.DagsterEventType.RUN_FAILURE,
}


def ended_runs(instance: dg.DagsterInstance, since: float) -> list[dg.RunRecord]:
    """Runs that ended after `since` (seconds since 1970), the first to end first."""
    after = dg.RunsFilter(statuses=list(ENDED), updated_after=datetime.fromtimestamp(since, UTC))
    return list(instance.get_run_records(after, order_by="update_timestamp", ascending=True))


def run_observations(instance: dg.DagsterInstance, run_id: str, home: Path, pages: str | None) -> list[Observation]:
    """What the events of a run say; nothing of a run that is unknown.

    Args:
        instance: where it is recorded.
        run_id: which.
        home: of the platform; named where a message names no file.
        pages: address of Dagster's pages; None where nobody knows one.
    """
    run = instance.get_run_by_id(run_id)
    if run is None:
        return []
    link = f"{pages.rstrip('/')}/runs/{run_id}" if pages else f"credit-platform ui, run {run_id}"
    found = list[Observation]()
    for entry in instance.all_logs(run_id, of_type=_TYPES):
        event = entry.dagster_event
        if event is not None:
            found += _said(event, run, entry.timestamp, home, link)
    explained = any(isinstance(one, Problem) for one in found if not one.key.startswith("run:"))
    return [one for one in found if not (explained and isinstance(one, Problem) and one.key.startswith("run:"))]


def _said(event: dg.DagsterEvent, run: dg.DagsterRun, at: float, home: Path, link: str) -> Iterator[Observation]:
    kind = event.event_type
    if kind is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        yield _of_check(event.asset_check_evaluation_data, run, at, link)
    elif kind is dg.DagsterEventType.RUN_SUCCESS:
        yield Recovery(key=f"run:{run.job_name}", at=at, message=f"A run of {run.job_name} succeeded: {link}")
    elif kind is dg.DagsterEventType.RUN_FAILURE:
        message = event.message or "Dagster gave no message."
        title = f"Run of {run.job_name} failed"
        yield Problem(key=f"run:{run.job_name}", title=title, message=message, at=at, link=link, owner=owner_of(()))
    elif kind is dg.DagsterEventType.STEP_SUCCESS:
        step = event.step_key or ""
        yield Recovery(key=f"step:{step}", at=at, message=f"The step {_shown(step)} succeeded: {link}")
    elif (sentence := step_sentence(event, home)) is not None:
        step = event.step_key or ""
        title = f"{_shown(step)} failed in a run of {run.job_name}"
        owner = owner_of(step.split("__"))
        yield Problem(key=f"step:{step}", title=title, message=sentence, at=at, link=link, owner=owner)


def _of_check(evaluation: dg.AssetCheckEvaluation, run: dg.DagsterRun, at: float, link: str) -> Observation:
    table = "/".join(evaluation.asset_key.path)
    key = f"check:{table}:{evaluation.check_name}"
    if evaluation.passed:
        return Recovery(key=key, at=at, message=f"The check passed in a run of {run.job_name}: {link}")
    stops = bool(evaluation.blocking) and evaluation.severity is dg.AssetCheckSeverity.ERROR
    return Problem(
        key=key,
        title=f"Check {evaluation.check_name} of {table} " + ("failed and stopped what follows" if stops else "warns"),
        message=evaluation.description or "The check gave no reason.",
        at=at,
        severity="error" if stops or evaluation.severity is dg.AssetCheckSeverity.ERROR else "warning",
        link=link,
        owner=owner_of(evaluation.asset_key.path),
    )


def _shown(step: str) -> str:
    return step.replace("__", "/")
