"""A home with a small scorer, its feature table and split, and decisions in the log, without a run of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import orjson
import polars as pl

from credit_platform.features import build_features
from credit_platform.lakehouse import Lakehouse, TableVersion
from credit_platform.modelling.splits import split
from credit_platform.monitoring.decision_log import Act, DecisionRecord, DecisionStore
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.passes import read_logs
from credit_platform.monitoring.decisions.schema import decisions_key
from credit_platform.monitoring.drift.days import COUNTS, JudgedDay, count_days, judge_days
from credit_platform.monitoring.drift.freezing import NAME as REFERENCE
from credit_platform.monitoring.drift.freezing import freeze_references
from credit_platform.monitoring.drift.judges import everybody_counted, frozen_whole, one_verdict_each
from credit_platform.monitoring.drift.records import DRIFT, CountsRecord, DriftRecord, ReferenceRecord
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import applicants_key, model_key, monitoring_key, scorer_key
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform_tests.records import scorer_record
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer

PORTFOLIO = get_portfolio("german_credit")
ACT = Act(person="K. Auditor", reason="a test", account="tester")


@dataclass
class Home:
    """A home, and what is done in it."""

    settings: Settings
    store: DecisionStore
    scorer: Scorer
    rows: pl.DataFrame
    """The feature table."""

    @classmethod
    def made(cls, folder: Path) -> Home:
        """With a scorer of 1,000 real loans."""
        settings = Settings(home=folder)
        scorer = save_small_scorer(folder / "scorer")
        raw = raw_applications(PORTFOLIO)
        rows = build_features(PORTFOLIO, {PORTFOLIO.training_table: raw.lazy()}).collect()
        lakehouse = Lakehouse(settings.lakehouse_root)
        lakehouse.write(applicants_key(PORTFOLIO.name), rows)
        known = rows.select(PORTFOLIO.applicant_key, PORTFOLIO.target)
        lakehouse.write(model_key(PORTFOLIO.name, "split"), split(known, PORTFOLIO, seed=7))
        record = scorer_record(scorer.digest, folder / "scorer", threshold=scorer.threshold)
        lakehouse.write(scorer_key(PORTFOLIO.name), rows.head(1), summary=record.to_summary())
        return cls(settings, DecisionStore(settings.decision_log), scorer, rows)

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root)

    def log(self, rows: pl.DataFrame, day: date, prefix: str, model: str | None = None) -> None:
        """Decide about rows of the feature table on a day."""
        features = rows.select(self.scorer.fitted.features)
        at = datetime.combine(day, time(12), UTC)
        p = self.scorer.score_features(rows).tolist()
        self.store.append(
            [
                DecisionRecord(
                    decided_at=at,
                    request_id=f"{prefix}-{day}-{number}",
                    applicant_id=f"{prefix}-{number}",
                    client=None,
                    portfolio=PORTFOLIO.name,
                    inputs=None,
                    inputs_digest="d" * 64,
                    features=orjson.dumps(values).decode(),
                    probability=probability,
                    decision=self.scorer.outcome(probability),
                    threshold=self.scorer.threshold,
                    points=500,
                    language="en",
                    answer='{"reasons":[],"data_used":{"histories":[],"stored":null}}',
                    model_name=PORTFOLIO.name,
                    model_version=self.scorer.version,
                    model_digest=model or self.scorer.digest,
                    feature_version="f",
                    latency_ms=1.0,
                )
                for number, (values, probability) in enumerate(zip(features.to_dicts(), p, strict=True))
            ]
        )

    def erase(self, applicant: str) -> None:
        self.store.erase(applicant, ACT)

    def read(self) -> TableVersion:
        """monitoring/decisions, as its asset makes it."""
        logs = open_logs(self.settings)
        forget(self.lakehouse, PORTFOLIO.name, logs)
        found = read_logs(self.lakehouse, PORTFOLIO, logs)
        key = decisions_key(PORTFOLIO.name)
        return found.unchanged or self.lakehouse.replace(key, found.replacement, summary=found.record.to_summary())

    def freeze(self) -> TableVersion:
        """monitoring/reference, as its asset makes it."""
        frozen = freeze_references(self.lakehouse, PORTFOLIO)
        assert frozen_whole(frozen.frame.lazy(), frozen.record).passed
        key = monitoring_key(PORTFOLIO.name, REFERENCE)
        return frozen.unchanged or self.lakehouse.write(
            key, frozen.frame, summary=frozen.record.to_summary(), info=frozen.info
        )

    def count(self, days: Sequence[date] | None = None) -> TableVersion:
        """monitoring/cell_counts, as its asset makes it."""
        found = count_days(self.lakehouse, PORTFOLIO, days)
        assert isinstance(found.record, CountsRecord)
        verdict = everybody_counted(found.frame, found.record)
        assert verdict.passed, verdict.message
        key = monitoring_key(PORTFOLIO.name, COUNTS)
        return found.unchanged or self.lakehouse.replace(key, found.replacement, summary=found.record.to_summary())

    def judge(self, days: Sequence[date] | None = None) -> tuple[TableVersion, JudgedDay | None]:
        """monitoring/drift, as its asset makes it."""
        found, newest = judge_days(self.lakehouse, PORTFOLIO, days, page="drift.html")
        assert isinstance(found.record, DriftRecord)
        verdict = one_verdict_each(found.frame, found.record)
        assert verdict.passed, verdict.message
        key = monitoring_key(PORTFOLIO.name, DRIFT)
        version = found.unchanged or self.lakehouse.replace(key, found.replacement, summary=found.record.to_summary())
        return version, newest

    def all(self) -> JudgedDay | None:
        """Everything, in the order of the graph."""
        self.freeze()
        self.read()
        self.count()
        return self.judge()[1]

    def table(self, name: str) -> pl.DataFrame:
        rows = self.lakehouse.scan(monitoring_key(PORTFOLIO.name, name)).collect()
        return rows.sort(rows.columns[:6])

    def drift_record(self) -> DriftRecord:
        return DriftRecord.of(self.lakehouse.read(monitoring_key(PORTFOLIO.name, DRIFT)))

    def counts_record(self) -> CountsRecord:
        return CountsRecord.of(self.lakehouse.read(monitoring_key(PORTFOLIO.name, COUNTS)))

    def reference_record(self) -> ReferenceRecord:
        return ReferenceRecord.of(self.lakehouse.read(monitoring_key(PORTFOLIO.name, REFERENCE)))
