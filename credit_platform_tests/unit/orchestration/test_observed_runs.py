"""What a run says that ended: of steps, of checks that block and that do not, and of itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from credit_platform.monitoring.notices.problems import Observation, Problem, Recovery
from credit_platform.orchestration.observed_runs import ended_runs, run_observations

KEY = dg.AssetKey(["toy", "raw", "loans"])
CHECK = "check:toy/raw/loans:no_outliers"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def observed(
    instance: dg.DagsterInstance, *, passed: bool = True, blocking: bool = False, warns: bool = False, fails: str = ""
) -> dict[str, Observation]:
    """What is said of a run of one asset with one check."""

    @dg.asset(key=KEY)
    def loans() -> None:
        if fails:
            raise dg.Failure(fails)

    @dg.asset_check(asset=KEY, blocking=blocking)
    def no_outliers() -> dg.AssetCheckResult:
        severity = dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR
        return dg.AssetCheckResult(passed=passed, severity=severity, description="17 outliers.")

    run = dg.materialize([loans, no_outliers], instance=instance, raise_on_error=False)
    return {one.key: one for one in run_observations(instance, run.run_id, Path("home"), "http://pages/")}


def problems(found: dict[str, Observation]) -> list[str]:
    return [one.key for one in found.values() if isinstance(one, Problem)]


@pytest.mark.parametrize(("warns", "severity"), [(True, "warning"), (False, "error")])
def test_a_check_that_does_not_block_is_a_problem_of_a_run_that_succeeds(
    instance: dg.DagsterInstance, *, warns: bool, severity: str
) -> None:
    found = observed(instance, passed=False, warns=warns)
    assert problems(found) == [CHECK]
    check = found[CHECK]
    assert isinstance(check, Problem)
    assert (check.message, check.severity, check.title) == (
        "17 outliers.",
        severity,
        "Check no_outliers of toy/raw/loans warns",
    )
    assert (check.owner, check.link.startswith("http://pages/runs/")) == ("team:data-engineering", True)


def test_a_blocking_check_is_one_problem_and_not_three(instance: dg.DagsterInstance) -> None:
    found = observed(instance, passed=False, blocking=True)
    assert problems(found) == [CHECK]
    check = found[CHECK]
    assert isinstance(check, Problem)
    assert check.title.endswith("failed and stopped what follows")


def test_a_step_says_its_own_sentence_and_the_run_says_nothing_more(instance: dg.DagsterInstance) -> None:
    found = observed(instance, fails="The disk is full. Make room.")
    (key,) = problems(found)
    step = found[key]
    assert isinstance(step, Problem)
    assert (step.message, step.key) == ("The disk is full. Make room.", "step:toy__raw__loans")


def test_what_succeeds_is_well(instance: dg.DagsterInstance) -> None:
    found = observed(instance)
    assert problems(found) == []
    assert {"step:toy__raw__loans", CHECK} <= {one.key for one in found.values() if isinstance(one, Recovery)}


def test_a_run_that_was_killed_is_a_problem_by_itself(instance: dg.DagsterInstance) -> None:
    @dg.job
    def noop() -> None:
        """Does nothing."""

    run = instance.create_run_for_job(noop)
    instance.report_run_failed(run, "The process that ran it is gone.")
    (one,) = run_observations(instance, run.run_id, Path("home"), None)
    assert isinstance(one, Problem)
    assert (one.key, one.message) == ("run:noop", "The process that ran it is gone.")
    assert one.link == f"credit-platform ui, run {run.run_id}"


def test_a_run_that_a_person_stopped_or_that_is_unknown_says_nothing(instance: dg.DagsterInstance) -> None:
    @dg.job
    def noop() -> None:
        """Does nothing."""

    run = instance.create_run_for_job(noop)
    instance.report_run_canceled(run, "Interrupted.")
    assert run_observations(instance, run.run_id, Path("home"), None) == []
    assert run_observations(instance, "unknown", Path("home"), None) == []
    assert [record.dagster_run.run_id for record in ended_runs(instance, 0)] == [run.run_id]
