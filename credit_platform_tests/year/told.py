"""What came of a year: runs, answers, champions, incidents, and what champions cost on applicants who are new."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import dagster as dg
import numpy as np
from dagster._core.storage.tags import RUN_KEY_TAG

from bento.errors import ApiError
from bento.runtime.engine import Engine
from credit_platform.governance.records import PromotedModel
from credit_platform.governance.subject import load_scorer
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.drift.records import DRIFT, DriftRecord
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.retraining.records import DECISION, RetrainRecord
from credit_platform.portfolios.keys import champion_key, monitoring_key
from credit_platform.scoring.rule import ACCEPTED
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.year.applying import asked, bodies
from credit_platform_tests.year.plan import Plan
from credit_platform_tests.year.ticking import was_killed

_MANY = 100_000


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run that was not killed."""

    job: str
    key: str
    """Its run key, without the number of the attempt."""
    status: str


def runs_of(settings: Settings, plan: Plan) -> list[Run]:
    """Every run that came to an end by itself and that a schedule or a sensor asked for, the first one first."""
    with tool_environment(settings), dg.DagsterInstance.get() as instance:
        found = [
            run for run in instance.get_runs() if RUN_KEY_TAG in run.tags and run.job_name.startswith(plan.portfolio)
        ]
        kept = [run for run in reversed(found) if not was_killed(instance, run)]
        return [Run(job=run.job_name, key=_key(run), status=run.status.value) for run in kept]


def _key(run: dg.DagsterRun) -> str:
    """Of a night its day; of what a sensor asked for the evidence, if it has a name that lasts."""
    key = run.tags[RUN_KEY_TAG]
    return key if key.startswith("20") else ""


def killed_runs(settings: Settings) -> int:
    """How many runs were killed."""
    with tool_environment(settings), dg.DagsterInstance.get() as instance:
        return sum(was_killed(instance, run) for run in instance.get_runs())


def answers_of(settings: Settings, plan: Plan) -> list[RetrainRecord]:
    """Every answer whether to train again, the oldest first."""
    key = monitoring_key(plan.portfolio, DECISION)
    found = Lakehouse(settings.lakehouse_root).records(key)
    return [RetrainRecord.from_summary(summary, key) for _, summary in reversed(found)]


def champions_of(settings: Settings, plan: Plan) -> list[PromotedModel]:
    """Every champion, the first one first."""
    lakehouse, key = Lakehouse(settings.lakehouse_root), champion_key(plan.portfolio)
    return [PromotedModel.of(lakehouse.read(key, one.version)) for one in reversed(lakehouse.versions(key))]


def drift_of(settings: Settings, plan: Plan, model: str) -> dict[str, str]:
    """Day to the level of drift, of the days on which a model decided."""
    record = DriftRecord.of(Lakehouse(settings.lakehouse_root).read(monitoring_key(plan.portfolio, DRIFT)))
    return {day: one.level for day, models in record.days.items() for one in models if one.model == model}


def incidents_of(settings: Settings) -> Counter[str]:
    """How often each thing was an incident of its own, by its key."""
    return Counter(str(row.key) for row in IncidentBook.of(settings).incidents(_MANY))


def open_incidents_of(settings: Settings) -> set[str]:
    """What is still wrong, by its key."""
    return {str(row.key) for row in IncidentBook.of(settings).open_incidents()}


def costs_of(settings: Settings, plan: Plan, *, applicants: int) -> list[float]:
    """What each champion costs per applicant on the same new ones after the drift, by their true probabilities."""
    portfolio, lakehouse = plan.declared(), Lakehouse(settings.lakehouse_root)
    sent, world = bodies(settings, plan, plan.days[-1] + 1, count=applicants, called="new"), plan.world()
    costs = []
    for version in reversed(lakehouse.versions(champion_key(portfolio.name))):
        stored = lakehouse.read(champion_key(portfolio.name), version.version)
        engine = Engine(load_scorer(stored, portfolio, Shelf.of(settings)))
        scored = [one for one in engine.score_many(asked(engine, sent)) if not isinstance(one, ApiError)]
        odds = np.array([world.truth.log_odds(one.features, world.concept) for one in scored])
        bad = 1.0 / (1.0 + np.exp(-odds))
        accepted = np.array([one.decision.decision == ACCEPTED for one in scored])
        matrix = portfolio.costs
        each = np.where(accepted, bad * matrix.false_negative, (1.0 - bad) * matrix.false_positive)
        costs.append(float(each.mean()))
    return costs
