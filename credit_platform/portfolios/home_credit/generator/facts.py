"""Statistics of the real files that the generator aims at, and the shapes fitted to them.

What is here: `ColumnFacts` (null share, category shares, quantiles, correlation with the outcome), from `facts.json`.
What to add here: a statistic that the generator should follow; it comes from public samples, never from rows kept here.
What must not be here: random numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
LEVELS = (0.01, 0.25, 0.5, 0.75, 0.99)
TARGET_SHARE = 0.0807
"""Share of applicants in the training file who default."""

_NORMAL = NormalDist()
_GRID = np.linspace(-4.75, 4.75, 3801)
_STEP = float(_GRID[1] - _GRID[0])


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """Statistics of one column of one real file."""

    rows: int
    null: float = 0.0
    values: Mapping[str, float] = field(default_factory=dict)
    """Category -> share of all rows (nulls included in the base)."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Category -> default rate, where enough rows were seen."""
    quantiles: tuple[float, ...] = ()
    """Minimum, quantiles at `LEVELS`, maximum."""
    mean: float | None = None
    corr: float = 0.0
    """Correlation with the outcome."""

    @property
    def shares(self) -> dict[str, float]:
        """Category -> share of the rows that are not null, adding up to 1."""
        total = sum(self.values.values())
        return {value: share / total for value, share in self.values.items()}


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_name("facts.json").read_text(encoding="utf-8"))
    return document


@cache
def table_facts(table: str) -> Mapping[str, ColumnFacts]:
    """Facts of every column of `table` except its keys; KeyError when there is none of that name."""
    return {
        column: ColumnFacts(**{**entry, "quantiles": tuple(entry.get("quantiles", ()))})
        for column, entry in _document()["tables"][table].items()
    }


def source() -> str:
    """Where the statistics come from."""
    text: str = _document()["source"]
    return text


@dataclass(frozen=True)
class Shape:
    """A quantile function over standard normal scores: `shape(normal draws)` has the column's distribution."""

    table: FloatArray
    """Values on an even grid of normal scores."""

    def __call__(self, score: npt.NDArray[Any]) -> FloatArray:
        """Map standard normal scores, any shape, to values."""
        position = (score - _GRID[0]) * (1.0 / _STEP)
        np.clip(position, 0.0, len(self.table) - 1.001, out=position)
        index = position.astype(np.intp)
        low = self.table[index]
        return np.asarray(low + (self.table[index + 1] - low) * (position - index), dtype=np.float64)


@cache
def numeric_shape(table: str, column: str, sentinel_share: float = 0.0) -> Shape:
    """Shape of a numeric column: through its quantiles, the long tail bent so that the mean fits too.

    `sentinel_share` is the share of rows at the top that hold a sentinel; the shape is that of the others.
    """
    facts = table_facts(table)[column]
    extreme = 1.0 / max(facts.rows, 1_000)
    levels = np.array([extreme, *LEVELS, 1.0 - extreme])
    values = np.array(facts.quantiles)
    mean = facts.mean
    if sentinel_share:
        keep = levels < 1.0 - sentinel_share
        levels, values = levels[keep] / (1.0 - sentinel_share), values[keep]
        levels, values = np.append(levels, 1.0 - extreme), np.append(values, 0.0)
        mean = None
    scores = np.array([_NORMAL.inv_cdf(float(level)) for level in levels])
    return _fit(scores, values, mean)


def _fit(scores: FloatArray, values: FloatArray, mean: float | None) -> Shape:
    """Bend the two outer segments on the side of the longer tail by the exponent that meets `mean`."""
    middle = values[len(values) // 2]
    upper = values[-1] - middle >= middle - values[0]
    if mean is None:
        return Shape(_bent(scores, values, 1.0, upper=upper))
    weights = np.exp(-0.5 * _GRID**2)
    weights /= weights.sum()
    low, high = 0.25, 30.0
    for _ in range(24):
        exponent = float(np.sqrt(low * high))
        too_big = float(weights @ _bent(scores, values, exponent, upper=upper)) > mean
        low, high = (exponent, high) if too_big == upper else (low, exponent)
    return Shape(_bent(scores, values, float(np.sqrt(low * high)), upper=upper))


def _bent(scores: FloatArray, values: FloatArray, exponent: float, *, upper: bool) -> FloatArray:
    if not upper:
        return np.asarray(-_bent(-scores[::-1], -values[::-1], exponent, upper=True)[::-1], dtype=np.float64)
    grid = np.clip(_GRID, scores[0], scores[-1])
    segment = np.clip(np.searchsorted(scores, grid, side="right") - 1, 0, len(scores) - 2)
    part = (grid - scores[segment]) / (scores[segment + 1] - scores[segment])
    part = np.where(segment >= len(scores) - 3, part**exponent, part)
    return np.asarray(values[segment] + (values[segment + 1] - values[segment]) * part, dtype=np.float64)


@dataclass(frozen=True)
class Categories:
    """Categories in order of rising risk, cut out of a standard normal score."""

    names: tuple[str, ...]
    cuts: FloatArray
    """Upper normal score of each category but the last."""
    correlation: float
    """Correlation of the category with the outcome, estimated from the default rates."""

    def __call__(self, score: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
        """Code of the category (index into `names`) for each score; a higher score is riskier."""
        return np.searchsorted(self.cuts, score).astype(np.int16)


@cache
def categories(table: str, column: str, rates_of: str | None = None) -> Categories:
    """Categories of a column; default rates are taken from the same column of the table `rates_of` if given."""
    shares = table_facts(table)[column].shares
    rates = table_facts(rates_of or table)[column].rates
    return ordered_categories(shares, rates)


def ordered_categories(shares: Mapping[str, float], rates: Mapping[str, float]) -> Categories:
    """Order the categories of `shares` (adding up to 1) by default rate, unknown rates at the average."""
    names = tuple(sorted(shares, key=lambda name: (rates.get(name, TARGET_SHARE), name)))
    weights = np.array([shares[name] for name in names])
    weights = weights / weights.sum()
    cumulated = np.clip(np.cumsum(weights)[:-1], 1e-12, 1.0 - 1e-12)
    cuts = np.array([_NORMAL.inv_cdf(float(level)) for level in cumulated])
    levels = np.array([rates.get(name, TARGET_SHARE) for name in names])
    spread = float(np.sqrt(weights @ (levels - weights @ levels) ** 2))
    return Categories(names, cuts, spread / float(np.sqrt(TARGET_SHARE * (1.0 - TARGET_SHARE))))


def normal_score(share: float) -> float:
    """Standard normal quantile: the score that a share of the population lies below."""
    return _NORMAL.inv_cdf(min(max(share, 1e-9), 1.0 - 1e-9))


def flag_attenuation(share: float) -> float:
    """How much more a normal score must correlate than the flag of this share that it is cut to; at most 3."""
    density = _NORMAL.pdf(normal_score(share))
    return min(float(np.sqrt(share * (1.0 - share))) / max(density, 1e-9), 3.0)


@dataclass(frozen=True, kw_only=True)
class JoinFacts:
    """How the files hang together, in public samples of them."""

    per_key: Mapping[tuple[str, str], float]
    """(table, key) -> mean number of rows per key that has any."""
    applicant_share: Mapping[str, float]
    """table -> share of all applicants with any row."""
    orphan_share: Mapping[tuple[str, str], float]
    """(table, key) -> share of rows whose parent is in no file."""


@cache
def join_facts() -> JoinFacts:
    """Relations between the real files."""
    joins = _document()["joins"]

    def pairs(name: str) -> dict[tuple[str, str], float]:
        return {(table, key): float(value) for table, key, value in joins[name]}

    return JoinFacts(
        per_key=pairs("rows per key"),
        applicant_share={table: float(value) for table, value in joins["share of applicants"]},
        orphan_share=pairs("share of rows without parent"),
    )
