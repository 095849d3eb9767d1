"""Asking anew whether to train again, where a night stopped before it came to that: nobody is to read yesterday's word.

What is here: `question_after` a run of what is watched that failed, `open_question` of a home, and what of a run's tags
says so.
What to add here: another ground on which the newest decision is out of date.
What must not be here: the answer (`monitoring/retraining`), starting a run (`retraining_sensor.py`, `runner.py`).

What a blocking check stops in a run, Dagster does not carry out: the decision comes after what broke, so it is asked in
a run of its own, which looks at what is stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import dagster as dg

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.drift.records import DRIFT
from credit_platform.monitoring.retraining.gathering import broken_feeds, refused_tables
from credit_platform.monitoring.retraining.records import RetrainRecord
from credit_platform.orchestration.jobs import monitoring_name
from credit_platform.portfolios.keys import monitoring_key, tables_of

ASKED_TAG = "credit_platform/asked_because"
"""Of a run that asks anew: what for; there is one for each."""
UNMADE_TAG = "credit_platform/not_made"
"""Of the same: tables of what is watched that a run could not make, as a JSON list."""
_CHECKS = "__checks"


def question_after(
    instance: dg.DagsterInstance, lakehouse: Lakehouse, portfolio: str, run_id: str
) -> dict[str, str] | None:
    """Tags of a run that asks anew after run `run_id` of what is watched; None where no step of that run failed.

    A run that was killed is none of these: nobody judged anything in it, and the next one does its work.
    """
    events = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    steps = {event.step_key for event in events if event.step_key}
    if not steps:
        return None
    known = {*refused_tables(lakehouse, portfolio)}
    if broken_feeds(lakehouse, portfolio):
        known.add(monitoring_key(portfolio, DRIFT))
    failed = {step.removesuffix(_CHECKS).replace("__", "/") for step in steps}
    unmade = sorted(name.removeprefix(tables_of(portfolio)) for name in failed - known)
    return {ASKED_TAG: run_id, UNMADE_TAG: json.dumps(unmade)}


def open_question(
    instance: dg.DagsterInstance, lakehouse: Lakehouse, portfolio: str, said: RetrainRecord | None
) -> dict[str, str] | None:
    """Tags of a run that asks anew now; None where the newest decision speaks of what is.

    It does not where data are refused, or are sound again, since it was made, and where the newest night failed.

    Args:
        instance: knows the runs.
        lakehouse: holds what is stored.
        portfolio: its name.
        said: the newest decision; None where there is none.
    """
    newest = instance.get_runs(dg.RunsFilter(job_name=monitoring_name(portfolio)), limit=1)
    if newest and newest[0].status is dg.DagsterRunStatus.FAILURE:
        found = question_after(instance, lakehouse, portfolio, newest[0].run_id)
        if found is not None and not _asked(instance, found):
            return found
    if said is None:
        return None
    now = (refused_tables(lakehouse, portfolio), broken_feeds(lakehouse, portfolio))
    if now == (said.evidence.failing, said.evidence.incidents):
        return None
    text = json.dumps([said.decided_at.isoformat(), *now])
    return {ASKED_TAG: hashlib.sha256(text.encode()).hexdigest()[:16]}


def unmade_of(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Tables that could not be made, as the tags of a run that asks anew say."""
    return tuple(json.loads(tags.get(UNMADE_TAG, "[]")))


def _asked(instance: dg.DagsterInstance, tags: Mapping[str, str]) -> bool:
    asked = dg.RunsFilter(tags={ASKED_TAG: tags[ASKED_TAG]}, statuses=[dg.DagsterRunStatus.SUCCESS])
    return bool(instance.get_runs(asked, limit=1))
