"""Applicants in the feature table who are not in a raw file: they were decided about, and their loans have an outcome.

What is here: the columns that tell them from the others, `with_decided`, which puts them below the others, and
`of_raw_files`, which takes them away again.
What to add here: another way in which somebody gets into the feature table.
What must not be here: who comes in (`monitoring/retraining`), computing features: theirs were computed of a request.

While nobody was taken in, the feature table has none of these columns and is bit for bit what the raw files make.
"""

from __future__ import annotations

from typing import Final

import polars as pl

ORIGIN: Final = "origin"
"""Column that says where an applicant of the feature table comes from: `RAW_FILE` or `DECIDED`."""
MARK: Final = "decision_mark"
"""Column that names the decision a row was made of, by a digest that only the log can be held against; null for rows of
raw files."""
RAW_FILE: Final = "raw file"
DECIDED: Final = "decided"
_EXTRA: Final = (ORIGIN, MARK)


def has_decided(frame: pl.LazyFrame | pl.DataFrame) -> bool:
    """Whether a feature table says of its rows where they come from: only one with decided applicants does."""
    return ORIGIN in frame.lazy().collect_schema()


def with_decided(frame: pl.LazyFrame, decided: pl.LazyFrame) -> pl.LazyFrame:
    """The feature table of the raw files, then the decided applicants.

    Args:
        frame: key, target and features, as the engine made them.
        decided: the same columns, and `MARK`; types are those of `frame`, as its engine stores them.
    """
    schema = frame.collect_schema()
    raw = frame.with_columns(pl.lit(RAW_FILE).alias(ORIGIN), pl.lit(None, dtype=pl.String).alias(MARK))
    theirs = [pl.col(name).cast(dtype) for name, dtype in schema.items()]
    added = decided.select(*theirs, pl.lit(DECIDED).alias(ORIGIN), MARK)
    return pl.concat([raw, added])


def of_raw_files(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of a feature table that raw files are behind, without the columns that say so."""
    return frame.filter(pl.col(ORIGIN) == RAW_FILE).drop(_EXTRA) if has_decided(frame) else frame


def extra_columns(frame: pl.LazyFrame) -> frozenset[str]:
    """Columns of a feature table beyond key, target and features."""
    return frozenset(_EXTRA) if has_decided(frame) else frozenset()
