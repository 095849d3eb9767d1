"""Home Credit is watched: decisions with histories, outcomes, drift, performance, and whether to train again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import pytest

from credit_platform.features import feature_version
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.modelling.splits import HOLDOUT, split
from credit_platform.monitoring.decision_log import DecisionStore, Filter
from credit_platform.monitoring.drift.drift import Level
from credit_platform.monitoring.drift.records import DRIFT, DriftRecord, PopulationShiftRecord, ReferenceRecord
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.retraining.records import DECISION, RetrainRecord
from credit_platform.monitoring.retraining.rule import Answer
from credit_platform.portfolios import get_generator
from credit_platform.portfolios.keys import champion_key, model_key, monitoring_key, scorer_key
from credit_platform.settings import Settings
from credit_platform.simulation.truth import outcome_rows, write_outcomes
from credit_platform_tests.integration.test_stored_histories import KEY, PORTFOLIO, TARGET, World, write_home
from credit_platform_tests.records import promoted_model, scorer_record
from credit_platform_tests.year.applying import apply
from credit_platform_tests.year.plan import PLANS, Plan
from credit_platform_tests.year.ticking import PAGES, begun

SCALE = 0.002
NAME = PORTFOLIO.name
YEAR = PLANS["home_credit"]
RULES = replace(YEAR.policy, maturity_months=1, least_mature_outcomes=50, least_mature_defaults=2)
PLAN: Plan = replace(
    YEAR, daily=130, drifts_after=0, broken=range(0), policy=RULES, timing=(1.0,), first=date(2031, 1, 6), kills={}
)
WORK, NIGHT = range(3), 80
"""Days of decisions, and the night in which all of their loans are mature."""
pytestmark = pytest.mark.timeout(900)
EVIDENTLY = PAGES[1]
"""It has tests of its own."""


@dataclass(frozen=True)
class Watched:
    """A home, and how many were decided about in it."""

    settings: Settings
    decisions: int

    def frame(self, name: str) -> pl.DataFrame:
        return Lakehouse(self.settings.lakehouse_root).scan(monitoring_key(NAME, name)).collect()

    def stored(self, name: str) -> StoredTable:
        return Lakehouse(self.settings.lakehouse_root).read(monitoring_key(NAME, name))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Larger loans from the first day on, told of eleven weeks later."""
    files = tmp_path_factory.mktemp("files")
    get_generator(NAME).generate(files, scale=SCALE, seed=7, drift=(), defects=(), progress=None)
    world = write_home(files, tmp_path_factory.mktemp("mes données é") / ".credit_platform")
    promote(world)
    for number in WORK:
        apply(world.settings, PLAN, number)
    tell(world.settings)
    with begun(world.settings, PLAN, NIGHT) as daemon:
        done = daemon.run(f"{NAME}_monitoring", without=(EVIDENTLY,))
        assert done.success, [event.message for event in done.all_events if event.is_failure]
    return Watched(world.settings, len(WORK) * PLAN.daily)


def promote(world: World) -> None:
    """What the graph writes of a scorer: its split, its scores of the holdout with their outcomes, its promotion."""
    known = world.features.filter(pl.col(TARGET).is_not_null())
    members = split(known.select(KEY, TARGET), PORTFOLIO, seed=7)
    held = members.filter(pl.col("fold") == HOLDOUT).join(known, on=KEY).sort(KEY)
    scores = held.select(KEY, "target").with_columns(probability=pl.Series(world.scorer.score_features(held)))
    said = {"threshold": world.scorer.threshold, "candidate": "lightgbm"}
    more = {"feature_version": feature_version(PORTFOLIO)}
    digest, folder = world.scorer.digest, world.scorer_folder
    world.lakehouse.write(model_key(NAME, "split"), members)
    made = scorer_record(digest, folder, threshold=world.scorer.threshold, candidate="lightgbm")
    world.lakehouse.write(scorer_key(NAME), scores, summary={**made.to_summary(), **more})
    promoted = promoted_model(digest, folder, threshold=world.scorer.threshold, candidate="lightgbm")
    world.lakehouse.write(champion_key(NAME), scores, summary={**promoted.to_summary(), **said, **more})


def tell(settings: Settings) -> None:
    """The lender's file."""
    store, portfolio = DecisionStore(settings.decision_log), PLAN.declared()
    rows = outcome_rows(store.each(Filter(portfolio=NAME)), PLAN.world(), portfolio, PLAN.day(NIGHT))
    store.close()
    write_outcomes(rows, settings, portfolio)


def test_decisions_tell_where_histories_came_from_and_hold_their_features(watched: Watched) -> None:
    decisions = watched.frame("decisions")
    assert decisions.height == watched.decisions
    sources = dict(decisions.group_by("histories").len().iter_rows())
    assert sources["request"] > watched.decisions // 2
    assert set(sources) <= {"request", "none"}
    of_bureau = [name for name in decisions.columns if name.startswith("bureau__")]
    with_bureau = decisions.filter(pl.col("histories") == "request").select(of_bureau)
    assert with_bureau.null_count().sum_horizontal()[0] < with_bureau.height * len(of_bureau)
    assert KEY not in decisions.columns


def test_every_outcome_belongs_to_a_decision(watched: Watched) -> None:
    outcomes, decisions = watched.frame("outcomes"), watched.frame("decisions")
    accepted = decisions.filter(pl.col("decision") == "accepted")
    assert outcomes.height == accepted.height > RULES.least_mature_outcomes
    assert outcomes.join(accepted, on=["log", "row"], how="anti").is_empty()
    assert watched.frame("outcomes__rejected").is_empty()


def test_drift_is_judged_with_and_without_histories(watched: Watched) -> None:
    reference = ReferenceRecord.of(watched.stored("reference"))
    ((strata),) = reference.models.values()
    assert set(strata) == {"stored", "none"}
    newest = DriftRecord.of(watched.stored(DRIFT)).newest
    assert newest is not None
    assert newest.decisions["28"] == watched.decisions
    assert newest.incidents == ()
    moved = watched.frame(DRIFT).filter(pl.col("drifted") & (pl.col("day") == PLAN.day(WORK[-1])))["feature"]
    assert any("credit" in name or "AMT_CREDIT" in name for name in moved), moved.to_list()
    assert newest.level == Level.RETRAIN
    assert PopulationShiftRecord.of(watched.stored("population_shift")).shift is not None


def test_performance_is_measured_on_the_accepted_and_a_refit_follows_from_it(watched: Watched) -> None:
    performance = PerformanceRecord.of(watched.stored("performance"))
    assert performance.mature_outcomes == watched.frame("outcomes").height
    answer = RetrainRecord.of(watched.stored(DECISION))
    assert answer.answer is Answer.REFIT, answer.message
    assert answer.evidence.drift_level == Level.RETRAIN
    assert answer.evidence.trainable.with_inputs == performance.mature_outcomes, "histories of requests are kept"
