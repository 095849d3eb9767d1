"""Made-up decisions, as records of a log and as rows of a look at one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import polars as pl

from credit_platform.monitoring.decision_log import DecisionRecord
from credit_platform.monitoring.overview.log import LOG_COLUMNS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(number: int, at: datetime, **changed: Any) -> DecisionRecord:
    """A decision about nobody in particular."""
    fields: dict[str, Any] = {
        "decided_at": at,
        "request_id": f"r{number}",
        "applicant_id": f"A-{number}",
        "client": None,
        "portfolio": "german_credit",
        "inputs": None,
        "inputs_digest": "d" * 64,
        "features": "{}",
        "probability": 0.1,
        "decision": "accepted",
        "threshold": 0.2,
        "points": 500,
        "language": "en",
        "answer": '{"reasons": []}',
        "model_name": "german_credit",
        "model_version": "1",
        "model_digest": "d",
        "feature_version": "f",
        "latency_ms": 2.0,
    }
    return DecisionRecord(**{**fields, **changed})


def rows(decisions: Iterable[tuple[datetime, str, float, float]], *, model: str = "d") -> pl.DataFrame:
    """Rows as a look gives them: moment, decision, probability, milliseconds."""
    found = [
        {
            "log": "home",
            "id": number,
            "decided_at": at,
            "request_id": f"r{number}",
            "decision": decision,
            "probability": probability,
            "points": 500,
            "latency_ms": latency,
            "model_version": "1",
            "model_digest": model,
        }
        for number, (at, decision, probability, latency) in enumerate(decisions, start=1)
    ]
    return pl.DataFrame(found, schema=LOG_COLUMNS).sort("decided_at", "id", descending=True)
