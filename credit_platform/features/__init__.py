"""From raw tables to features, on any engine.

What is here:
    tables      `build.py` turns the feature groups of a portfolio into tables, on Polars or Spark: each group is a list
                of `stages.py`, columns come through `reading.py`, `finiteness.py` spares needless checks.
    a request   `one_applicant.py` makes one row: `request_rows.py` reads what was sent, `direct/` computes it without
                data frames, or `native.py` with Polars where `direct/` cannot.
    about them  `catalogue.py` and `catalogue_page.py`, `version.py`, `checks.py`, `aggregate_checks.py`.
What to add here: a rule that every feature must obey, a check, a column of the catalogue.
What must not be here: a feature (they belong to a portfolio), pandas, scikit-learn, or anything that learns from data.
"""

from __future__ import annotations

from credit_platform.features.build import build_audit, build_features, build_group, count_sentinels
from credit_platform.features.catalogue import catalogue, catalogue_markdown
from credit_platform.features.catalogue_page import catalogue_page
from credit_platform.features.one_applicant import ApplicantFeatures
from credit_platform.features.version import feature_version

__all__ = [
    "ApplicantFeatures",
    "build_audit",
    "build_features",
    "build_group",
    "catalogue",
    "catalogue_markdown",
    "catalogue_page",
    "count_sentinels",
    "feature_version",
]
