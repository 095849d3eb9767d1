"""Which loans a refit may learn from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.drift.records import DRIFT, DayOfDrift, DriftRecord
from credit_platform.monitoring.retraining.gathering import broken_feeds, decided_on_sound_feeds
from credit_platform.monitoring.retraining.inputs import LOANS
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key

GERMAN = get_portfolio("german_credit")
MOMENTS = [
    datetime(2031, 3, 9, 22, 59, tzinfo=UTC),  # a minute before midnight in Paris
    datetime(2031, 3, 9, 23, tzinfo=UTC),
    datetime(2031, 3, 10, 22, 59, tzinfo=UTC),
    datetime(2031, 3, 10, 23, tzinfo=UTC),
]
LOANS_OF = pl.DataFrame(
    {"log": ["home"] * 4, "row": [1, 2, 3, 4], "decided_at": MOMENTS, "defaulted": [False] * 4}, schema=LOANS
)


def day(*incidents: str, model: str = "c") -> DayOfDrift:
    return DayOfDrift(
        model=model,
        level="stable",
        drifted=0,
        features=3,
        score=0.0,
        plain_ks=0,
        incidents=incidents,
        decisions={},
        score_psi=None,
        acceptance_before=None,
        acceptance_now=None,
        cost_before=None,
        cost_now=None,
        sentence="",
    )


def test_loans_of_a_day_with_a_broken_feed_are_left_out_of_whichever_model(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    assert decided_on_sound_feeds(GERMAN, lakehouse, LOANS_OF).equals(LOANS_OF), "nothing was judged yet"
    days = {"2031-03-09": (day(),), "2031-03-10": (day(), day("amount", model="d")), "2031-03-11": (day(),)}
    record = DriftRecord(message="", based_on={}, days=days, page=None)
    lakehouse.write(monitoring_key(GERMAN.name, DRIFT), pl.DataFrame({"day": ["x"]}), summary=record.to_summary())
    assert decided_on_sound_feeds(GERMAN, lakehouse, LOANS_OF)["row"].to_list() == [1, 4], "by the lender's midnight"
    assert broken_feeds(lakehouse, GERMAN.name) == (), "of the newest day"
