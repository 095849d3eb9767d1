"""Whether one applicant scored alone gets what the batch gave, and how fast.

What is here: the comparison of single requests, made from raw rows, with the batch's scores of the feature table.
What to add here: another way in which a scorer is asked.
What must not be here: HTTP (tests of the service), the gate's bounds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from credit_platform.governance.raw_rows import require_applications
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Request, Scorer

APPLICANTS = 30
"""Applicants compared; a difference in the feature code shows on any of them."""
TOLERANCE = 1e-9
"""Probabilities may differ by this much: sums over a history are added up in another order."""


@dataclass(frozen=True, kw_only=True)
class Parity:
    """Single requests against the batch."""

    applicants: int
    largest_difference: float
    """Of the probability of default."""
    differing: tuple[str, ...]
    """Applicants whose probability differs by more than `TOLERANCE`, or whose decision differs."""
    median_milliseconds: float
    p95_milliseconds: float
    """Time of one request, reasons included, on the machine that ran the check."""

    def to_dict(self) -> dict[str, Any]:
        """Fields as JSON values."""
        return {**asdict(self), "differing": list(self.differing)}


def compare_single_with_batch(
    scorer: Scorer,
    rows: pl.DataFrame,
    applications: pl.LazyFrame,
    histories: Mapping[str, pl.LazyFrame],
    *,
    most: int = APPLICANTS,
) -> Parity:
    """Score applicants one by one from raw rows and compare with the batch.

    Args:
        scorer: what is asked.
        rows: rows of the feature table with the applicant key; the first `most` are used.
        applications: raw application table.
        histories: the other raw tables by name.
        most: applicants to ask about.

    Raises:
        FeatureError: an applicant has no row in `applications`.
    """
    portfolio = scorer.portfolio
    key = portfolio.applicant_key
    used = rows.head(most)
    batch = scorer.score_features(used)
    require_applications(portfolio, used[key], {portfolio.training_table: applications})
    requests = raw_requests(portfolio, used[key], applications, histories)
    scorer.score(requests[0])  # the first request converts the feature expressions
    single, outcomes, seconds = [], [], []
    for request in requests:
        started = time.perf_counter()
        decision = scorer.score(request)
        seconds.append(time.perf_counter() - started)
        single.append(decision.probability_of_default)
        outcomes.append(decision.decision)
    gaps = np.abs(np.array(single) - batch)
    wrong = [
        gap > TOLERANCE or outcome != scorer.outcome(p)
        for gap, outcome, p in zip(gaps.tolist(), outcomes, batch.tolist(), strict=True)
    ]
    names = used[key].cast(pl.String).to_list()
    return Parity(
        applicants=len(requests),
        largest_difference=float(gaps.max()),
        differing=tuple(name for name, bad in zip(names, wrong, strict=True) if bad),
        median_milliseconds=float(np.median(seconds)) * 1000,
        p95_milliseconds=float(np.quantile(seconds, 0.95)) * 1000,
    )


def raw_requests(
    portfolio: Portfolio, applicants: pl.Series, applications: pl.LazyFrame, histories: Mapping[str, pl.LazyFrame]
) -> list[Request]:
    """A request per applicant, in their order, from the raw tables.

    A history without the applicant key is found through the tables that its foreign keys name.
    """
    key = portfolio.applicant_key
    columns = [column.name for column in portfolio.application_columns]
    frame = applications.filter(pl.col(key).is_in(applicants.implode())).collect()
    by_key = {row[key]: {name: row[name] for name in columns} for row in frame.iter_rows(named=True)}
    rows = _history_rows(portfolio, applicants, histories)
    return [
        Request(
            application=by_key[one],
            applicant_id=str(one),
            histories={name: by_applicant.get(one, []) for name, by_applicant in rows.items()} or None,
        )
        for one in applicants.to_list()
    ]


_ByApplicant = dict[Any, list[dict[str, Any]]]


def _history_rows(
    portfolio: Portfolio, applicants: pl.Series, histories: Mapping[str, pl.LazyFrame]
) -> dict[str, _ByApplicant]:
    """Rows of each history by applicant."""
    key = portfolio.applicant_key
    found: dict[str, pl.DataFrame] = {}
    direct = [name for name in histories if key in portfolio.table(name).column_names]
    for name in direct:
        found[name] = histories[name].filter(pl.col(key).is_in(applicants.implode())).collect()
    for name in histories:
        if name not in found:
            found[name] = _through_parent(portfolio, name, histories[name], found)
    return {name: _grouped(frame, key, portfolio.table(name).column_names) for name, frame in found.items()}


def _through_parent(
    portfolio: Portfolio, name: str, frame: pl.LazyFrame, found: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    link = next(one for one in portfolio.table(name).foreign_keys if one.parent in found)
    owners = found[link.parent].select(pl.col(link.parent_column).alias(link.column), portfolio.applicant_key).unique()
    wanted = frame.filter(pl.col(link.column).is_in(owners[link.column].implode())).collect()
    return wanted.join(owners, on=link.column, how="inner")


def _grouped(frame: pl.DataFrame, key: str, columns: Sequence[str]) -> _ByApplicant:
    grouped: _ByApplicant = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault(row[key], []).append({name: row[name] for name in columns})
    return grouped
