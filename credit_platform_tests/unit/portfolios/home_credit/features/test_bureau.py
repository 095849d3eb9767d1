"""Features of credits with other lenders, computed by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import one

CREDITS: list[dict[str, Any]] = [
    {
        "SK_ID_BUREAU": 1,
        "CREDIT_ACTIVE": "Active",
        "CREDIT_TYPE": "Consumer credit",
        "DAYS_CREDIT": -100,
        "DAYS_CREDIT_ENDDATE": 265.0,
        "AMT_CREDIT_SUM": 1000.0,
        "AMT_CREDIT_SUM_DEBT": 800.0,
        "AMT_CREDIT_MAX_OVERDUE": 50.0,
        "AMT_ANNUITY": 90.0,
        "DAYS_CREDIT_UPDATE": -10,
    },
    {
        "SK_ID_BUREAU": 2,
        "CREDIT_ACTIVE": "Active",
        "CREDIT_TYPE": "Credit card",
        "DAYS_CREDIT": -700,
        "DAYS_CREDIT_ENDDATE": -50.0,
        "AMT_CREDIT_SUM": 500.0,
        "AMT_CREDIT_SUM_DEBT": 300.0,
        "AMT_CREDIT_SUM_LIMIT": 100.0,
        "AMT_CREDIT_SUM_OVERDUE": 30.0,
        "CREDIT_DAY_OVERDUE": 12,
        "DAYS_CREDIT_UPDATE": 5,
    },
    {
        "SK_ID_BUREAU": 3,
        "CREDIT_ACTIVE": "Closed",
        "CREDIT_TYPE": "Consumer credit",
        "DAYS_CREDIT": -2000,
        "DAYS_CREDIT_ENDDATE": -1000.0,
        "DAYS_ENDDATE_FACT": -1200.0,
        "AMT_CREDIT_SUM": 2000.0,
        "AMT_CREDIT_SUM_DEBT": 0.0,
        "CNT_CREDIT_PROLONG": 1,
        "DAYS_CREDIT_UPDATE": -1100,
    },
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {name.removeprefix("bureau__"): value for name, value in one("bureau", CREDITS).items()}


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("credits__all__count", 3.0),
        ("credits__active__count", 2.0),
        ("credits__active__share", 2 / 3),
        ("credits__consumer__count", 2.0),
        ("credits__last_6_months__count", 1.0),
        ("credits__last_3_months__count", 0.0),
        ("credits__last_12_months__count", 1.0),
        ("credits__last_24_months__count", 2.0),
        ("credits__last_60_months__count", 2.0),
        ("credits__once_overdue__count", 1.0),
        ("credits__now_overdue__count", 1.0),
        ("credits__past_its_end__count", 1.0),
        ("credits__indebted__count", 2.0),
        ("credits__prolonged__share", 1 / 3),
        ("credits__types__count", 2.0),
        ("credit__all__sum", 3500.0),
        ("credit__active__sum", 1500.0),
        ("credit__active__max", 1000.0),
        ("credit__closed__mean", 2000.0),
        ("credit__last_24_months__sum", 1500.0),
        ("debt__active__sum", 1100.0),
        ("debt__active_card__max", 300.0),
        ("debt__last_12_months__sum", 800.0),
        ("debt__to_credit__ratio", 1100 / 3500),
        ("debt__active_to_credit__ratio", 1100 / 1500),
        ("debt_share__active__mean", 0.7),
        ("debt_share__active__min", 0.6),
        ("limit_use__active_card__mean", 0.75),
        ("overdue__all__sum", 30.0),
        ("worst_overdue__all__max", 50.0),
        ("overdue_share__all__max", 0.05),
        ("annuity__active__sum", 90.0),
        ("age__all__min", 100.0),
        ("age__active__mean", 400.0),
        ("age__closed__max", 2000.0),
        ("age__card__min", 700.0),
        ("age__between_credits__mean", 950.0),
        ("age__all__std", math.sqrt(((100 - 2800 / 3) ** 2 + (700 - 2800 / 3) ** 2 + (2000 - 2800 / 3) ** 2) / 2)),
        ("duration__all__max", 1000.0),
        ("lifetime__closed__max", 800.0),
        ("early_days__closed__mean", 200.0),
        ("days_left__active__max", 265.0),
        ("days_left__active__sum", 265.0),
        ("prolongations__all__sum", 1.0),
    ],
)
def test_values(found: dict[str, Any], feature: str, value: float) -> None:
    assert found[feature] == pytest.approx(value, rel=1e-8)


def test_an_update_after_the_application_is_not_known(found: dict[str, Any]) -> None:
    assert found["update_age__all__min"] == 10.0
    assert found["update_age__all__mean"] == 555.0


def test_kinds_the_applicant_never_had_have_no_extremes(found: dict[str, Any]) -> None:
    assert found["age__mortgage__min"] is None
    assert found["debt__mortgage__sum"] == 0.0


def test_days_a_century_back_are_errors() -> None:
    row = {**CREDITS[2], "DAYS_ENDDATE_FACT": -42_000.0}
    assert one("bureau", [row])["bureau__lifetime__closed__max"] is None


def test_the_three_latest_credits() -> None:
    older = {**CREDITS[2], "SK_ID_BUREAU": 4, "DAYS_CREDIT": -2500, "AMT_CREDIT_SUM": 99_999.0}
    found = one("bureau", [older, *CREDITS])
    assert found["bureau__credit__last_3__mean"] == pytest.approx(3500 / 3)


def test_credits_that_grow_have_a_positive_slope() -> None:
    rows = [{"SK_ID_BUREAU": k, "DAYS_CREDIT": -300 + 100 * k, "AMT_CREDIT_SUM": 1000.0 + 200.0 * k} for k in range(3)]
    assert one("bureau", rows)["bureau__credit__all__slope"] == pytest.approx(2.0)
