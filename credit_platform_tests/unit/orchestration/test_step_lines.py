"""Lines of steps, through real runs of Dagster: which run, job, step and table, how it ended, and no value."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from credit_platform.errors import RawFileError
from credit_platform.orchestration.failures import tell_failures
from credit_platform.orchestration.step_lines import lines_of_run, lines_of_step, log_steps, told_of_run

LOGGER = logging.getLogger("credit_platform.tables.trial")
KEY = dg.AssetKey(["p", "raw", "loans"])


@dg.asset(key=KEY, check_specs=[dg.AssetCheckSpec("inner", asset=KEY)])
def loans() -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    LOGGER.info("half way")
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(check_name="inner", passed=False, severity=dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset=KEY, name="outer")
def outer() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.asset(key=["p", "raw", "broken"])
def broken() -> None:
    raise RawFileError("Line 7 holds 'CANARY'.", "Mend it.")


def run(home: Path, *definitions: Any) -> tuple[dg.ExecuteInProcessResult, list[dict[str, Any]]]:
    tell_failures(definitions, home)
    log_steps(definitions, home)
    assets = [one for one in definitions if not isinstance(one, dg.AssetChecksDefinition)]
    checks = [one for one in definitions if isinstance(one, dg.AssetChecksDefinition)]
    defined = dg.Definitions(assets=assets, asset_checks=checks, jobs=[dg.define_asset_job("trial")])
    result = defined.resolve_job_def("trial").execute_in_process(raise_on_error=False)
    text = (home / "logs" / "runs.log").read_text(encoding="utf-8")
    assert "CANARY" not in text
    return result, [json.loads(line) for line in text.splitlines()]


def test_lines_of_a_step_name_run_job_step_and_table(tmp_path: Path) -> None:
    home = tmp_path / "a home, été"
    result, lines = run(home, loans, outer)
    assert result.success
    assert {line["run_id"] for line in lines} == {result.run_id}
    assert {line["job"] for line in lines} == {"trial"}
    of_asset = [line for line in lines if line.get("asset") == "p/raw/loans" and line["step"] == "p__raw__loans"]
    assert [line["message"] for line in of_asset] == ["step began", "half way", "check", "step done"]
    assert (of_asset[2]["check"], of_asset[2]["passed"], of_asset[2]["severity"]) == ("inner", False, "warn")
    assert of_asset[2]["level"] == "warning"
    assert of_asset[3]["seconds"] >= 0
    (checked,) = [line for line in lines if line["message"] == "check" and line is not of_asset[2]]
    assert checked["passed"] is True


def test_a_step_that_fails_says_what_kind_and_where_and_quotes_nothing(tmp_path: Path) -> None:
    result, lines = run(tmp_path, broken)
    assert not result.success
    (failed,) = [line for line in lines if line["message"] == "step failed"]
    assert (failed["level"], failed["failure"], failed["asset"]) == ("error", "RawFileError", "p/raw/broken")
    assert "test_step_lines.py" in failed["traceback"]


def test_a_function_that_a_test_calls_logs_nothing(tmp_path: Path) -> None:
    @dg.asset
    def table() -> int:
        return 7

    log_steps([table], tmp_path)
    assert table() == 7
    assert list(tmp_path.iterdir()) == []


def test_a_run_and_what_is_stored_outside_of_functions(tmp_path: Path) -> None:
    def work() -> None:
        with lines_of_run(tmp_path, "r", "j"):
            with lines_of_step(tmp_path, run_id="r", job="j", step="s", table="p/raw/loans"):
                told_of_run("table", rows=3)
            raise KeyError("CANARY")

    with pytest.raises(KeyError):
        work()
    text = (tmp_path / "logs" / "runs.log").read_text()
    began, stored, failed = map(json.loads, text.splitlines())
    assert (began["message"], began["run_id"], began["job"]) == ("run began", "r", "j")
    assert (stored["step"], stored["asset"], stored["rows"]) == ("s", "p/raw/loans", 3)
    assert (failed["message"], failed["failure"]) == ("run failed", "KeyError")
    assert "CANARY" not in text
