"""Checks of a feature table and of a portfolio's declarations. Each returns findings; no finding means passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.features.build import build_group
from credit_platform.features.engines.native import to_polars
from credit_platform.features.reading import clean_expressions
from credit_platform.portfolios.portfolio import FeatureGroup, Portfolio

LEAKAGE_AUC = 0.85
"""No single honest feature of a loan application separates so well; one that does knows the outcome."""


@dataclass(frozen=True, kw_only=True)
class FeatureFinding:
    """Something wrong with one feature, or with the table as a whole."""

    check: str
    """Name of the check."""
    feature: str
    """Feature, column or reason it is about."""
    value: float
    """What was measured: a count or an AUC."""
    message: str
    """What is wrong, as a sentence."""


def constant(portfolio: Portfolio, frame: pl.DataFrame) -> list[FeatureFinding]:
    """Find features with one value only, or none; nulls beside one value make two."""
    names = _names(portfolio)
    counts = frame.select(pl.col(name).n_unique() for name in names).row(0)
    return [
        FeatureFinding(check="constant", feature=name, value=count, message=f"{name} is the same for every applicant.")
        for name, count in zip(names, counts, strict=True)
        if count <= 1
    ]


def duplicates(portfolio: Portfolio, frame: pl.DataFrame) -> list[FeatureFinding]:
    """Find features that equal an earlier one in every row, nulls included.

    Columns are compared only when a hash over their values and positions is equal, so this is linear in columns.
    """
    names = _names(portfolio)
    # The row number goes into the hash, otherwise any reordering of the values would collide.
    place = pl.int_range(pl.len(), dtype=pl.UInt64)
    hashes = frame.select(
        (pl.col(name).hash(seed=1) ^ (place * 0x9E3779B97F4A7C15 + 1).hash(seed=2)).hash(seed=3).sum() for name in names
    ).row(0)
    found: list[FeatureFinding] = []
    first: dict[tuple[int, pl.DataType], str] = {}
    for name, digest in zip(names, hashes, strict=True):
        earlier = first.setdefault((digest, frame.schema[name]), name)
        if earlier != name and frame[earlier].equals(frame[name], null_equal=True):
            message = f"{name} equals {earlier} in every row; keep one."
            found.append(FeatureFinding(check="duplicate", feature=name, value=frame.height, message=message))
    return found


def leakage(portfolio: Portfolio, frame: pl.DataFrame, *, bound: float = LEAKAGE_AUC) -> list[FeatureFinding]:
    """Find features that separate defaults from repaid loans too well to be known at application time."""
    aucs = single_feature_auc(portfolio, frame)
    return [
        FeatureFinding(
            check="leakage",
            feature=name,
            value=auc,
            message=f"{name} alone reaches an AUC of {auc:.3f}, above {bound:.2f}: does it know the outcome?",
        )
        for name, auc in aucs.items()
        if auc > bound
    ]


def single_feature_auc(portfolio: Portfolio, frame: pl.DataFrame) -> dict[str, float]:
    """AUC of every feature on its own, over the rows with a target.

    A number is ranked as it is, in the better direction; a category by its share of defaults (in sample, so slightly
    flattered when it has many values). Null counts as a value of its own, below all others. Ties count half.

    Returns:
        Feature name to AUC in [0.5, 1]; 0.5 for every feature when only one class is there.
    """
    known = frame.filter(pl.col(portfolio.target).is_not_null())
    target = known[portfolio.target].to_numpy() == 1
    if target.all() or not target.any():
        return dict.fromkeys(_names(portfolio), 0.5)
    return {name: _auc(_codes(known[name], target), target) for name in _names(portfolio)}


def out_of_range(portfolio: Portfolio, frame: pl.DataFrame | pl.LazyFrame) -> list[FeatureFinding]:
    """Find features with values outside the range in which they can be right; null is in range."""
    bounded = [f for f in portfolio.features if f.minimum is not None or f.maximum is not None]
    if not bounded:
        return []
    wrong = [
        (~pl.col(f.name).is_between(_or(f.minimum, -np.inf), _or(f.maximum, np.inf))).sum().alias(f.name)
        for f in bounded
    ]
    counts = frame.lazy().select(wrong).collect(engine="streaming").row(0)
    return [
        FeatureFinding(
            check="range",
            feature=feature.name,
            value=count,
            message=f"{feature.name} is outside {feature.minimum} to {feature.maximum} in {count} rows.",
        )
        for feature, count in zip(bounded, counts, strict=True)
        if count
    ]


def key(portfolio: Portfolio, frame: pl.DataFrame | pl.LazyFrame) -> list[FeatureFinding]:
    """Find applicants without a key, or with more than one row."""
    column = pl.col(portfolio.applicant_key)
    counts = frame.lazy().select(
        column.null_count().alias("nulls"), (column.count() - column.drop_nulls().n_unique()).alias("repeated")
    )
    nulls, repeated = counts.collect().row(0)
    measured = {"null": (nulls, "rows have no applicant key"), "unique": (repeated, "rows repeat an applicant key")}
    return [
        FeatureFinding(check=f"key_{name}", feature=portfolio.applicant_key, value=count, message=f"{count} {what}.")
        for name, (count, what) in measured.items()
        if count
    ]


def reasons(portfolio: Portfolio) -> list[FeatureFinding]:
    """Find features without a reason family, families no feature uses, and families without words."""
    declared = {reason.code for reason in portfolio.reasons}
    used = {feature.reason for feature in portfolio.features}
    found = [
        _reason_finding(feature.name, f"{feature.name} names the reason {feature.reason!r}, which is not declared.")
        for feature in portfolio.features
        if feature.reason not in declared
    ]
    found += [_reason_finding(code, f"No feature uses the reason {code!r}.") for code in sorted(declared - used)]
    for reason in portfolio.reasons:
        texts = (reason.adverse_fr, reason.adverse_en, reason.favourable_fr, reason.favourable_en)
        if not all(text.strip() for text in texts):
            found.append(_reason_finding(reason.code, f"The reason {reason.code!r} lacks a text in one language."))
    return found


def not_known_at_application(portfolio: Portfolio, tables: Mapping[str, pl.LazyFrame]) -> list[FeatureFinding]:
    """Count the history rows that the known-at rule keeps out, and name histories that declare no such rule.

    Both are for a person to look at: rows dated after the application are normal where a table is a snapshot.
    """
    found = []
    for group in portfolio.feature_groups:
        if not group.history or group.table not in tables:
            continue
        if group.known_at is None:
            message = f"{group.name} does not say which rows are known at the application."
            found.append(FeatureFinding(check="known_at", feature=group.name, value=0, message=message))
            continue
        table = portfolio.table(group.table)
        cleaned = tables[group.table].select(to_polars(clean_expressions(table, portfolio)))
        (known,) = to_polars([group.known_at])
        dropped: int = cleaned.select((~known.fill_null(value=False)).sum()).collect(engine="streaming").item()
        if dropped:
            message = f"{dropped} rows of {group.table} are dated after the application and are not used."
            found.append(FeatureFinding(check="known_at", feature=group.name, value=dropped, message=message))
    return found


def changed_by_rows(
    group: FeatureGroup, portfolio: Portfolio, tables: Mapping[str, pl.LazyFrame], added: pl.LazyFrame
) -> list[str]:
    """Names of the group's features that change when the rows `added` join the group's table.

    With rows dated after the application this is the known-at test: the answer must be empty.
    """
    before = build_group(group, tables, portfolio).collect()
    more = {**tables, group.table: pl.concat([tables[group.table], added])}
    after = build_group(group, more, portfolio).collect()
    applicant = portfolio.applicant_key
    before, after = before.sort(applicant), after.sort(applicant)
    if not before[applicant].equals(after[applicant]):
        return [feature.name for feature in group.all_features]
    return [f.name for f in group.all_features if not _close(before[f.name], after[f.name])]


def _close(left: pl.Series, right: pl.Series) -> bool:
    if not left.is_null().equals(right.is_null()):
        return False
    if left.dtype == pl.String:
        return left.equals(right, null_equal=True)
    return bool(np.allclose(left.drop_nulls().to_numpy(), right.drop_nulls().to_numpy(), rtol=1e-9, atol=1e-12))


def _names(portfolio: Portfolio) -> list[str]:
    return [feature.name for feature in portfolio.features]


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def _reason_finding(name: str, message: str) -> FeatureFinding:
    return FeatureFinding(check="reasons", feature=name, value=1, message=message)


def _codes(values: pl.Series, target: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Integers in the order of risk (categories) or of value (numbers, nulls first)."""
    if values.dtype != pl.String:
        return values.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    frame = pl.DataFrame({"value": values, "target": target})
    return frame.select(pl.col("target").mean().over("value").rank("dense")).to_series().to_numpy().astype(np.int64)


def _auc(codes: npt.NDArray[np.int64], target: npt.NDArray[np.bool_]) -> float:
    """AUC of integer codes, in the better direction (Mann-Whitney U with half weight for ties)."""
    bad = np.bincount(codes[target], minlength=codes.max() + 1).astype(float)
    good = np.bincount(codes[~target], minlength=codes.max() + 1).astype(float)
    below = np.cumsum(good) - good
    auc = float((bad * (below + good / 2)).sum() / (bad.sum() * good.sum()))
    return max(auc, 1 - auc)
