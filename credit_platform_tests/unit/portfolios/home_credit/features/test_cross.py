"""Features across sources, computed by hand from the features they read."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from credit_platform.features.engines.native import to_polars
from credit_platform.portfolios.home_credit.features import CROSS_FEATURES
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import home_credit

APPLICATION = {
    "application__income__amount": 1000.0,
    "application__credit__amount": 5000.0,
    "application__annuity__amount": 200.0,
    "application__age__years": 40.0,
    "application__external_score__all__mean": 0.5,
    "application__enquiries__all__count": 6.0,
}
HISTORY = {
    "bureau__credits__all__count": 3.0,
    "bureau__debt__active__sum": 2000.0,
    "bureau__annuity__active__sum": 100.0,
    "bureau__age__all__max": 3652.5,
    "bureau__age__all__min": 90.0,
    "previous__age__approved__min": 60.0,
    "previous__annuity__running__sum": 50.0,
    "previous__credit__approved__max": 2500.0,
    "previous__applications__refused__share": 0.25,
    "installments__late__all__share": 0.2,
    "installments__worst_delay__all__max": 12.0,
    "pos_cash__dpd_def__all__max": 3.0,
}


def _features(values: dict[str, float]) -> dict[str, Any]:
    frame = pl.DataFrame(
        [{f.name: values.get(f.name) for f in home_credit().features if not f.name.startswith("cross__")}],
        schema={f.name: pl.Float64 for f in home_credit().features if not f.name.startswith("cross__")},
    )
    row = frame.select(to_polars([f.expression.alias(f.name) for f in CROSS_FEATURES])).row(0, named=True)
    return {name.removeprefix("cross__"): value for name, value in row.items()}


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("debt_with_others__to_income__ratio", 2.0),
        ("debt_with_others__to_credit__ratio", 0.4),
        ("all_annuities__to_income__ratio", 0.35),
        ("all_debt__to_income__ratio", 7.0),
        ("income__left_after_annuities__difference", 650.0),
        ("credit__to_largest_approved__ratio", 2.0),
        ("credit_experience__to_age__ratio", 0.25),
        ("age_at_first_credit__years", 30.0),
        ("newest_credit_anywhere__days", 60.0),
        ("worst_delay_anywhere__days", 12.0),
        ("sources_with_history__count", 1.0),
        ("external_score__by_late_share__product", 0.4),
        ("external_score__by_refused_share__product", 0.375),
        ("enquiries__per_credit__ratio", 2.0),
    ],
)
def test_values(feature: str, value: float) -> None:
    assert _features({**APPLICATION, **HISTORY})[feature] == pytest.approx(value)


def test_without_histories_only_the_application_counts() -> None:
    found = _features(APPLICATION)
    assert found["all_annuities__to_income__ratio"] == 0.2
    assert found["all_debt__to_income__ratio"] == 5.0
    assert found["sources_with_history__count"] == 0.0
    assert found["debt_with_others__to_income__ratio"] is None
    assert found["newest_credit_anywhere__days"] is None
