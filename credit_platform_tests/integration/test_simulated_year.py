"""A home that begins anew every night, through drift, late outcomes, a broken feed and kill -9: trained again once.

Seven weeks of it are part of the suite; the whole year, of both portfolios, is `make test-year`.
"""

from __future__ import annotations

import shutil
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from credit_platform.monitoring.decisions.schema import decisions_key
from credit_platform.monitoring.drift.drift import Level
from credit_platform.monitoring.retraining.rule import Answer
from credit_platform.portfolios import get_generator
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import CANDIDATES, FinishedRun
from credit_platform_tests.year.killed import live
from credit_platform_tests.year.plan import NIGHT, PLANS, Plan
from credit_platform_tests.year.ticking import Moving, begun, tick
from credit_platform_tests.year.told import (
    Run,
    answers_of,
    champions_of,
    costs_of,
    drift_of,
    incidents_of,
    killed_runs,
    open_incidents_of,
    runs_of,
)

SCALE = 0.01
"""Of home_credit."""
NEW = 4000
"""Applicants on whom champions are compared."""


@pytest.mark.timeout(1500)
def test_seven_weeks(finished: FinishedRun, tmp_path: Path) -> None:
    """Drift from the second day; what speaks for a refit is all there on day 42, and the feed is broken then."""
    home = tmp_path / "mon été"
    shutil.copytree(finished.settings.home, home)
    settings = Settings(home=home, tuning_trials=1, candidates=CANDIDATES[:1])
    plan, before = PLANS["short"], killed_runs(settings)
    live(settings, "short")
    assert runs_of(settings, plan) == expected(plan, refit_on=45)
    assert killed_runs(settings) - before == len(plan.kills)
    judged(settings, plan)


@pytest.mark.year
@pytest.mark.timeout(12 * 3600)
@pytest.mark.parametrize("name", ["german_credit", "home_credit", "german_weeks"])
def test_a_year(name: str, tmp_path: Path) -> None:
    """A restart each night, ten of them by kill -9; and the same year without any."""
    plan, settings = PLANS[name], founded(name, tmp_path / "begun anew")
    started = time.monotonic()
    live(settings, name)
    say(f"{name}: {len(plan.days)} nights in {time.monotonic() - started:.0f} s")
    assert killed_runs(settings) == len(plan.kills)
    judged(settings, plan)
    costs = costs_of(settings, plan, applicants=NEW)
    say(f"{name}: cost per applicant after the drift, first champion and retrained one: {costs}")
    assert costs[-1] < costs[0]
    other = founded(name, tmp_path / "never")
    clock = Moving(plan.at(0, NIGHT))
    with begun(other, plan, 0, clock) as daemon:
        for number in plan.days:
            clock.moment = plan.at(number, NIGHT)
            tick(other, plan, number, daemon)
    assert runs_of(settings, plan) == runs_of(other, plan)
    assert [one.digest for one in champions_of(settings, plan)] == [one.digest for one in champions_of(other, plan)]


def say(what: str) -> None:
    """Tell whoever lives the year how it goes."""
    sys.stdout.write(f"{what}\n")


def founded(name: str, home: Path) -> Settings:
    """A home in which the whole graph ran on the first day."""
    settings, plan = Settings(home=home, tuning_trials=1, candidates=CANDIDATES[:1]), PLANS[name]
    portfolio = plan.declared()
    if portfolio.bundled_raw is None:
        raw, generator = settings.raw_folder(portfolio.name), get_generator(portfolio.name)
        generator.generate(raw, scale=SCALE, seed=settings.seed, drift=(), defects=(), progress=None)
    with begun(settings, plan, 0) as daemon:
        assert daemon.run(portfolio.name).success
    return settings


def failing(plan: Plan) -> list[int]:
    """Nights in which the day before is one of the broken feed."""
    seen = {number: max((day for day in plan.days if day < number), default=-1) for number in plan.days}
    return [number for number, newest in seen.items() if newest in plan.broken]


def expected(plan: Plan, refit_on: int) -> list[Run]:
    """A night each day; while the feed is broken it fails, and whether to train is asked all the same; one refit."""
    found = []
    for number in plan.days:
        name, night = plan.portfolio, plan.at(number, NIGHT).isoformat()
        fails = number in failing(plan)
        found.append(Run(job=f"{name}_monitoring", key=night, status="FAILURE" if fails else "SUCCESS"))
        if fails:
            found.append(Run(job=f"{name}_retrain_decision", key="", status="SUCCESS"))
        if number == refit_on:
            found.append(Run(job=f"{name}_refit", key="", status="SUCCESS"))
    return found


def judged(settings: Settings, plan: Plan) -> None:
    """One refit and one promotion, none for the broken feed, one data incident, and a true word in every night."""
    name = plan.portfolio
    refits = [run for run in runs_of(settings, plan) if run.job == f"{name}_refit"]
    assert [run.status for run in refits] == ["SUCCESS"]
    champions = champions_of(settings, plan)
    assert len({champion.digest for champion in champions}) == 2
    alarmed, mended = (list(drift_of(settings, plan, one.digest).values()) for one in champions)
    assert Level.RETRAIN in alarmed
    assert Level.STABLE in mended
    assert Level.RETRAIN not in mended, "whoever still comes is whom the refit learnt of"
    (feed,) = {plan.at(number, NIGHT) for number in failing(plan)[:1]}
    promoted = champions[-1].promoted_at
    assert promoted is not None
    by_night = {one.decided_at: one for one in answers_of(settings, plan)}
    for number in plan.days:
        said = by_night[plan.at(number, NIGHT)]
        if number in failing(plan):
            assert said.answer is Answer.NONE
            assert said.evidence.failing == (decisions_key(name),)
            assert "Data checks fail" in said.message
        else:
            assert said.evidence.failing == said.evidence.incidents == ()
    assert not any(str((feed + timedelta(days=day)).date()) in promoted for day in range(len(plan.broken)))
    assert incidents_of(settings)[f"check:{decisions_key(name)}:feed_whole"] == 1
    assert not {key for key in open_incidents_of(settings) if name in key and "feed" in key}
