"""Every asset of monitoring, as the graph names them: twice, days out of order, after an erasure, without decisions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import Act, DecisionStore, Filter
from credit_platform.monitoring.drift import evidently_report
from credit_platform.monitoring.drift.evidently_page import EvidentlyPage
from credit_platform.monitoring.retraining.records import TAKEN_IN
from credit_platform.orchestration.recorded_runs import process_tags
from credit_platform.settings import Settings
from credit_platform.simulation.truth import outcome_rows, write_outcomes
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.year.applying import apply
from credit_platform_tests.year.plan import PLANS
from credit_platform_tests.year.ticking import Daemon, begun

NAME = "german_credit"
GOLDEN = Path(__file__).parent / "golden" / "asset_specs.json"
ASSETS = tuple(
    key
    for key, spec in json.loads(GOLDEN.read_text("utf-8"))["assets"].items()
    if spec["group"] == f"{NAME}_monitoring"
)
"""Of the pinned graph, which `test_asset_specs.py` holds against the real one."""
LATER = f"{NAME}/monitoring/{TAKEN_IN}"
"""What a refit makes and no night."""
OF_NOW = ("seconds", "made_at", "began_at", "decided_at")
"""Columns of when something was made."""
PLAN = replace(PLANS["short"], daily=90, broken=range(0), drifts_after=0)
WORK, NIGHT = (0, 1, 2), 45
ACT = Act(person="K. Auditor", reason="a test", account="tester")
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True)
class Seen:
    """A table as it was found."""

    rows: pl.DataFrame
    summary: Mapping[str, Any]


Tables = Mapping[str, Seen]


def tables_of(settings: Settings) -> dict[str, Seen]:
    """Every asset's rows, in an order of their own, without when they were made."""
    lakehouse, found = Lakehouse(settings.lakehouse_root), {}
    for key in ASSETS:
        if lakehouse.latest(key) is not None:
            stored = lakehouse.read(key)
            rows = stored.frame.drop(OF_NOW, strict=False).collect()
            found[key] = Seen(rows.sort(rows.columns) if rows.width else rows, stored.summary)
    return found


def run(daemon: Daemon, job: str, *, day: str | None = None, only: str | None = None) -> dg.ExecuteInProcessResult:
    """A job, of one day where there is one, or one table of it."""
    if day is not None:
        daemon.instance.add_dynamic_partitions(f"{NAME}_days", [day])
    return daemon.definitions.resolve_job_def(job).execute_in_process(
        instance=daemon.instance,
        tags=process_tags(),
        partition_key=day,
        asset_selection=None if only is None else [dg.AssetKey(only.split("/"))],
        run_config=_QUIET,
        raise_on_error=False,
    )


@contextmanager
def copied(home: Path, folder: Path) -> Iterator[tuple[Settings, Daemon]]:
    """The same home once more, with a daemon in the night that all loans are mature."""
    shutil.copytree(home, folder)
    settings = Settings(home=folder)
    with begun(settings, PLAN, NIGHT) as daemon:
        yield settings, daemon


def watched(settings: Settings, daemon: Daemon) -> Tables:
    """What a night makes, and then whom a refit takes in."""
    night = run(daemon, f"{NAME}_monitoring")
    assert night.success, [event.message for event in night.all_events if event.is_failure]
    made = tables_of(settings)
    refit = run(daemon, f"{NAME}_refit", only=LATER)
    assert refit.success, [event.message for event in refit.all_events if event.is_failure]
    return {**made, LATER: tables_of(settings)[LATER]}


def without_anybody(settings: Settings, daemon: Daemon) -> Tables:
    """The same where nobody was decided about: a refit is refused, in words."""
    assert run(daemon, f"{NAME}_monitoring").success
    refit = run(daemon, f"{NAME}_refit", only=LATER)
    (failed,) = [event for event in refit.all_events if event.is_step_failure]
    error = failed.step_failure_data.error
    assert error is not None
    said = {"message": str(error.message).strip()}
    return {**tables_of(settings), LATER: Seen(pl.DataFrame(), said)}


def erase(settings: Settings, applicant: str) -> None:
    store = DecisionStore(settings.decision_log)
    assert store.erase(applicant, ACT)
    store.close()


def quick_page(
    path: Path, before: pl.DataFrame, now: pl.DataFrame, names: list[str], *, synthetic: bool
) -> EvidentlyPage:
    """Evidently's page has tests of its own, and takes longer than all else together."""
    path.write_text(f"{synthetic}", encoding="utf-8")
    sizes = (before.height, now.height)
    return EvidentlyPage(path=path, features=tuple(names), rows=sizes, drifted=0, with_target=False)


@pytest.fixture(scope="module")
def lived(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Tables, Tables]]:
    """Case to tables that have to be the same."""
    base = tmp_path_factory.mktemp("mes données é")
    nobody, home = base / "nobody", base / "home"
    shutil.copytree(finished.settings.home, nobody)
    shutil.copytree(nobody, home)
    settings, found = Settings(home=home), {}
    for number in WORK:
        apply(settings, PLAN, number)
    told(settings)
    someone = f"SIM-{WORK[1]}-7"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidently_report, "write_evidently_page", quick_page)
        with copied(nobody, base / "without any decision") as (one, daemon):
            found["without any decision"] = without_anybody(one, daemon), without_anybody(one, daemon)
        with copied(home, base / "once") as (one, daemon):
            assert run(daemon, f"{NAME}_monitoring").success
            first = tables_of(one)
            once = watched(one, daemon)
            again = watched(one, daemon)[LATER]
            found["twice"] = {**first, LATER: again}, once
            erase(one, someone)
            after = watched(one, daemon)
        with copied(home, base / "out of order") as (one, daemon):
            for number in (2, 0, 1):
                day = PLAN.day(number).isoformat()
                assert run(daemon, f"{NAME}_monitoring", day=day).success
            found["out of order"] = once, watched(one, daemon)
        with copied(home, base / "erased before") as (one, daemon):
            erase(one, someone)
            watched(one, daemon)
            found["after an erasure"] = watched(one, daemon), after
    return found


def told(settings: Settings) -> None:
    """The lender's file of all that became of the loans."""
    store, portfolio = DecisionStore(settings.decision_log), PLAN.declared()
    rows = outcome_rows(store.each(Filter(portfolio=NAME)), PLAN.world(), portfolio, PLAN.day(NIGHT))
    store.close()
    write_outcomes(rows, settings, portfolio)


@pytest.mark.parametrize("case", ["twice", "out of order", "after an erasure", "without any decision"])
@pytest.mark.parametrize("key", ASSETS)
def test_the_same_rows_and_a_plain_word_where_there_is_nothing(
    lived: dict[str, tuple[Tables, Tables]], key: str, case: str
) -> None:
    one, other = (tables[key] for tables in lived[case])
    assert_frame_equal(one.rows, other.rows)
    if case != "after an erasure":  # which is told
        assert one.summary.get("message") == other.summary.get("message")
    if case == "without any decision":
        assert one.rows.is_empty() or key.endswith(("/reference", "/performance", "/retrain_decision", "/incidents"))
        assert one.summary.get("message"), "a plain word"
