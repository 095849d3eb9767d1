"""A word for each feature: stable, moved, too few, missing, new category, constant.

What is here: `Verdict`, and `verdicts_of`, which puts the three questions together.
What to add here: a verdict, with the rule by which it is given.
What must not be here: counting, tests, what the lender should do (`drift.py`).

Rules, the first that holds:

1. `missing`: the feed lost the values of the feature; or nobody has a value, and nobody had one in training.
2. `constant`: everybody has one and the same value, and in training they had not; or they had, too.
3. `too few`: not even in 28 days enough decisions to tell a material difference from chance.
4. `new category`: values that training did not have.
5. `moved`: certain (Holm over all features) and material (PSI).
6. `stable`.

A feed that broke is a data incident. It is never counted as drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from credit_platform.monitoring.drift.cells import Counts, Floats, Kind, Role
from credit_platform.monitoring.drift.feeds import CONSTANT, MISSING, SOUND, Codes
from credit_platform.monitoring.drift.questions import (
    LEVEL,
    MATERIAL,
    Booleans,
    holm,
    indices,
    least_decisions,
    test_all,
    totals,
)
from credit_platform.monitoring.drift.reference import Reference
from credit_platform.monitoring.drift.windows import LENGTHS, Windows

LEAST_NEW, LEAST_NEW_SHARE = 3, 0.001
"""Decisions with a category that training did not have, and their share, from which they are worth a word."""


class Verdict(StrEnum):
    """What is said of a feature."""

    STABLE = "stable"
    MOVED = "moved"
    TOO_FEW = "too few"
    MISSING = "missing"
    NEW_CATEGORY = "new category"
    CONSTANT = "constant"


FEATURE_COLUMNS: dict[str, Any] = {
    "feature": pl.String,
    "role": pl.String,
    "kind": pl.String,
    "verdict": pl.String,
    "drifted": pl.Boolean,
    "incident": pl.Boolean,
    "importance": pl.Float64,
    "days": pl.Int64,
    "decisions": pl.Int64,
    "least": pl.Int64,
    "statistic": pl.Float64,
    "p": pl.Float64,
    "p_adjusted": pl.Float64,
    "plain_p": pl.Float64,
    "psi": pl.Float64,
    "missing_before": pl.Float64,
    "missing_now": pl.Float64,
    "unseen_now": pl.Float64,
}
"""Columns of the table of verdicts; `drifted` is certain and material, `incident` a feed that broke."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """All verdicts, with what they rest on."""

    table: pl.DataFrame
    """A row per feature, then of the score and the decisions; columns `FEATURE_COLUMNS`."""
    counts: Floats
    """(all cells,) of the window in which each was judged."""
    expected: Floats
    """(all cells,) shares that were expected there."""
    rows: Floats
    """(measured,) rows of training behind them."""


def verdicts_of(reference: Reference, windows: Windows) -> Judged:
    """Judge everything that is measured, each in the narrowest window that holds enough decisions."""
    least = least_decisions(reference, windows.expected[-1])
    feeds = _feeds(windows.feeds)
    window, enough = _windows(windows, least, feeds)
    counts, expected = (_chosen(reference, part, window) for part in (windows.counts, windows.expected))
    rows = np.take_along_axis(windows.rows, window[np.newaxis], axis=0)[0]
    statistic, p, plain = test_all(reference, expected, counts, rows)
    psi = indices(reference, expected, counts, rows)
    adjusted = np.ones_like(p)
    adjusted[reference.features] = holm(np.where(enough, p, 1.0)[reference.features])
    others = np.setdiff1d(np.arange(p.size), reference.features)
    adjusted[others] = p[others]
    facts = _Facts(reference, counts, expected)
    drifted = enough & (adjusted < LEVEL) & (psi > MATERIAL)
    words = _words(facts, feeds, enough, drifted)
    drifted &= np.isin(words, [Verdict.MOVED.value, Verdict.NEW_CATEGORY.value])
    table = pl.DataFrame(
        {
            "feature": [one.name for one in reference.cells],
            "role": [one.role.value for one in reference.cells],
            "kind": [one.kind.value for one in reference.cells],
            "verdict": words,
            "drifted": drifted,
            "incident": feeds != SOUND,
            "importance": reference.importance,
            "days": np.array(LENGTHS)[window],
            "decisions": facts.n.astype(np.int64),
            "least": np.ceil(least).astype(np.int64),
            "statistic": statistic,
            "p": p,
            "p_adjusted": adjusted,
            "plain_p": plain,
            "psi": psi,
            "missing_before": facts.missing_before,
            "missing_now": facts.missing / np.maximum(facts.n, 1.0),
            "unseen_now": facts.unseen / np.maximum(facts.n, 1.0),
        },
        schema=FEATURE_COLUMNS,
    )
    shown = table.filter(pl.col("role") != Role.TARGET.value)
    return Judged(table=shown, counts=counts, expected=expected, rows=rows)


def _windows(windows: Windows, least: Floats, feeds: Codes) -> tuple[Counts, Booleans]:
    """(measured,) the narrowest window with enough decisions, the widest where none has; and whether one has.

    Of a feed that broke the narrowest window that shows it, and never enough to compare.
    """
    fits = windows.decisions >= least
    chosen = np.where(fits.any(axis=0), fits.argmax(axis=0), len(LENGTHS) - 1)
    shown = (windows.feeds != SOUND).argmax(axis=0)
    return np.where(feeds == SOUND, chosen, shown), np.asarray(fits.any(axis=0) & (feeds == SOUND))


def _chosen(reference: Reference, part: Floats, window: Counts) -> Floats:
    """(all cells,) each of its own window."""
    return np.asarray(np.take_along_axis(part, window[reference.owner][np.newaxis], axis=0)[0])


def _feeds(feeds: Codes) -> Codes:
    """What is wrong with each feed: on the day itself, else in the narrowest window that shows it."""
    found = feeds[0]
    for wider in feeds[1:]:
        found = np.where(found == SOUND, wider, found)
    return np.asarray(found)


class _Facts:
    """What the cells say without a test."""

    def __init__(self, reference: Reference, counts: Floats, expected: Floats) -> None:
        first = reference.starts[:-1]
        self.n = totals(reference, counts)
        self.missing, self.missing_before = counts[first], expected[first]
        unseen = np.zeros(counts.size, np.bool_)
        for start, cells in zip(first, reference.cells, strict=True):
            unseen[[start + place for place in cells.unseen]] = True
        self.unseen = totals(reference, np.where(unseen, counts, 0.0))
        self.had_unseen = totals(reference, np.where(unseen, expected, 0.0)) > 0
        self.category = np.array([one.kind is Kind.CATEGORY for one in reference.cells])
        inside = np.ones(counts.size, np.bool_)
        inside[first] = False
        self.known_before = totals(reference, np.where(inside, expected, 0.0))
        # One value for everybody, now and in training, and the same.
        alone = totals(reference, ((expected > 0) & inside).astype(np.float64)) == 1
        same = totals(reference, np.where((expected > 0) & inside, counts, 0.0)) == self.n - self.missing
        self.constant_before = alone & same

    @property
    def nobody(self) -> Booleans:
        """Nobody has a value, and nobody had one."""
        return np.asarray((self.n > 0) & (self.missing == self.n) & (self.known_before <= 0))

    @property
    def new(self) -> Booleans:
        """Categories that training did not have, more than a slip of the pen."""
        several = (self.unseen >= LEAST_NEW) & (self.unseen >= LEAST_NEW_SHARE * self.n)
        return np.asarray(self.category & several & ~self.had_unseen)


def _words(facts: _Facts, feeds: Codes, enough: Booleans, drifted: Booleans) -> list[str]:
    always = (facts.n > 0) & facts.constant_before & (facts.missing < facts.n) & ~drifted
    rules = [
        (feeds == MISSING, Verdict.MISSING),
        (feeds == CONSTANT, Verdict.CONSTANT),
        (facts.nobody, Verdict.MISSING),
        (always, Verdict.CONSTANT),
        (facts.new, Verdict.NEW_CATEGORY),
        (~enough, Verdict.TOO_FEW),
        (drifted, Verdict.MOVED),
    ]
    found = np.select([rule for rule, _ in rules], [word.value for _, word in rules], Verdict.STABLE.value)
    return [str(word) for word in found]
