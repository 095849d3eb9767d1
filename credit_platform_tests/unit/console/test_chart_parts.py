"""What charts share: periods have names, and no two the same."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from credit_platform.console.chart_parts import period_labels
from credit_platform.console.texts import Texts


def test_an_hour_that_comes_twice_has_two_names() -> None:
    zone = ZoneInfo("Europe/Paris")
    hours = [datetime(2026, 10, 25, hour, tzinfo=UTC).astimezone(zone) for hour in (0, 1)]
    assert period_labels(pl.Series(hours), Texts("en")) == ["02:00", "02:00 (+0100)"]
