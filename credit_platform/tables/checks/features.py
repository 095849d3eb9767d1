"""Checks of the aggregates and of the tables of the features layer; each names what fails and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from credit_platform.features import aggregate_checks, checks
from credit_platform.features.checks import FeatureFinding
from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.portfolios.portfolio import FeatureGroup, Portfolio
from credit_platform.tables.checks.point_in_time import point_in_time_check
from credit_platform.tables.checks.raw import contract_check
from credit_platform.tables.judging import Submission, WriteCheck

Finder = Callable[[Portfolio, pl.DataFrame], list[FeatureFinding]]

FINDERS: dict[str, tuple[Finder, str]] = {
    "key": (checks.key, "The applicant key is unique and never null."),
    "range": (checks.out_of_range, "Every value lies in the valid range of its feature."),
    "null_share": (checks.null_shares, "No feature has more nulls than it declares as the most."),
    "constant": (checks.constant, "No feature is the same for every applicant."),
    "duplicate": (checks.duplicates, "No feature equals another in every row."),
    "leakage": (checks.leakage, "No single feature separates defaults too well to be known at application time."),
    "reasons": (lambda portfolio, _: checks.reasons(portfolio), "Every feature has a reason an applicant can be told."),
}


AggregateFinder = Callable[[Portfolio, FeatureGroup, pl.LazyFrame], list[FeatureFinding]]

AGGREGATE_FINDERS: dict[str, tuple[AggregateFinder, str]] = {
    "key": (aggregate_checks.key, "The applicant key is unique and never null."),
    "finite": (aggregate_checks.not_finite, "Every number is finite: neither NaN nor infinite."),
    "range": (aggregate_checks.out_of_range, "Every value lies in the valid range of its feature."),
}
_FINAL = {
    "finite": "No model can work with such a value: look for a division by zero.",
    "key": "One row per applicant is required: look for a join that multiplies rows.",
}
"""What nobody may answer for by hand, and the cure."""
_TWO_FILES = (
    "One row per applicant is required: look for an applicant in both {} and {}, or a join that multiplies rows."
)


def feature_write_checks(portfolio: Portfolio) -> list[WriteCheck]:
    """What has to hold of the feature table before it is written."""
    columns = contract_check("The columns are the applicant's key, the outcome and the declared features.")
    return [columns, *(_check(portfolio, name) for name in FINDERS)]


def aggregate_write_checks(portfolio: Portfolio, group: FeatureGroup) -> list[WriteCheck]:
    """What has to hold of the aggregate of `group` before it is written."""
    checks_of_rows = [_aggregate_check(portfolio, group, name) for name in AGGREGATE_FINDERS]
    return [*checks_of_rows, point_in_time_check(portfolio, group)]


def _aggregate_check(portfolio: Portfolio, group: FeatureGroup, name: str) -> WriteCheck:
    find, description = AGGREGATE_FINDERS[name]

    def judge(aggregate: Submission, _: Lakehouse) -> Verdict:
        found = find(portfolio, group, aggregate.frame)
        return _verdict(name, found, description, len(group.all_features), _FINAL.get(name, ""))

    return WriteCheck(name=name, description=description, judge=judge, first=name == "key")


def _check(portfolio: Portfolio, name: str) -> WriteCheck:
    find, description = FINDERS[name]

    def judge(applicants: Submission, _: Lakehouse) -> Verdict:
        found = find(portfolio, applicants.collected)
        return _verdict(name, found, description, len(portfolio.features), _cure(portfolio, name))

    return WriteCheck(name=name, description=description, judge=judge)


def _cure(portfolio: Portfolio, check: str) -> str:
    """What helps against what nobody may answer for; an applicant may also come from two files."""
    if check == "key" and portfolio.scoring_table:
        tables = (portfolio.table(name) for name in (portfolio.training_table, portfolio.scoring_table))
        return _TWO_FILES.format(*(table.file_name for table in tables))
    return _FINAL.get(check, "")


def _verdict(check: str, found: Sequence[FeatureFinding], right: str, features: int, cure: str) -> Verdict:
    """Passed when nothing was found; what was found is in the sentence up to a length, and whole in the list."""
    told = checks.told(found)
    return Verdict(
        check=check,
        passed=not found,
        warns=not checks.refuses(found),
        message=f"{told} {cure}".strip() if found else right,
        numbers={"features": features, "findings": len(found)},
        listed=[{"feature": finding.feature, "message": finding.message} for finding in found],
        final=check in _FINAL,
    )


def aggregate_checks_of(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """Those of table `aggregates/<name>`."""
    groups = [group for group in portfolio.feature_groups if group.history and group.name == name]
    return [check for group in groups for check in aggregate_write_checks(portfolio, group)]


def feature_checks_of(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """Those of table `features/<name>`."""
    return feature_write_checks(portfolio) if name == "applicants" else []
