"""Judges of raw tables."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.quality.findings import Finding, Severity
from credit_platform.quality.judges import (
    every_row_has_a_rule,
    in_one_file_only,
    nothing_unusual,
    rejected_share,
    rows_conserved,
)
from credit_platform.quality.records import IngestCounts

PORTFOLIO = get_portfolio("home_credit")
TRAINING, SCORING = PORTFOLIO.table("application_train"), PORTFOLIO.table("application_test")
KEY = PORTFOLIO.applicant_key


@pytest.mark.parametrize(("kept", "passed"), [(7, True), (6, False), (8, False)])
def test_no_row_may_be_lost(kept: int, passed: bool) -> None:
    verdict = rows_conserved(10, kept, 3)
    assert (verdict.passed, verdict.final) == (passed, True)
    assert verdict.message == f"10 rows in the file, {kept} kept, 3 rejected."


@pytest.mark.parametrize(("rejected", "passed"), [(0, True), (1, True), (11, False)])
def test_more_rejected_rows_than_allowed_refuse_a_file(rejected: int, passed: bool) -> None:
    by_rule = {"type:AMT_CREDIT": rejected} if rejected else {}
    counts = IngestCounts(rows_in=100, kept=100 - rejected, rejected=rejected, by_rule=by_rule)
    verdict = rejected_share(TRAINING, counts, "there")
    assert (verdict.passed, verdict.final) == (passed, False)
    assert f"{rejected} of 100 rows of application_train.csv rejected" in verdict.message
    assert ("See there for the rows." in verdict.message) == bool(rejected)


def judge(training: list[int] | None, scoring: list[int]) -> tuple[bool, str]:
    known = None if training is None else (TRAINING, pl.LazyFrame({KEY: training}))
    verdict = in_one_file_only(KEY, (SCORING, pl.LazyFrame({KEY: scoring})), known)
    assert verdict.final
    return verdict.passed, verdict.message


def test_nobody_may_be_in_both_files() -> None:
    assert judge(None, [1]) == (True, "There is no table with outcomes yet.")
    assert judge([1, 2], [3, 4])[0]
    passed, said = judge([1, 2, 2], [4, 2])
    assert not passed
    assert "1 applicant is in both application_train.csv (outcome known) and application_test.csv" in said
    assert "SK_ID_CURR 2. An applicant" in said


def test_five_of_many_are_named() -> None:
    passed, said = judge(list(range(20)), list(range(8, 0, -1)))
    assert not passed
    assert "8 applicants are in both" in said
    assert "SK_ID_CURR 1, 2, 3, 4, 5 and 3 more. An applicant" in said


def test_each_rejected_row_says_why_and_where() -> None:
    rows = pl.LazyFrame({"rule": ["age:range", None, " ", "age:range"], "line": [2, 3, 4, None]})
    assert every_row_has_a_rule(rows.head(1)).passed
    assert every_row_has_a_rule(rows.head(0)).passed
    assert every_row_has_a_rule(rows).numbers == {"rows": 4, "unsaid": 3}
    assert not every_row_has_a_rule(rows).passed


@pytest.mark.parametrize(("severity", "passes"), [("warning", False), ("info", True)])
def test_what_is_usual_is_listed_and_only_the_rest_warns(severity: str, passes: bool) -> None:
    found = Finding(severity=Severity(severity), rule="nulls", column="age", rows=3, share=0.3, message="Many nulls.")
    verdict = nothing_unusual([found])
    assert (verdict.passed, verdict.refuses) == (passes, False)
    assert [row["message"] for row in verdict.listed] == ["Many nulls."]
    assert nothing_unusual([]).passed
