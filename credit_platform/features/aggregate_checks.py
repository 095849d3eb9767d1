"""Checks of an aggregate, before the feature table is joined of it. Each returns findings; no finding means passed.

What is here: what has to hold of the features of one `FeatureGroup` over the rows that were computed.
What to add here: a rule for aggregates alone.
What must not be here: rules of the feature table (`checks.py`).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from credit_platform.features import checks
from credit_platform.features.checks import FeatureFinding
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio


def key(portfolio: Portfolio, _: FeatureGroup, frame: pl.LazyFrame) -> list[FeatureFinding]:
    """Find rows without an applicant, and applicants with more than one row."""
    return checks.key(portfolio, frame)


def not_finite(_: Portfolio, group: FeatureGroup, frame: pl.LazyFrame) -> list[FeatureFinding]:
    """Find features with values that are NaN or infinite; null is a value that is not known."""
    schema = frame.collect_schema()
    floats = [feature.name for feature in group.all_features if schema[feature.name].is_float()]
    if not floats:
        return []
    counts = frame.select((~pl.col(name).is_finite()).sum() for name in floats).collect(engine="streaming").row(0)
    return [
        FeatureFinding(check="finite", feature=name, value=count, message=f"{name} is NaN or infinite in {count} rows.")
        for name, count in zip(floats, counts, strict=True)
        if count
    ]


def out_of_range(portfolio: Portfolio, group: FeatureGroup, frame: pl.LazyFrame) -> list[FeatureFinding]:
    """Find features with values outside the range in which they can be right; null is in range."""
    return checks.out_of_range(replace(portfolio, feature_groups=(group,), cross_features=()), frame)
