"""Judges of what is made of features: an aggregate as part of the whole, the catalogue, the protected attributes.

What is here: functions from rows to a `Verdict`.
What to add here: a rule that such a table as a whole must keep.
What must not be here: rules on the values of features (`checks.py`, `aggregate_checks.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio


def meets_applicants(key: str, aggregate: pl.LazyFrame, applications: Sequence[pl.LazyFrame]) -> Verdict:
    """Whether an aggregate has anything to say of any applicant; that some of its rows are of others is usual.

    Args:
        key: column that identifies an applicant in all of them.
        aggregate: one row per applicant.
        applications: tables with a row per application.
    """
    known = pl.concat([table.select(key) for table in applications], how="vertical_relaxed").unique()
    rows = aggregate.select(pl.len()).collect(engine="streaming").item()
    met = aggregate.select(key).join(known, on=key, how="semi").select(pl.len()).collect(engine="streaming").item()
    return Verdict(
        check="meets_applicants",
        passed=bool(met) or not rows,
        numbers={"rows": rows, "of_applicants": met},
        message=f"{met} of {rows} rows are of somebody who has applied."
        + ("" if met or not rows else f" Look whether {key} is written alike in the history and the applications."),
    )


def nothing_emptied(group: FeatureGroup, now: pl.LazyFrame, before: pl.LazyFrame | None) -> Verdict:
    """Whether every feature that had values in the version before has some now; it only warns.

    Args:
        group: whose features.
        now: the version that is judged.
        before: the version before it; None for the first.
    """
    empty = _empty(group, now)
    lost = sorted(empty - _empty(group, before)) if before is not None and empty else []
    against = "there is no version before" if before is None else f"{len(lost)} of them had values before"
    return Verdict(
        check="nothing_emptied",
        passed=not lost,
        warns=True,
        numbers={"empty": len(empty), "emptied": len(lost)},
        message=f"{len(empty)} features are null throughout, {against}.",
        listed=[{"feature": name, "message": "null throughout, and was not before"} for name in lost],
    )


def everything_described(portfolio: Portfolio, catalogue: pl.LazyFrame) -> Verdict:
    """Whether the catalogue has one row per declared feature, in words."""
    rows = catalogue.select("feature", "description", "unit", "reason").collect()
    declared, told = [feature.name for feature in portfolio.features], rows["feature"].to_list()
    words = pl.col("description", "reason").fill_null("").str.strip_chars() == ""
    mute = rows.filter(pl.any_horizontal(words))["feature"].to_list()
    wrong = {
        **dict.fromkeys(mute, "has no description or no reason"),
        **dict.fromkeys(set(declared) - set(told), "is missing"),
        **dict.fromkeys({name for name in told if told.count(name) > 1}, "has several rows"),
        **dict.fromkeys(set(told) - set(declared), "is not declared"),
    }
    return Verdict(
        check="everything_described",
        passed=not wrong,
        numbers={"features": len(declared), "rows": rows.height, "wrong": len(wrong)},
        message=f"{rows.height} rows for {len(declared)} features, {len(wrong)} of them missing or without words.",
        listed=[{"feature": name, "message": f"{name} {what}."} for name, what in sorted(wrong.items())],
    )


def attributes_of_everyone(portfolio: Portfolio, attributes: pl.LazyFrame, applications: int) -> Verdict:
    """Whether the audit table has one row per application, each with a key of its own, and all declared attributes.

    Args:
        portfolio: declares the attributes.
        attributes: the audit table.
        applications: rows of the tables that it is made of.
    """
    key = portfolio.applicant_key
    columns = set(attributes.collect_schema().names())
    declared = {
        key,
        *(column.name for column in portfolio.application_columns if column.protected),
        *(feature.name for feature in portfolio.audit_features),
    }
    rows, keys = attributes.select(pl.len(), pl.col(key).drop_nulls().n_unique()).collect(engine="streaming").row(0)
    missing = sorted(declared - columns)
    return Verdict(
        check="attributes_of_everyone",
        passed=rows == keys == applications and not missing,
        numbers={"rows": rows, "applicants": keys, "applications": applications},
        message=f"{rows} rows of {keys} applicants for {applications} applications"
        + (f"; {', '.join(missing)} is missing." if missing else ", with every declared attribute."),
        final=True,
    )


def _empty(group: FeatureGroup, frame: pl.LazyFrame) -> set[str]:
    """Features of the group that are null in every row; those a version of before did not have count as empty."""
    there = set(frame.collect_schema().names())
    names = [feature.name for feature in group.all_features if feature.name in there]
    absent = {feature.name for feature in group.all_features} - there
    if not names:
        return absent
    found = frame.select((pl.col(name).count() == 0).alias(name) for name in names).collect(engine="streaming")
    return absent | {name for name in names if found[name][0]}
