"""Features of point-of-sale and cash loans by month, computed by hand: one loan paid off, one running."""

from __future__ import annotations

from typing import Any

import pytest

from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import one


def _month(loan: int, month: int, left: float, dpd: int = 0, **others: Any) -> dict[str, Any]:
    return {
        "SK_ID_PREV": loan,
        "MONTHS_BALANCE": month,
        "CNT_INSTALMENT": 10.0,
        "CNT_INSTALMENT_FUTURE": left,
        "SK_DPD": dpd,
        "SK_DPD_DEF": dpd if dpd > 5 else 0,
        "NAME_CONTRACT_STATUS": "Active",
        **others,
    }


MONTHS = [
    _month(1, -30, 10.0),
    _month(1, -29, 9.0, dpd=20),
    _month(1, -28, 0.0, CNT_INSTALMENT=6.0, NAME_CONTRACT_STATUS="Completed"),
    _month(2, -3, 10.0),
    _month(2, -2, 9.0, dpd=3),
    _month(2, -1, 8.0),
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {k.removeprefix("pos_cash__"): v for k, v in one("pos_cash_balance", MONTHS).items()}


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("loans__all__count", 2.0),
        ("loans__completed__share", 0.5),
        ("loans__running__count", 1.0),
        ("loans__once_late__count", 2.0),
        ("loans__late_def__count", 1.0),
        ("loans__late_12__count", 1.0),
        ("months__all__sum", 6.0),
        ("months_late__all__sum", 2.0),
        ("months_late_12__all__sum", 1.0),
        ("months_late_24__all__sum", 1.0),
        ("months_late_def__all__sum", 1.0),
        ("months__late__share", 1 / 3),
        ("months_late__last_12_to_all__ratio", 0.5),
        ("dpd__all__max", 20.0),
        ("dpd__all__mean", 11.5),
        ("dpd__running__max", 3.0),
        ("dpd__last_1__max", 3.0),
        ("dpd_6__all__max", 3.0),
        ("dpd_24__all__max", 3.0),
        ("dpd_sum__all__sum", 23.0),
        ("dpd_def__all__max", 20.0),
        ("dpd_def_12__all__max", 0.0),
        ("since_late__all__min", 2.0),
        ("term__all__max", 10.0),
        ("left__running__sum", 8.0),
        ("left__all__mean", 4.0),
        ("left_share__running__mean", 0.8),
        ("shortened__all__max", 4.0),
        ("early__completed__max", 7.0),
        ("late_share__all__mean", 1 / 3),
        ("first__all__max", 30.0),
        ("last__all__min", 1.0),
    ],
)
def test_values(found: dict[str, Any], feature: str, value: float) -> None:
    assert found[feature] == pytest.approx(value, rel=1e-8)


def test_a_month_without_instalment_counts_leaves_the_latest_known_ones() -> None:
    unknown = {**_month(2, 0, 0.0), "CNT_INSTALMENT_FUTURE": None, "CNT_INSTALMENT": None}
    found = one("pos_cash_balance", [*MONTHS, unknown])
    assert found["pos_cash__left__running__sum"] == 8.0


def test_only_the_three_latest_loans_are_the_three_latest() -> None:
    older = [_month(3, -90, 5.0, dpd=60), _month(4, -40, 5.0, dpd=7)]
    found = one("pos_cash_balance", [*MONTHS, *older])
    assert found["pos_cash__dpd__all__max"] == 60.0
    assert found["pos_cash__dpd__last_3__max"] == 20.0
    assert found["pos_cash__months_late__last_3__sum"] == 3.0
