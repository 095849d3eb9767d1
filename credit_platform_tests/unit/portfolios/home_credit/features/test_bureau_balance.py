"""Features of monthly reports, computed by hand: two credits, one still running."""

from __future__ import annotations

from typing import Any

import pytest

from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import features_of

STATUSES = {1: ["0", "1", "X", "2", "0"], 2: ["C", "C", "5"]}
"""From the month of the application (0) backwards."""
LONG_AGO = {"SK_ID_BUREAU": 2, "MONTHS_BALANCE": -30, "STATUS": "3"}


def _features(*more: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"SK_ID_BUREAU": credit, "MONTHS_BALANCE": -month, "STATUS": status}
        for credit, statuses in STATUSES.items()
        for month, status in enumerate(statuses)
    ]
    bureau = [
        {"SK_ID_CURR": 7, "SK_ID_BUREAU": 1, "CREDIT_ACTIVE": "Active"},
        {"SK_ID_CURR": 7, "SK_ID_BUREAU": 2, "CREDIT_ACTIVE": "Closed"},
    ]
    found = features_of("bureau_balance", [*rows, LONG_AGO, *more], bureau=bureau)
    assert set(found) == {7}
    return {name.removeprefix("bureau_balance__"): value for name, value in found[7].items()}


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("credits__all__count", 2.0),
        ("credits__active__count", 1.0),
        ("credits__once_late__count", 2.0),
        ("credits__once_serious__share", 1.0),
        ("credits__late_now__count", 0.0),
        ("months__all__sum", 9.0),
        ("months__known__sum", 8.0),
        ("months__active__sum", 5.0),
        ("months_closed__all__sum", 2.0),
        ("months_late__all__sum", 4.0),
        ("months_late_12__all__sum", 3.0),
        ("months_late_24__all__sum", 3.0),
        ("months_late__active__sum", 2.0),
        ("months_serious__all__sum", 3.0),
        ("months__late__share", 0.5),
        ("months__late_12_to_all__ratio", 0.75),
        ("level__all__max", 5.0),
        ("level__active__max", 2.0),
        ("level_12__all__mean", 3.5),
        ("levels__all__sum", 11.0),
        ("levels__per_month__mean", 11 / 8),
        ("since_late__all__min", 1.0),
        ("since_late__all__mean", 1.5),
        ("latest_level__all__max", 0.0),
        ("late_share__active__mean", 0.5),
        ("unknown_share__all__max", 0.2),
        ("closed_share__all__mean", 0.25),
        ("first__all__max", 30.0),
        ("first__all__min", 4.0),
        ("last__all__max", 0.0),
    ],
)
def test_values(feature: str, value: float) -> None:
    assert _features()[feature] == pytest.approx(value, rel=1e-8)


def test_the_latest_known_month_decides_whether_a_credit_is_late_now() -> None:
    rows = [
        {"SK_ID_BUREAU": 1, "MONTHS_BALANCE": month, "STATUS": status}
        for month, status in ((-1, "X"), (-2, "3"), (-3, "5"))
    ]
    (found,) = features_of("bureau_balance", rows, bureau=[{"SK_ID_CURR": 7, "SK_ID_BUREAU": 1}]).values()
    assert found["bureau_balance__latest_level__all__max"] == 3.0
    assert found["bureau_balance__credits__late_now__count"] == 1.0


def test_reports_on_credits_that_nobody_owns_are_left_out() -> None:
    orphan = {"SK_ID_BUREAU": 99, "MONTHS_BALANCE": -1, "STATUS": "5"}
    assert _features(orphan) == _features()
