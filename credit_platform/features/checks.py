"""Checks of a feature table and of a portfolio's declarations. Each returns findings; no finding means passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.features.build import build_group
from credit_platform.features.construction import constructions, reads_columns
from credit_platform.features.engines.native import to_polars
from credit_platform.features.reading import clean_expressions
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio

LEAKAGE_AUC = 0.85
"""No single honest feature of a loan application separates so well; one that does knows the outcome."""
LEAKAGE_LEAST = 0.80
"""The lower end of the interval of such a feature's AUC is above this, or there are too few defaults to tell."""
FEW_ROWS = 5_000
"""Below so many applicants features are equal, or the same for everybody, by chance alone."""
_FOLDS = 5
_PRIOR_ROWS = 1.0
_NULL_ERRORS = 4.0
"""Standard errors by which a share of nulls may exceed its bound in a small table."""


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
    blocks: bool = True
    """Whether the table must not be used; else chance may explain it, and a person should look."""


def refuses(findings: Iterable[FeatureFinding]) -> bool:
    """Whether any of these findings says that the table must not be used."""
    return any(finding.blocks for finding in findings)


def told(findings: Sequence[FeatureFinding], most: int = 10) -> str:
    """The first findings as sentences, those that block first, with what to do about those that do not; "" for none."""
    shown = sorted(findings, key=lambda finding: not finding.blocks)[:most]
    sentences = [finding.message for finding in shown]
    if len(findings) > most:
        sentences.append(f"And {len(findings) - most} more.")
    if findings and not refuses(findings):
        sentences.append(_LOOK_AGAIN)
    return " ".join(sentences)


def constant(portfolio: Portfolio, frame: pl.DataFrame) -> list[FeatureFinding]:
    """Find features with one value only, or none; nulls beside one value make two.

    Below `FEW_ROWS` rows that blocks only a feature that reads no column; others may vary among more applicants.
    """
    names = _names(portfolio)
    counts = frame.select(pl.col(name).n_unique() for name in names).row(0)
    same = [name for name, count in zip(names, counts, strict=True) if count <= 1]
    made_of = constructions(portfolio) if same and frame.height < FEW_ROWS else {}
    found = []
    for name in same:
        blocks = frame.height >= FEW_ROWS or not reads_columns(made_of[name])
        message = f"{name} is the same for every applicant"
        message += "." if blocks else f"; among {frame.height:,} that may be chance."
        found.append(FeatureFinding(check="constant", feature=name, value=1, message=message, blocks=blocks))
    return found


def duplicates(portfolio: Portfolio, frame: pl.DataFrame) -> list[FeatureFinding]:
    """Find features that equal an earlier one in every row, nulls included.

    Columns are compared only when a hash over their values and positions is equal, so this is linear in columns. Below
    `FEW_ROWS` rows that blocks only features that are declared alike; others may differ among more applicants.
    """
    names = _names(portfolio)
    # The row number goes into the hash, otherwise any reordering of the values would collide.
    place = pl.int_range(pl.len(), dtype=pl.UInt64)
    hashes = frame.select(
        (pl.col(name).hash(seed=1) ^ (place * 0x9E3779B97F4A7C15 + 1).hash(seed=2)).hash(seed=3).sum() for name in names
    ).row(0)
    pairs: list[tuple[str, str]] = []
    first: dict[tuple[int, pl.DataType], str] = {}
    for name, digest in zip(names, hashes, strict=True):
        earlier = first.setdefault((digest, frame.schema[name]), name)
        if earlier != name and frame[earlier].equals(frame[name], null_equal=True):
            pairs.append((earlier, name))
    return _judged_pairs(portfolio, pairs, frame.height)


_LOOK_AGAIN = "It stops nothing: look again when there are more applicants."


def _judged_pairs(portfolio: Portfolio, pairs: list[tuple[str, str]], rows: int) -> list[FeatureFinding]:
    made_of = constructions(portfolio) if pairs and rows < FEW_ROWS else {}
    found = []
    for earlier, name in pairs:
        blocks = rows >= FEW_ROWS or made_of[earlier] == made_of[name]
        message = f"{name} equals {earlier} in every row"
        message += "; keep one." if blocks else f"; among {rows:,} applicants that may be chance."
        found.append(FeatureFinding(check="duplicate", feature=name, value=rows, message=message, blocks=blocks))
    return found


def null_shares(portfolio: Portfolio, frame: pl.DataFrame | pl.LazyFrame) -> list[FeatureFinding]:
    """Find features with more nulls than they declare as the most (`max_null_share`), beyond chance if few."""
    judged = [f for f in portfolio.features if f.max_null_share is not None]
    if not judged:
        return []
    counts = frame.lazy().select(pl.len().alias("|rows|"), *(pl.col(f.name).null_count() for f in judged))
    rows, *nulls = counts.collect(engine="streaming").row(0)
    found = []
    for feature, count in zip(judged, nulls, strict=True):
        bound = feature.max_null_share or 0.0
        if rows and count / rows > bound + _NULL_ERRORS * sqrt(bound * (1.0 - bound) / rows):
            message = (
                f"{feature.name} is null for {count / rows:.1%} of the applicants, at most {bound:.1%} are declared: "
                "look at the findings of the raw tables it is made of."
            )
            found.append(FeatureFinding(check="null_share", feature=feature.name, value=count, message=message))
    return found


def leakage(portfolio: Portfolio, frame: pl.DataFrame, *, bound: float = LEAKAGE_AUC) -> list[FeatureFinding]:
    """Find features that separate defaults from repaid loans too well to be known at application time.

    With so few defaults that the interval of the AUC reaches below `LEAKAGE_LEAST`, the finding does not block.
    """
    aucs = single_feature_auc(portfolio, frame)
    suspects = {name: auc for name, auc in aucs.items() if auc > bound}
    defaults, repaid = outcome_counts(portfolio, frame)
    found = []
    for name, auc in suspects.items():
        low, high = auc_interval(auc, defaults, repaid, among=len(aucs))
        blocks = low > min(LEAKAGE_LEAST, bound)
        message = f"{name} alone reaches an AUC of {auc:.3f} (interval {low:.2f} to {high:.2f}), above {bound:.2f}: "
        message += (
            "does it know the outcome? Say when it is known, or remove it."
            if blocks
            else f"with {defaults} defaults and {repaid} repaid loans that may be chance."
        )
        found.append(FeatureFinding(check="leakage", feature=name, value=auc, message=message, blocks=blocks))
    return found


def outcome_counts(portfolio: Portfolio, frame: pl.DataFrame) -> tuple[int, int]:
    """Defaults and repaid loans of a feature table."""
    target = frame[portfolio.target].drop_nulls()
    defaults = int((target == 1).sum())
    return defaults, len(target) - defaults


def auc_interval(auc: float, defaults: int, repaid: int, *, among: int = 1) -> tuple[float, float]:
    """95 % interval of an AUC that was picked `among` so many; all of them hold at once (C. E. Bonferroni).

    The standard error is that of J. A. Hanley and B. J. McNeil, Radiology 143 (1982) 29-36, at an AUC of 0.2 to
    0.8: at 0 and at 1 it would be 0, however few defaults there are.
    """
    if not defaults or not repaid:
        return 0.0, 1.0
    level = min(max(auc, 1 - LEAKAGE_LEAST), LEAKAGE_LEAST)
    one, two = level / (2 - level), 2 * level**2 / (1 + level)
    spread = level * (1 - level) + (defaults - 1) * (one - level**2) + (repaid - 1) * (two - level**2)
    reach = NormalDist().inv_cdf(1 - 0.025 / max(among, 1)) * sqrt(spread / (defaults * repaid))
    return max(auc - reach, 0.0), min(auc + reach, 1.0)


def told_by_chance(auc: float, defaults: int, repaid: int, *, among: int = 1) -> bool:
    """Whether there are few applicants and such an AUC, picked among so many, is no more than chance gives."""
    low, _ = auc_interval(auc, defaults, repaid, among=among)
    return defaults + repaid < FEW_ROWS and low <= 0.5  # noqa: PLR2004  # what tossing a coin reaches


def single_feature_auc(portfolio: Portfolio, frame: pl.DataFrame) -> dict[str, float]:
    """AUC of every feature on its own, over the rows with a target.

    A number is ranked as it is, in the better direction; a category by its share of defaults. Below `FEW_ROWS` rows
    that share is taken over the other four fifths of the rows, for a rare category would otherwise rank its own
    outcome. Null counts as a value of its own, below all others. Ties count half.

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
    measured = {
        "null": (nulls, "1 row has" if nulls == 1 else f"{nulls} rows have", "no applicant key"),
        "unique": (repeated, "1 row repeats" if repeated == 1 else f"{repeated} rows repeat", "an applicant key"),
    }
    return [
        FeatureFinding(check=f"key_{name}", feature=portfolio.applicant_key, value=count, message=f"{rows} {what}.")
        for name, (count, rows, what) in measured.items()
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
        texts = [text for wording in reason.all_wordings for text in (wording.fr, wording.en)]
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
    if len(values) < FEW_ROWS:
        return _crossed_codes(frame)
    return frame.select(pl.col("target").mean().over("value").rank("dense")).to_series().to_numpy().astype(np.int64)


def _crossed_codes(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Order of each row's category by its share of defaults in the other folds, drawn a little to the common share."""
    target, fold = pl.col("target").cast(pl.Float64), pl.int_range(pl.len()) % _FOLDS
    placed = frame.with_columns(target=target, fold=fold)
    inside, whole = pl.col("target").sum().over("value", "fold"), pl.col("target").sum().over("value")
    others = pl.len().over("value") - pl.len().over("value", "fold")
    rate = (whole - inside + pl.col("target").mean() * _PRIOR_ROWS) / (others + _PRIOR_ROWS)
    return placed.select(rate.rank("dense")).to_series().to_numpy().astype(np.int64)


def _auc(codes: npt.NDArray[np.int64], target: npt.NDArray[np.bool_]) -> float:
    """AUC of integer codes, in the better direction (Mann-Whitney U with half weight for ties)."""
    bad = np.bincount(codes[target], minlength=codes.max() + 1).astype(float)
    good = np.bincount(codes[~target], minlength=codes.max() + 1).astype(float)
    below = np.cumsum(good) - good
    auc = float((bad * (below + good / 2)).sum() / (bad.sum() * good.sum()))
    return max(auc, 1 - auc)
