"""Tools of the generator: random streams, exact totals, one-to-many expansion, frames.

What is here: helpers that know nothing about a column.
What to add here: a helper that several tables of the generator need.
What must not be here: names of columns.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def stream(seed: int, chunk: int, name: str) -> np.random.Generator:
    """Random stream of one table of one chunk: it depends on nothing else, so neither on the number of workers."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, chunk, zlib.crc32(name.encode())])))


def correlated(rng: np.random.Generator, factor: npt.NDArray[Any], loading: float) -> FloatArray:
    """Standard normal scores whose correlation with the standard normal `factor` is `loading`."""
    bounded = min(max(loading, -0.98), 0.98)
    noise = rng.standard_normal(len(factor))
    return np.asarray(bounded * factor + np.sqrt(1.0 - bounded**2) * noise, dtype=np.float64)


def mixed(*parts: tuple[float, npt.NDArray[Any]]) -> FloatArray:
    """Weighted sum of independent standard normal scores, scaled to be standard normal itself."""
    scale = 1.0 / np.sqrt(sum(weight**2 for weight, _ in parts))
    return np.asarray(sum((weight * scale) * score for weight, score in parts), dtype=np.float64)


def fit_total(
    rng: np.random.Generator, counts: IntArray, total: int, lowest: npt.ArrayLike, highest: npt.ArrayLike
) -> IntArray:
    """Nudge random entries of `counts` up or down until they add up to `total`, within bounds per entry.

    Raises:
        ValueError: the bounds leave no room for `total`.
    """
    low = np.broadcast_to(np.asarray(lowest, dtype=np.int64), counts.shape)
    high = np.broadcast_to(np.asarray(highest, dtype=np.int64), counts.shape)
    if not int(low.sum()) <= total <= int(high.sum()):
        raise ValueError(f"no counts between {int(low.sum())} and {int(high.sum())} add up to {total}")
    fitted = np.clip(counts, low, high)
    while (gap := total - int(fitted.sum())) != 0:
        room = np.flatnonzero(fitted < high if gap > 0 else fitted > low)
        chosen = room if abs(gap) >= len(room) else rng.choice(room, size=abs(gap), replace=False)
        fitted[chosen] += np.sign(gap)
    return fitted


def expand(counts: IntArray) -> tuple[IntArray, IntArray]:
    """Rows of a one-to-many relation: index of the parent of each row, and position of the row within its parent."""
    parent = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return parent, np.arange(len(parent)) - np.repeat(starts, counts)


def window(total: int, chunk: int, chunks: int) -> tuple[int, int]:
    """First and last-plus-one of the rows of `total` that belong to `chunk` of `chunks` equal ones."""
    return total * chunk // chunks, total * (chunk + 1) // chunks


def words(codes: npt.NDArray[Any], names: Sequence[str], null: npt.NDArray[np.bool_] | None = None) -> pl.Series:
    """Text column from codes (index into `names`), null where `null` is true."""
    index = codes if null is None else np.where(null, len(names), codes)
    return pl.Series([*names, None], dtype=pl.String).gather(pl.Series(index.astype(np.uint32)))


def pick(rng: np.random.Generator, size: int, shares: Mapping[str, float]) -> npt.NDArray[np.int16]:
    """Codes drawn independently with the given shares (index in the order of `shares`)."""
    weights = np.cumsum(np.array(list(shares.values()), dtype=np.float64))
    return np.searchsorted(weights[:-1] / weights[-1], rng.random(size), side="right").astype(np.int16)


def chance(rng: np.random.Generator, size: int, odds: float | npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """True with probability `odds`, one number or one per row, independently for each of `size` rows."""
    return np.asarray(rng.random(size, dtype=np.float32) < odds)


def nulled(values: npt.NDArray[Any], null: npt.NDArray[np.bool_]) -> FloatArray:
    """Floats with NaN (written as empty) where `null` is true."""
    return np.where(null, np.nan, values)


def frame(columns: Mapping[str, Any], order: Sequence[str]) -> pl.DataFrame:
    """Data frame with the columns in `order`; NaN becomes null."""
    built = pl.DataFrame({name: columns[name] for name in order})
    return built.with_columns(pl.selectors.float().fill_nan(None))
