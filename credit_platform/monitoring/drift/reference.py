"""What the applicants of training looked like to a model: counts in frozen cells, per stratum, as object and as table.

What is here: `Reference`, with `to_frame` and `from_frame`.
What to add here: another figure that is frozen with a model.
What must not be here: making one from a scorer (`training.py`), comparing.

A stratum says where an applicant's histories came from: with the request, out of the stored tables, or from nowhere.
Somebody without histories looks like nobody who has them, so each is compared with its own kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from credit_platform.errors import RecordError
from credit_platform.monitoring.drift.cells import Cells, Counts, Floats, Kind, Role
from credit_platform.scoring.rule import DecisionRule

REQUEST, STORED, NONE = "request", "stored", "none"
STRATA = (REQUEST, STORED, NONE)
"""Where the histories of an applicant came from."""
SCORE, DECISION, TARGET = "probability", "decision", "target"
"""Names of what is measured beside the features; no portfolio may name a feature so."""

REFERENCE_COLUMNS: dict[str, Any] = {
    "model": pl.String,
    "stratum": pl.String,
    "number": pl.Int32,
    "feature": pl.String,
    "role": pl.String,
    "kind": pl.String,
    "importance": pl.Float64,
    "cell": pl.Int32,
    "upper": pl.Float64,
    "category": pl.String,
    "bin": pl.Int32,
    "mean": pl.Float64,
    "count": pl.Int64,
    "threshold": pl.Float64,
    "review_from": pl.Float64,
    "review_to": pl.Float64,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """All that is frozen with a model."""

    model: str
    """Digest of the scorer."""
    rule: DecisionRule
    """By which it decides."""
    cells: tuple[Cells, ...]
    """Of each feature of the model, then of the score, the decisions and, where it is known, the target."""
    importance: Floats
    """(measured,) share of all contributions of training; 0 for what is no feature. Features add up to 1."""
    counts: Mapping[str, Counts]
    """Stratum to (all cells,) counts, measured after measured; the strata that training can say something about."""
    score_means: Floats
    """(cells of the score,) mean probability in each cell."""

    @cached_property
    def starts(self) -> Counts:
        """(measured + 1,) where the cells of each begin in the counts; the last is the number of all cells."""
        return np.concatenate(([0], np.cumsum([one.size for one in self.cells]))).astype(np.int64)

    @cached_property
    def owner(self) -> Counts:
        """(all cells,) number of the measured value that a cell belongs to."""
        return np.repeat(np.arange(len(self.cells)), np.diff(self.starts))

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Number of each measured value, by name."""
        return {one.name: number for number, one in enumerate(self.cells)}

    @cached_property
    def features(self) -> Counts:
        """Numbers of those that are features."""
        return np.array([n for n, one in enumerate(self.cells) if one.role is Role.FEATURE], dtype=np.int64)

    def part(self, counts: Counts | Floats, name: str) -> Any:
        """(cells,) of one measured value, out of (all cells,)."""
        number = self.numbers[name]
        return counts[..., self.starts[number] : self.starts[number + 1]]

    def stratum_for(self, source: str | None) -> str:
        """The stratum to compare a source of histories with.

        Training knows histories out of the stored tables; whoever sends their own is compared with those who have some.
        """
        alike = {REQUEST: (REQUEST, STORED), STORED: (STORED, REQUEST), NONE: (NONE,)}.get(source or NONE, ())
        return next((one for one in alike if one in self.counts), next(iter(self.counts)))

    def rows(self, stratum: str) -> int:
        """Applicants of training in a stratum."""
        start, end = self.starts[0], self.starts[1]
        return int(self.counts[stratum][start:end].sum())

    def shares(self, stratum: str) -> Floats:
        """(all cells,) share of its measured value in each cell; 0 throughout where nothing was counted."""
        counts = self.counts[stratum].astype(np.float64)
        totals = np.add.reduceat(counts, self.starts[:-1])[self.owner]
        return np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)

    def to_frame(self) -> pl.DataFrame:
        """A row per stratum, measured value and cell; columns `REFERENCE_COLUMNS`."""
        return pl.concat([self._stratum(name, counts) for name, counts in self.counts.items()])

    def _stratum(self, stratum: str, counts: Counts) -> pl.DataFrame:
        owner = self.owner
        low, high = self.rule.review or (None, None)
        means = np.full(counts.size, np.nan)
        score = self.numbers[SCORE]
        means[self.starts[score] : self.starts[score + 1]] = self.score_means
        return pl.DataFrame(
            {
                "number": owner,
                "feature": np.array([one.name for one in self.cells])[owner],
                "role": np.array([one.role.value for one in self.cells])[owner],
                "kind": np.array([one.kind.value for one in self.cells])[owner],
                "importance": self.importance[owner],
                "cell": np.arange(counts.size) - self.starts[owner],
                "upper": np.concatenate([_uppers(one) for one in self.cells]),
                "category": [text for one in self.cells for text in _categories(one)],
                "bin": np.concatenate([one.bins for one in self.cells]),
                "mean": means,
                "count": counts,
            },
            nan_to_null=True,
        ).select(
            pl.lit(self.model).alias("model"),
            pl.lit(stratum).alias("stratum"),
            *(pl.col(name).cast(REFERENCE_COLUMNS[name]) for name in list(REFERENCE_COLUMNS)[2:13]),
            pl.lit(self.rule.threshold).alias("threshold"),
            pl.lit(low, dtype=pl.Float64).alias("review_from"),
            pl.lit(high, dtype=pl.Float64).alias("review_to"),
        )

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, model: str) -> Reference:
        """The reference of `model` that a table holds, whatever the order of its rows.

        Raises:
            RecordError: the table holds none of it.
        """
        own = frame.filter(pl.col("model") == model)
        if own.is_empty():
            raise RecordError(
                f"There is no reference of model {model[:12]}: nothing was frozen when it was made.",
                "Materialise monitoring/reference with the scorer of that model in force.",
            )
        strata = own.sort("number", "cell").partition_by("stratum", as_dict=True)
        return _assembled(model, {str(key[0]): strata[key] for key in sorted(strata, key=_place)})


def _place(key: tuple[object, ...]) -> tuple[int, str]:
    """Strata in their usual order."""
    name = str(key[0])
    return (STRATA.index(name) if name in STRATA else len(STRATA), name)


def _assembled(model: str, strata: Mapping[str, pl.DataFrame]) -> Reference:
    rows = next(iter(strata.values()))
    ends = np.flatnonzero(np.diff(rows["number"].to_numpy(), append=-1)) + 1
    cells = tuple(_cells(rows[start:end]) for start, end in pairwise([0, *ends.tolist()]))
    low, high = rows["review_from"][0], rows["review_to"][0]
    score = rows.filter(pl.col("role") == Role.SCORE.value)
    return Reference(
        model=model,
        rule=DecisionRule(threshold=rows["threshold"][0], review=None if low is None else (low, high)),
        cells=cells,
        importance=rows["importance"].to_numpy()[ends - 1],
        counts={name: part["count"].to_numpy() for name, part in strata.items()},
        score_means=score["mean"].fill_null(np.nan).to_numpy(),
    )


def _cells(rows: pl.DataFrame) -> Cells:
    kind = Kind(rows["kind"][0])
    return Cells(
        name=rows["feature"][0],
        role=Role(rows["role"][0]),
        kind=kind,
        edges=rows["upper"].drop_nulls().to_numpy(),
        categories=tuple(rows["category"].drop_nulls().to_list()),
        bins=rows["bin"].cast(pl.Int64).to_numpy(),
    )


def _uppers(cells: Cells) -> Floats:
    uppers = np.full(cells.size, np.nan)
    uppers[1 : 1 + cells.edges.size] = cells.edges
    return uppers


def _categories(cells: Cells) -> list[str | None]:
    inside: list[str | None] = list(cells.categories)
    return [None, *inside, *([None] * (cells.size - 1 - len(inside)))]
