"""What is said of a feature table that is refused fits its portfolio."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.tables.checks.features import feature_write_checks
from credit_platform.tables.judging import Submission

JOIN = "One row per applicant is required: look for a join that multiplies rows."
FILES = "look for an applicant in both application_train.csv and application_test.csv, or a join that multiplies rows."


@pytest.mark.parametrize(("name", "cure"), [("german_credit", JOIN), ("home_credit", FILES)])
def test_an_applicant_twice_may_come_from_two_files_where_there_are_two(name: str, cure: str, tmp_path: Path) -> None:
    portfolio = get_portfolio(name)
    check = next(check for check in feature_write_checks(portfolio) if check.name == "key")
    twice = Submission(key=f"{name}/features/applicants", frame=pl.LazyFrame({portfolio.applicant_key: [1, 2, 2]}))
    verdict = check.judge(twice, Lakehouse(str(tmp_path)))
    assert verdict.message.startswith("1 row repeats an applicant key. One row per applicant is required: ")
    assert verdict.message.endswith(cure)
    assert verdict.final
