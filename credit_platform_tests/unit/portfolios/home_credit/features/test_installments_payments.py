"""Features of payments, computed by hand: an old loan paid late, a recent one paid early and once short."""

from __future__ import annotations

import math
from typing import Any

import pytest

from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import features_of, one

PAYMENTS: list[dict[str, Any]] = [
    {
        "SK_ID_PREV": loan,
        "NUM_INSTALMENT_NUMBER": number,
        "DAYS_INSTALMENT": due_day,
        "DAYS_ENTRY_PAYMENT": paid_day,
        "AMT_INSTALMENT": 100.0,
        "AMT_PAYMENT": paid,
    }
    for loan, number, due_day, paid_day, paid in (
        (1, 1, -1000.0, -990.0, 100.0),
        (1, 2, -970.0, -930.0, 100.0),
        (2, 1, -300.0, -305.0, 100.0),
        (2, 2, -170.0, -168.0, 60.0),
        (2, 3, -40.0, None, None),
    )
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {k.removeprefix("installments__"): v for k, v in one("installments_payments", PAYMENTS).items()}


_DELAYS = [10.0, 40.0, 0.0, 2.0]
_MEAN = sum(_DELAYS) / 5


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("loans__all__count", 2.0),
        ("loans__once_late__count", 2.0),
        ("loans__once_late_month__share", 0.5),
        ("loans__late_12__share", 0.5),
        ("lines__all__sum", 5.0),
        ("lines_6__all__sum", 2.0),
        ("lines_12__all__sum", 3.0),
        ("lines_late__all__sum", 3.0),
        ("lines_late_6__all__sum", 1.0),
        ("lines_late_12__all__sum", 1.0),
        ("lines_late_week__all__sum", 2.0),
        ("lines_late_month__all__sum", 1.0),
        ("lines_underpaid__all__sum", 1.0),
        ("lines_unpaid__all__sum", 1.0),
        ("late_days__all__sum", 52.0),
        ("late_days_12__all__sum", 2.0),
        ("early_days__all__sum", 5.0),
        ("worst_delay__all__max", 40.0),
        ("worst_delay__all__mean", 21.0),
        ("worst_delay__last_1__max", 2.0),
        ("worst_delay_12__all__max", 2.0),
        ("earliest__all__max", 5.0),
        ("first__all__max", 1000.0),
        ("last__all__min", 40.0),
        ("due__all__sum", 500.0),
        ("paid__all__sum", 360.0),
        ("paid_min__all__min", 60.0),
        ("short__all__sum", 40.0),
        ("short_max__all__max", 40.0),
        ("paid_share_min__all__min", 0.6),
        ("late_share__all__mean", (1.0 + 1 / 3) / 2),
        ("late_share__last_1__max", 1 / 3),
        ("late__all__share", 0.6),
        ("late__last_6_months__share", 0.5),
        ("late__last_12_months__share", 1 / 3),
        ("late__last_12_months_less_all__difference", 1 / 3 - 0.6),
        ("late_days__per_payment__mean", 52 / 5),
        ("underpaid__all__share", 0.2),
        ("paid_to_due__all__ratio", 0.72),
        ("paid_to_due__last_12_months__ratio", 160 / 300),
        ("due__per_payment__mean", 100.0),
        ("number__all__max", 3.0),
    ],
)
def test_values(found: dict[str, Any], feature: str, value: float) -> None:
    assert found[feature] == pytest.approx(value, rel=1e-8)


def test_delays_that_grow_with_time_have_a_positive_slope_and_a_spread() -> None:
    rows = [
        {
            **PAYMENTS[0],
            "SK_ID_PREV": k,
            "DAYS_INSTALMENT": -400.0 + 100.0 * k,
            "DAYS_ENTRY_PAYMENT": -400.0 + 105.0 * k,
        }
        for k in range(4)
    ]
    found = one("installments_payments", rows)
    assert found["installments__late_days__per_payment__slope"] == pytest.approx(0.05)
    assert found["installments__late_days__per_payment__std"] == pytest.approx(math.sqrt(125 / 3))


def test_a_payment_after_the_application_is_not_known() -> None:
    rows = [{"SK_ID_CURR": 1, **row} for row in PAYMENTS]
    later = {**rows[0], "NUM_INSTALMENT_NUMBER": 9, "DAYS_INSTALMENT": -5.0, "DAYS_ENTRY_PAYMENT": 3.0}
    assert features_of("installments_payments", [*rows, later]) == features_of("installments_payments", rows)


def test_the_latest_three_loans() -> None:
    middle = [
        {**PAYMENTS[0], "SK_ID_PREV": loan, "DAYS_INSTALMENT": day, "DAYS_ENTRY_PAYMENT": day, "AMT_PAYMENT": 7.0}
        for loan, day in ((3, -500.0), (4, -600.0))
    ]
    found = one("installments_payments", [*PAYMENTS, *middle])
    assert found["installments__worst_delay__last_3__max"] == 2.0
    assert found["installments__worst_delay__all__max"] == 40.0
    assert found["installments__paid__last_3__sum"] == 174.0
