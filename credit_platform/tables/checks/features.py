"""Checks of the aggregates and of the tables of the features layer; each names what fails and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from credit_platform.features import aggregate_checks, checks, judges
from credit_platform.features.checks import FeatureFinding
from credit_platform.features.decided import of_raw_files
from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.checks.point_in_time import point_in_time_check
from credit_platform.tables.checks.raw import contract_check
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck, count

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
_OF_FILES = "null_share"
"""Asked of applicants of raw files alone: that some were decided about without histories is no fault."""
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
    return [*checks_of_rows, _meets_applicants(portfolio), point_in_time_check(portfolio, group)]


def _aggregate_check(portfolio: Portfolio, group: FeatureGroup, name: str) -> WriteCheck:
    find, description = AGGREGATE_FINDERS[name]

    def judge(aggregate: Submission, _: Lakehouse) -> Verdict:
        found = find(portfolio, group, aggregate.frame)
        return _verdict(name, found, description, len(group.all_features), _FINAL.get(name, ""))

    return WriteCheck(name=name, description=description, judge=judge, first=name == "key")


def _check(portfolio: Portfolio, name: str) -> WriteCheck:
    find, description = FINDERS[name]

    def judge(applicants: Submission, _: Lakehouse) -> Verdict:
        rows = applicants.collected
        if name == _OF_FILES:
            rows = of_raw_files(rows.lazy()).collect()
        found = find(portfolio, rows)
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
    if name == "applicants":
        return feature_write_checks(portfolio)
    others = {"catalogue": _everything_described, "protected_attributes": _attributes_of_everyone}
    return [others[name](portfolio)] if name in others else []


def aggregate_stored_checks(portfolio: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `aggregates/<name>`."""
    return [_emptied(group) for group in portfolio.feature_groups if group.history and group.name == name]


def _meets_applicants(portfolio: Portfolio) -> WriteCheck:
    keys = [raw_key(portfolio.name, name) for name in sorted(portfolio.application_tables)]

    def judge(aggregate: Submission, lakehouse: Lakehouse) -> Verdict:
        applications = [lakehouse.scan(key) for key in keys]
        return judges.meets_applicants(portfolio.applicant_key, aggregate.frame, applications)

    return WriteCheck(
        name="meets_applicants",
        description="The history is of applicants: some of its rows at least are of somebody who has applied.",
        judge=judge,
        needs=tuple(keys),
    )


def _emptied(group: FeatureGroup) -> StoredCheck:
    def judge(aggregate: Submission, lakehouse: Lakehouse) -> Verdict:
        versions = lakehouse.versions(aggregate.key)
        before = lakehouse.scan(aggregate.key, versions[1].version) if len(versions) > 1 else None
        return judges.nothing_emptied(group, aggregate.frame, before)

    return StoredCheck(
        name="nothing_emptied",
        description="No feature is null throughout that had values in the version before.",
        judge=judge,
    )


def _everything_described(portfolio: Portfolio) -> WriteCheck:
    return WriteCheck(
        name="everything_described",
        description="Every declared feature has one row, with a description and a reason.",
        judge=lambda catalogue, _: judges.everything_described(portfolio, catalogue.frame),
    )


def _attributes_of_everyone(portfolio: Portfolio) -> WriteCheck:
    keys = [raw_key(portfolio.name, name) for name in sorted(portfolio.application_tables)]

    def judge(attributes: Submission, lakehouse: Lakehouse) -> Verdict:
        applications = sum(count(lakehouse.scan(key)) for key in keys)
        return judges.attributes_of_everyone(portfolio, attributes.frame, applications)

    return WriteCheck(
        name="attributes_of_everyone",
        description="Every application has one row, with all protected attributes that are declared.",
        judge=judge,
        needs=tuple(keys),
    )
