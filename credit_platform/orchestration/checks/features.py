"""Checks of the feature table; each names the features that fail and why."""

from collections.abc import Callable

import dagster as dg
import polars as pl

from credit_platform.features import checks
from credit_platform.features.checks import FeatureFinding
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.checks.together import TableCheck, check_together
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import asset_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio

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


def build_feature_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """One blocking check per rule of the feature table."""
    asset = asset_key(portfolio.name, "features", "applicants")
    return [check_together(asset, [_check(portfolio, name) for name in FINDERS], in_memory=True)]


def _check(portfolio: Portfolio, name: str) -> TableCheck:
    find, description = FINDERS[name]

    def judge(applicants: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
        found = find(portfolio, applicants.frame.collect())
        shown = pl.DataFrame(
            [(f.feature, f.message) for f in found], schema={"feature": pl.String, "message": pl.String}, orient="row"
        )
        return dg.AssetCheckResult(
            check_name=name,
            passed=not found,
            # What chance may explain among few applicants is told and holds nothing up.
            severity=dg.AssetCheckSeverity.ERROR if checks.refuses(found) else dg.AssetCheckSeverity.WARN,
            metadata={
                "features": len(portfolio.features),
                "findings": len(found),
                "feature_version": applicants.summary["feature_version"],
                "list": markdown_table(shown),
            },
            description=checks.told(found) or description,
        )

    return TableCheck(name=name, description=description, judge=judge)
