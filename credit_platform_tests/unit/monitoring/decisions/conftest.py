"""A home with a decision log, records to write, and a pass as the asset makes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse, TableVersion
from credit_platform.monitoring.decision_log import Act, DecisionRecord, DecisionStore
from credit_platform.monitoring.decisions.forgetting import forget
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.passes import read_logs
from credit_platform.monitoring.decisions.schema import decisions_key
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

ACT = Act(person="K. Auditor", reason="a test", account="tester")
PORTFOLIO = get_portfolio("german_credit")
KEY = decisions_key(PORTFOLIO.name)


def moment(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A moment in November 2026, UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def record(request: str, at: datetime, applicant: str = "A-1", **features: object) -> DecisionRecord:
    """A decision of german_credit."""
    values: dict[str, Any] = dict.fromkeys(DECLARED[:3], 1.5) | features
    return DecisionRecord(
        decided_at=at,
        request_id=request,
        applicant_id=applicant,
        client="0123abcd",
        portfolio="german_credit",
        inputs=None,
        inputs_digest="d" * 64,
        features=orjson.dumps(values).decode(),
        probability=0.25,
        decision="refused",
        threshold=1 / 6,
        points=500,
        language="fr",
        answer='{"reasons":[],"histories":"none"}',
        model_name="german_credit",
        model_version="abc",
        model_digest="e" * 64,
        feature_version="f",
        latency_ms=1.5,
    )


DECLARED = [feature.name for feature in PORTFOLIO.features if feature.kind == "numeric"]


@dataclass
class Home:
    """A home, and what is done in it."""

    settings: Settings
    store: DecisionStore

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root)

    def log(self, *records: DecisionRecord) -> None:
        """Write decisions."""
        self.store.append(records)

    def erase(self, applicant: str) -> None:
        """Erase from the log alone."""
        self.store.erase(applicant, ACT)

    def run(self, *days: int) -> TableVersion:
        """What the asset does, without judges: forget, read, commit."""
        logs = open_logs(self.settings)
        forget(self.lakehouse, PORTFOLIO.name, logs)
        chosen = [moment(day).date() for day in days] or None
        found = read_logs(self.lakehouse, PORTFOLIO, logs, chosen)
        if found.unchanged is not None:
            return found.unchanged
        return self.lakehouse.replace(KEY, found.replacement, summary=found.record.to_summary())

    def rows(self, version: int | None = None) -> pl.DataFrame:
        """The table."""
        return self.lakehouse.scan(KEY, version).sort("log", "row").collect()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    settings = Settings(home=tmp_path / "mon été" / "home")
    store = DecisionStore(settings.decision_log)
    yield Home(settings, store)
    store.close()
