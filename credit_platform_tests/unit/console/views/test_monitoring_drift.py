"""What the newest day says is true of it, in either language."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from credit_platform.console.texts import Texts
from credit_platform.console.views.monitoring_drift import drift_sentence
from credit_platform.monitoring.overview.drift import DriftOverview
from credit_platform_tests.records import day_of_drift


def overview(level: str, verdicts: list[str], decisions: int) -> DriftOverview:
    counts = {"1": decisions, "7": decisions, "28": decisions}
    return DriftOverview(
        day=date(2026, 11, 30),
        newest=day_of_drift(level=level, decisions=counts),
        made_at=datetime(2026, 11, 30, tzinfo=UTC),
        days=pl.DataFrame(),
        features=pl.DataFrame({"verdict": verdicts}, schema={"verdict": pl.String}),
    )


@pytest.mark.parametrize(
    ("level", "verdicts", "decisions", "said"),
    [
        ("too few", ["too few", "missing"], 7, "pour comparer une variable\u00a0: 7 en 28 jours."),
        ("too few", ["missing", "constant"], 400, "Aucune variable n’a de valeurs à comparer, sur 400 décisions"),
        ("too few", ["missing"], 0, "Trop peu de décisions pour comparer une variable\u00a0: 0 en 28 jours."),
        ("stable", ["stable", "missing"], 400, "Stable"),
    ],
)
def test_where_nothing_was_compared_it_says_why(level: str, verdicts: list[str], decisions: int, said: str) -> None:
    assert said in drift_sentence(overview(level, verdicts, decisions), Texts("fr", "german_credit"))
