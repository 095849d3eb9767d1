"""From raw tables to features, on any engine.

What is here:
    declared    `compiling.py` turns a feature group into a list of `stages.py`; columns are read as `reading.py` says,
                `finiteness.py` judges where NaN can arise and what becomes of it.
    tables      `build.py` turns the feature groups of a portfolio into tables, on Polars or Spark;
                `without_histories.py` is what they are for applicants of whom no history is known.
    a request   `one_applicant.py` makes one row of what `request_rows.py` has read and checked; `inputs.py` and
                `required.py` say what is asked at all.
    computing   `engines/`: who carries out the stages.
    about them  `catalogue.py` and `catalogue_page.py`, `version.py`, `construction.py`, `checks.py`,
                `aggregate_checks.py`, `point_in_time.py`, `judges.py` (catalogue, audit table, aggregates),
                `records.py` (what is recorded beside the feature table).
What to add here: a rule that every feature must obey, a check, a column of the catalogue.
What must not be here: a feature (they belong to a portfolio), pandas, scikit-learn, or anything that learns from data.
"""

from __future__ import annotations

from credit_platform.features.build import build_audit, build_features, build_group
from credit_platform.features.catalogue import catalogue, catalogue_markdown
from credit_platform.features.catalogue_page import catalogue_page
from credit_platform.features.one_applicant import ApplicantFeatures
from credit_platform.features.version import feature_version, is_version_of

__all__ = [
    "ApplicantFeatures",
    "build_audit",
    "build_features",
    "build_group",
    "catalogue",
    "catalogue_markdown",
    "catalogue_page",
    "feature_version",
    "is_version_of",
]
