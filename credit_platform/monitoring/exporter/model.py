"""The model in production, how it did, and what is known of outcomes, read from their tables.

What is here: `ModelCollector`.
What to add here: another figure of the champion or of `monitoring/performance`.
What must not be here: drift (`drift.py`), measuring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import polars as pl

from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel, promoted
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.exporter.background import Sample
from credit_platform.monitoring.exporter.tables import Unchanged, each
from credit_platform.monitoring.metrics import model as told
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.performance.report import ALL_MATURE, DECIDED, EXPECTED, HOLDOUT
from credit_platform.monitoring.performance.verdicts import Answer
from credit_platform.portfolios.keys import champion_key, monitoring_key
from credit_platform.portfolios.portfolio import Portfolio

ANSWERS = {Answer.HOLDS: 0.0, Answer.FAILS: 1.0, Answer.UNKNOWN: -1.0}
_DIGEST = 12
_NEWEST = (EXPECTED, DECIDED)
"""What says something of months that are not mature yet."""


class ModelCollector:
    """Looks at champion, performance and outcomes of some portfolios."""

    def __init__(self, lakehouse: Lakehouse, portfolios: Sequence[Portfolio]) -> None:
        """Look in `lakehouse`."""
        self._lakehouse = lakehouse
        self._names = [portfolio.name for portfolio in portfolios]
        self._unchanged = Unchanged(lakehouse)

    def champions(self) -> Iterator[Sample]:
        """Of each portfolio that has a champion: which, since when, and how good it was.

        Raises:
            CreditPlatformError: a record cannot be read.
        """
        return each(self._names, self._champion)

    def performance(self) -> Iterator[Sample]:
        """Figures, verdicts and outcomes of each portfolio that has them.

        Raises:
            CreditPlatformError: a record cannot be read.
        """
        yield from each(self._names, self._figures)
        yield from each(self._names, self._outcomes)

    def _champion(self, name: str) -> Iterable[Sample]:
        return self._unchanged.get(champion_key(name), "champion", lambda: self._read_champion(name)) or ()

    def _figures(self, name: str) -> Iterable[Sample]:
        key = monitoring_key(name, PERFORMANCE)
        return self._unchanged.get(key, "figures", lambda: self._read_figures(key, name)) or ()

    def _outcomes(self, name: str) -> Iterable[Sample]:
        key = monitoring_key(name, OUTCOMES)
        return self._unchanged.get(key, "outcomes", lambda: self._read_outcomes(key, name)) or ()

    def _read_champion(self, name: str) -> list[Sample]:
        champion = promoted(champion_table(self._lakehouse, name))
        return [] if champion is None else list(champion_samples(name, champion))

    def _read_figures(self, key: str, name: str) -> list[Sample]:
        stored = self._lakehouse.read(key)
        record = PerformanceRecord.of(stored)
        verdicts = record.verdicts
        answers = (verdicts.calibration, verdicts.discrimination, verdicts.concept)
        rows = stored.frame.filter(
            (pl.col("model_digest") == (record.champion or "")) & pl.col("measure").is_in(told.FIGURES)
        ).collect()
        return [
            *(Sample(told.PERFORMANCE, (name, *at), value) for at, value in figures_of(rows).items()),
            *(
                Sample(told.VERDICT, (name, question), ANSWERS[one.answer])
                for question, one in zip(told.QUESTIONS, answers, strict=True)
            ),
            Sample(told.MATURE, (name,), record.mature_outcomes),
            Sample(told.MATURE_DEFAULTS, (name,), record.mature_defaults),
        ]

    def _read_outcomes(self, key: str, name: str) -> list[Sample]:
        record = OutcomesRecord.of(self._lakehouse.read(key))
        found = [Sample(told.OUTCOME_LOANS, (name,), record.loans)]
        if record.newest is not None:
            found.append(Sample(told.OUTCOMES_NEWEST, (name,), day_of(record.newest)))
        return found


def champion_samples(portfolio: str, champion: PromotedModel) -> Iterator[Sample]:
    """What is told of a champion."""
    labels = (portfolio, champion.candidate, champion.version, champion.digest[:_DIGEST])
    yield Sample(told.CHAMPION_INFO, labels, 1.0)
    yield Sample(told.CHAMPION_THRESHOLD, (portfolio,), champion.rule.threshold)
    if champion.promoted_at is not None:
        moment = datetime.fromisoformat(champion.promoted_at)
        yield Sample(told.PROMOTED, (portfolio,), moment.timestamp())
    auc = champion.holdout_metrics.get("auc")
    if auc is not None:
        yield Sample(told.CHAMPION_AUC, (portfolio,), auc)


def figures_of(rows: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Of each figure and basis the value of the group that says most.

    Args:
        rows: of one model; columns of `monitoring/performance`.

    Returns:
        Figure and basis to value: of the newest month for what says something of those that are not mature, of all
        mature months together (or the holdout) for the rest. What has no value is left out.
    """
    found: dict[tuple[str, str], float] = {}
    known = rows.filter(pl.col("value").is_not_null() & pl.col("basis").is_in(told.BASES)).sort("month")
    for row in known.iter_rows(named=True):
        newest = row["basis"] in _NEWEST and row["month"] != ALL_MATURE
        if newest or (row["basis"] not in _NEWEST and row["month"] in (ALL_MATURE, HOLDOUT)):
            found[(row["measure"], row["basis"])] = row["value"]
    return found


def day_of(text: str) -> float:
    """Beginning of a day (ISO 8601) in UTC, in seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
