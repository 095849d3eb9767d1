"""Checks of one table in one step: each has its own result, each can run alone, and a blocking one stops the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.lakehouse import CommitInfo, Judged, Lakehouse, StoredTable, Verdict
from credit_platform.orchestration.checks.together import TableCheck, check_together
from credit_platform.orchestration.resources import build_resources
from credit_platform.settings import Settings
from credit_platform.tables.judging import Submission, WriteCheck, rules_version
from credit_platform.tables.table import Table

LOANS, AFTER = dg.AssetKey(["toy", "raw", "loans"]), dg.AssetKey(["toy", "features", "loans"])


@dg.asset(key=LOANS)
def loans() -> Table:
    return Table(frame=pl.DataFrame({"amount": [1, 2, 3]}))


@dg.asset(key=AFTER, ins={"loans": dg.AssetIn(key=LOANS)})
def after(loans: StoredTable) -> Table:
    return Table(frame=loans.frame)


def check(name: str, *, passes: bool, blocking: bool, seen: list[pl.LazyFrame] | None = None) -> TableCheck:
    def judge(table: StoredTable, lakehouse: Lakehouse) -> dg.AssetCheckResult:
        if seen is not None:
            seen.append(table.frame)
        rows = lakehouse.scan("toy/raw/loans").collect().height
        severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(check_name=name, passed=passes, severity=severity, metadata={"rows": rows})

    return TableCheck(name=name, description=f"Is it {name}?", judge=judge, blocking=blocking)


def run(
    home: Path,
    *checks: TableCheck | WriteCheck,
    only: str | None = None,
    also: str | None = None,
    in_memory: bool = False,
) -> dg.ExecuteInProcessResult:
    together = check_together(LOANS, checks, in_memory=in_memory)
    keys = [dg.AssetCheckKey(LOANS, name) for name in (only, also) if name]
    chosen = dg.AssetSelection.checks(*keys) if keys else None
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [loans, after, together],
            selection=chosen,
            resources=build_resources(Settings(home=home)),
            instance=instance,
            raise_on_error=False,
        )


def results(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {evaluation.check_name: evaluation.passed for evaluation in result.get_asset_check_evaluations()}


def materialised(result: dg.ExecuteInProcessResult) -> set[dg.AssetKey | None]:
    return {event.asset_key for event in result.get_asset_materialization_events()}


def test_every_result_is_recorded_before_a_blocking_one_stops_the_run(tmp_path: Path) -> None:
    checks = [
        check("whole", passes=False, blocking=True),
        check("usual", passes=False, blocking=False),
        check("known", passes=True, blocking=True),
    ]
    result = run(tmp_path, *checks)
    assert results(result) == {"whole": False, "usual": False, "known": True}
    assert not result.success
    assert materialised(result) == {LOANS}


def test_one_that_advises_stops_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, check("usual", passes=False, blocking=False), check("known", passes=True, blocking=True))
    assert result.success
    assert materialised(result) == {LOANS, AFTER}


def test_one_can_run_alone(tmp_path: Path) -> None:
    checks = [check("whole", passes=True, blocking=True), check("known", passes=True, blocking=True)]
    assert run(tmp_path, *checks).success
    result = run(tmp_path, *checks, only="known")
    assert results(result) == {"known": True}
    assert materialised(result) == set()


@pytest.mark.parametrize("in_memory", [True, False])
def test_the_table_is_read_once_where_all_checks_look_at_its_rows(tmp_path: Path, in_memory: bool) -> None:
    seen: list[pl.LazyFrame] = []
    checks = [check(name, passes=True, blocking=True, seen=seen) for name in ("whole", "known")]
    assert run(tmp_path, *checks, in_memory=in_memory).success
    plans = [frame.explain() for frame in seen]
    assert len(plans) == 2
    assert ["PARQUET" not in plan.upper() for plan in plans] == [in_memory] * 2


def write_check(name: str, asked: list[str], *, passes: bool, final: bool = False) -> WriteCheck:
    def judge(table: Submission, _: Lakehouse) -> Verdict:
        asked.append(name)
        return Verdict(check=name, passed=passes, message=f"{table.rows} rows.", final=final)

    return WriteCheck(name=name, description=f"Is it {name}?", judge=judge)


def written(home: Path, asked: Judged | None, exception: str | None = None) -> dg.ExecuteInProcessResult:
    """Run the checks `whole` and `known` alone, on a table that was written with what `asked` says."""
    lakehouse = Lakehouse(Settings(home=home).lakehouse_root)
    summary = asked.recorded() if asked else {}
    lakehouse.write("toy/raw/loans", ROWS, summary=summary, info=CommitInfo(exception=exception))
    again: list[str] = []
    checks = [write_check("whole", again, passes=False), write_check("known", again, passes=False, final=True)]
    result = run(home, *checks, only="whole", also="known")
    assert again == [
        name for name in ("whole", "known") if not (asked and asked.rules == RULES and asked.verdict(name))
    ]
    return result


ROWS = pl.DataFrame({"amount": [1, 2, 3]})
RULES = rules_version("toy/raw/loans")
PASSED = (
    Verdict(check="whole", passed=True, message="As it was."),
    Verdict(check="known", passed=True, message="Yes."),
)


def test_what_was_said_before_the_table_was_written_is_shown(tmp_path: Path) -> None:
    assert results(written(tmp_path, Judged(verdicts=PASSED, rules=RULES))) == {"whole": True, "known": True}


@pytest.mark.parametrize(
    "asked", [None, Judged(verdicts=PASSED, rules="others"), Judged(verdicts=PASSED[:1], rules=RULES)]
)
def test_what_was_not_asked_or_by_other_rules_is_judged_where_it_lies(tmp_path: Path, asked: Judged | None) -> None:
    result = written(tmp_path, asked)
    assert not result.success
    assert not results(result)["known"]


def test_what_was_only_told_stops_nothing(tmp_path: Path) -> None:
    told = Verdict(check="whole", passed=False, message="Among three applicants that may be chance.", warns=True)
    for exception in (None, "Accepted by Ana."):
        result = written(tmp_path, Judged(verdicts=(told, PASSED[1]), rules=RULES), exception)
        assert result.success
        (shown,) = (e for e in result.get_asset_check_evaluations() if e.check_name == "whole")
        assert (shown.passed, shown.severity, shown.description) == (False, dg.AssetCheckSeverity.WARN, told.message)


def test_what_a_person_answered_for_warns_and_stops_nothing(tmp_path: Path) -> None:
    failed = Verdict(check="whole", passed=False, message="Odd.")
    for verdicts, success in (
        ((failed, PASSED[1]), True),
        ((failed, replace(failed, check="known", final=True)), False),
    ):
        result = written(tmp_path, Judged(verdicts=verdicts, rules=RULES), "Accepted by Ana.")
        assert result.success is success
        by_name = {e.check_name: e for e in result.get_asset_check_evaluations()}
        assert by_name["whole"].severity is dg.AssetCheckSeverity.WARN
        assert by_name["whole"].description == "Accepted by Ana. Odd."
