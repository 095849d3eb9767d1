"""Windows of 1, 7 and 28 days out of daily counts, per feature, without the days on which its feed was broken.

What is here: `Days` (the last 28 days as arrays), `Windows`, and `windows_of`.
What to add here: nothing; which window a feature is judged in is said in `verdicts.py`.
What must not be here: tests, words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from credit_platform.monitoring.drift.cells import Counts, Floats
from credit_platform.monitoring.drift.feeds import SOUND, Codes, broken_feeds
from credit_platform.monitoring.drift.questions import Booleans
from credit_platform.monitoring.drift.reference import Reference

LENGTHS = (1, 7, 28)
"""Days of a window, the narrowest first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Days:
    """The days before and with the day that is judged, newest first."""

    counts: Counts
    """(days, all cells)."""
    single: Booleans
    """(days, all cells) whether all values in a cell are equal."""
    decisions: Counts
    """(days, strata) in the order of the reference's strata."""
    feeds: Codes
    """(days, measured) what was wrong with each feed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """Counts of each window of `LENGTHS`, and what is expected of applicants with histories from the same sources."""

    counts: Floats
    """(windows, all cells)."""
    expected: Floats
    """(windows, all cells) shares."""
    decisions: Floats
    """(windows, measured)."""
    rows: Floats
    """(windows, measured) rows of training that the expectation rests on: the fewest of the strata that occur."""
    feeds: Codes
    """(windows, measured) what is wrong with each feed in the window as a whole; in the first that of the day."""


def days_of(daily: pl.DataFrame, reference: Reference, day: date) -> Days:
    """The 28 days up to `day` of the decisions that the reference's model made.

    Args:
        daily: as from `counting.count_cells`.
        reference: what was frozen with the model.
        day: the last one.
    """
    strata = list(reference.counts)
    age = (pl.lit(day) - pl.col("day")).dt.total_days()
    own = daily.lazy().filter(
        pl.col("model") == reference.model,
        age.is_between(0, LENGTHS[-1] - 1),
        pl.col("feature").is_in(list(reference.numbers)),
    )
    starts = dict(zip(reference.numbers, reference.starts[:-1].tolist(), strict=True))
    place = {source: strata.index(reference.stratum_for(source)) for source in ("request", "stored", "none", *strata)}
    rows = own.select(
        age.alias("age"),
        pl.col("stratum").replace_strict(place, default=0, return_dtype=pl.Int64),
        (pl.col("feature").replace_strict(starts, return_dtype=pl.Int64) + pl.col("cell")).alias("cell"),
        "count",
        "single",
    ).collect()
    return _arrays(rows, reference, len(strata))


def _arrays(rows: pl.DataFrame, reference: Reference, strata: int) -> Days:
    cells, length = int(reference.starts[-1]), LENGTHS[-1]
    age, cell, count = (rows[name].to_numpy().astype(np.int64) for name in ("age", "cell", "count"))
    counts = np.zeros((length, cells), np.int64)
    np.add.at(counts, (age, cell), count)
    single = np.ones((length, cells), np.bool_)
    several = ~rows["single"].to_numpy()
    single[age[several], cell[several]] = False
    # Every decision is counted once in each measured value, so any of them tells how many there were.
    first = rows.filter(pl.col("cell") < int(reference.starts[1]))
    decisions = np.zeros((length, strata), np.int64)
    np.add.at(decisions, (first["age"].to_numpy(), first["stratum"].to_numpy()), first["count"].to_numpy())
    return Days(counts=counts, single=single, decisions=decisions, feeds=_feeds(reference, counts, single, decisions))


def _feeds(reference: Reference, counts: Counts, single: Booleans, decisions: Counts) -> Codes:
    shares = np.stack([reference.shares(name) for name in reference.counts])
    rows = rows_by_stratum(reference)
    found = np.zeros((counts.shape[0], len(reference.cells)), np.int64)
    for day in np.flatnonzero(decisions.sum(axis=1)):
        weights = decisions[day] / decisions[day].sum()
        fewest = np.min(rows[weights > 0], axis=0)
        found[day] = broken_feeds(reference, weights @ shares, counts[day].astype(np.float64), single[day], fewest)
    return found


def rows_by_stratum(reference: Reference) -> Floats:
    """(strata, measured) rows that were counted of each."""
    first = reference.starts[:-1]
    return np.stack([np.add.reduceat(counts, first).astype(np.float64) for counts in reference.counts.values()])


def windows_of(days: Days, reference: Reference, lengths: Sequence[int] = LENGTHS) -> Windows:
    """Sum the days to windows; in a wider one, a day on which the feed of a feature was broken is no day of it."""
    shares = np.stack([reference.shares(name) for name in reference.counts])
    by_stratum = rows_by_stratum(reference)
    parts = [_window(days, reference, shares, by_stratum, length) for length in lengths]
    counts, expected, decisions, rows = (np.stack([part[n] for part in parts]).astype(np.float64) for n in range(4))
    feeds = np.stack([part[4] for part in parts])
    return Windows(counts=counts, expected=expected, decisions=decisions, rows=rows, feeds=feeds)


def _window(
    days: Days, reference: Reference, shares: Floats, by_stratum: Floats, length: int
) -> tuple[Floats, Floats, Floats, Floats, Codes]:
    # The day itself is shown as it was; what is broken there is told, not compared.
    owner, sound = reference.owner, (days.feeds[:length] == SOUND) | (length == 1)
    counts = np.where(sound[:, owner], days.counts[:length], 0).sum(axis=0).astype(np.float64)
    single = np.all(days.single[:length], axis=0)
    by_source = np.einsum("dm,ds->sm", sound.astype(np.float64), days.decisions[:length].astype(np.float64))
    decisions = by_source.sum(axis=0)
    weights = by_source / np.maximum(decisions, 1.0)
    expected = np.einsum("sk,sk->k", weights[:, owner], shares)
    occurs = np.where(weights > 0, by_stratum, np.inf).min(axis=0)
    rows = np.where(np.isfinite(occurs), occurs, 0.0)
    feeds = days.feeds[0] if length == 1 else broken_feeds(reference, expected, counts, single, rows)
    return counts, expected, decisions, rows, feeds


def earlier(day: date) -> date:
    """The first day that a judgement of `day` looks at."""
    return day - timedelta(days=LENGTHS[-1] - 1)
