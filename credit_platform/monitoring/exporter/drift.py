"""Drift of the newest day that was judged, read from `monitoring/drift`.

What is here: `DriftCollector`.
What to add here: another figure that is recorded of a day.
What must not be here: measuring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from credit_platform.errors import RecordError
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.monitoring.exporter.background import Sample
from credit_platform.monitoring.exporter.model import day_of
from credit_platform.monitoring.exporter.tables import Unchanged, each
from credit_platform.monitoring.metrics import model as told
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio

NAME = "drift"
LEVELS = {"stable": 0.0, "watch": 1.0, "retrain": 2.0, "too few": -1.0}
"""By the words of `monitoring/drift`."""


class DriftCollector:
    """Looks at the drift of some portfolios."""

    def __init__(self, lakehouse: Lakehouse, portfolios: Sequence[Portfolio]) -> None:
        """Look in `lakehouse`."""
        self._lakehouse = lakehouse
        self._names = [portfolio.name for portfolio in portfolios]
        self._unchanged = Unchanged(lakehouse)

    def collect(self) -> Iterator[Sample]:
        """Level, score and features of each portfolio of which a day was judged.

        Raises:
            RecordError: a table says otherwise than it should.
        """
        return each(self._names, self._drift)

    def _drift(self, name: str) -> Iterable[Sample]:
        key = monitoring_key(name, NAME)
        return self._unchanged.get(key, "drift", lambda: self._read(key, name)) or ()

    def _read(self, key: str, name: str) -> list[Sample]:
        stored = self._lakehouse.read(key)
        try:
            days: Mapping[str, Sequence[Mapping[str, Any]]] = stored.summary["days"]
            if not days:
                return []
            newest = max(days)
            # The model that decided most is first.
            return [*day_samples(name, newest, days[newest][0]), *_features(stored, name, newest, days[newest][0])]
        except (KeyError, IndexError, TypeError) as error:
            raise RecordError(
                f"The record of {key} version {stored.version.version} does not fit: {error}.",
                f"Make it again: credit-platform run {name} --monitoring",
            ) from error


def day_samples(portfolio: str, day: str, said: Mapping[str, Any]) -> Iterator[Sample]:
    """What is told of a day that was judged.

    Raises:
        KeyError: the record of the day lacks something.
    """
    at = (portfolio,)
    yield Sample(told.DRIFT_SCORE, at, said["score"])
    yield Sample(told.DRIFT_LEVEL, at, LEVELS[said["level"]])
    yield Sample(told.DRIFT_DAY, at, day_of(day))
    yield Sample(told.DRIFTED, at, said["drifted"])
    yield Sample(told.PLAIN_KS, at, said["plain_ks"])
    yield Sample(told.INCIDENTS, at, len(said["incidents"]))
    if said["score_psi"] is not None:
        yield Sample(told.SCORE_PSI, at, said["score_psi"])
    for population, name in (("training", "acceptance_before"), ("now", "acceptance_now")):
        if said[name] is not None:
            yield Sample(told.ACCEPTANCE, (portfolio, population), said[name])


def _features(stored: StoredTable, portfolio: str, day: str, said: Mapping[str, Any]) -> Iterator[Sample]:
    rows = (
        stored.frame.filter(
            (pl.col("day") == pl.lit(day).str.to_date())
            & (pl.col("model") == said["model"])
            & (pl.col("role") == "feature")
        )
        .sort("importance", "feature", descending=[True, False])
        .head(told.DRIFT_FEATURES)
        .select("feature", "psi")
        .collect()
    )
    for feature, psi in rows.iter_rows():
        if psi is not None:
            yield Sample(told.FEATURE_PSI, (portfolio, feature), psi)
