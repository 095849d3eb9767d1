"""Checks of raw tables: they pass what a run stored, and name what was lost, rejected or has no rule."""

from __future__ import annotations

import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.tables.checks.raw import raw_stored_checks, raw_write_checks
from credit_platform.tables.judging import Submission
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.tables.checks.stored import refused, verdicts

KEY, REJECTED = "german_credit/raw/applications", "german_credit/raw/applications__rejected"


def test_what_a_run_stored_passes(finished: FinishedRun) -> None:
    assert set(found := verdicts(finished, KEY)) == {"contract", "rows_conserved", "rejected_share", "findings"}
    assert refused(found) == []
    assert refused(verdicts(finished, REJECTED)) == []


def test_rows_that_are_gone_or_break_the_contract_are_noticed(finished: FinishedRun) -> None:
    rows = finished.lakehouse.scan(KEY)
    assert refused(verdicts(finished, KEY, rows.head(999))) == ["rows_conserved"]
    broken = verdicts(finished, KEY, rows.with_columns(amount=-pl.col("amount")))
    assert refused(broken) == ["contract"]
    assert broken["contract"].final, "nobody can answer for rows that no reader could take"


def test_too_many_rejected_rows_are_refused_with_the_rule_of_most(finished: FinishedRun) -> None:
    summary = finished.lakehouse.read(KEY).summary
    counts = {"rows_in": 1000, "kept": 400, "rejected": 600, "by_rule": {"type:amount": 600}}
    verdict = verdicts(finished, KEY, counts={**summary["counts"], **counts})["rejected_share"]
    assert not verdict.passed
    assert "type:amount" in verdict.message or "amount" in verdict.message
    assert f"{REJECTED}__refused" in verdict.message


def test_a_rejected_row_without_a_rule_is_noticed() -> None:
    (check,) = raw_stored_checks(get_portfolio("german_credit"), "applications__rejected")
    rows = pl.LazyFrame({"rule": ["type:amount", None], "line": [3, 4]})
    assert not check.judge(Submission(key=REJECTED, frame=rows), Lakehouse("memory://")).passed


def test_only_the_table_to_be_scored_is_held_against_the_one_with_outcomes() -> None:
    portfolio = get_portfolio("home_credit")
    asked = {table.name: [c.name for c in raw_write_checks(portfolio, table.name)] for table in portfolio.tables}
    assert [name for name, checks in asked.items() if "in_one_file_only" in checks] == ["application_test"]
    assert raw_write_checks(portfolio, "bureau__rejected") == []
