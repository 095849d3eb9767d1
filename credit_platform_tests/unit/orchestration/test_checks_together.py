"""Checks of one table in one step: each has its own result, each can run alone, and a blocking one stops the run."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.checks.together import TableCheck, check_together
from credit_platform.orchestration.resources import build_resources
from credit_platform.orchestration.tables import StoredTable, Table
from credit_platform.settings import Settings

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


def run(home: Path, *checks: TableCheck, only: str | None = None, in_memory: bool = False) -> dg.ExecuteInProcessResult:
    together = check_together(LOANS, checks, in_memory=in_memory)
    chosen = None if only is None else dg.AssetSelection.checks(dg.AssetCheckKey(LOANS, only))
    return dg.materialize(
        [loans, after, together],
        selection=chosen,
        resources=build_resources(Settings(home=home)),
        instance=dg.DagsterInstance.ephemeral(),
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
