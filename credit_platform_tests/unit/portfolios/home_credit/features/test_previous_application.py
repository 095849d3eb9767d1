"""Features of earlier applications, computed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import one

APPLICATIONS: list[dict[str, Any]] = [
    {
        "SK_ID_PREV": 1,
        "NAME_CONTRACT_STATUS": "Approved",
        "NAME_CONTRACT_TYPE": "Consumer loans",
        "DAYS_DECISION": -900,
        "AMT_APPLICATION": 1000.0,
        "AMT_CREDIT": 900.0,
        "AMT_ANNUITY": 100.0,
        "CNT_PAYMENT": 10.0,
        "AMT_GOODS_PRICE": 1000.0,
        "AMT_DOWN_PAYMENT": 100.0,
        "DAYS_FIRST_DUE": -870.0,
        "DAYS_LAST_DUE_1ST_VERSION": -600.0,
        "DAYS_LAST_DUE": -650.0,
        "DAYS_TERMINATION": -640.0,
        "NFLAG_INSURED_ON_APPROVAL": 1.0,
    },
    {
        "SK_ID_PREV": 2,
        "NAME_CONTRACT_STATUS": "Approved",
        "NAME_CONTRACT_TYPE": "Cash loans",
        "DAYS_DECISION": -200,
        "AMT_APPLICATION": 2000.0,
        "AMT_CREDIT": 2400.0,
        "AMT_ANNUITY": 240.0,
        "CNT_PAYMENT": 12.0,
        "DAYS_FIRST_DUE": -170.0,
        "DAYS_LAST_DUE_1ST_VERSION": 160.0,
        "DAYS_LAST_DUE": 365_243.0,
        "DAYS_TERMINATION": 365_243.0,
        "NFLAG_INSURED_ON_APPROVAL": 0.0,
    },
    {
        "SK_ID_PREV": 3,
        "NAME_CONTRACT_STATUS": "Refused",
        "NAME_CONTRACT_TYPE": "Cash loans",
        "CODE_REJECT_REASON": "HC",
        "DAYS_DECISION": -100,
        "AMT_APPLICATION": 3000.0,
        "AMT_CREDIT": 3000.0,
    },
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {k.removeprefix("previous__"): v for k, v in one("previous_application", APPLICATIONS).items()}


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("applications__all__count", 3.0),
        ("applications__approved__count", 2.0),
        ("applications__refused__share", 1 / 3),
        ("applications__refused_last_12_months__count", 1.0),
        ("applications__refused_cash__count", 1.0),
        ("applications__policy_reject__count", 1.0),
        ("applications__score_reject__count", 0.0),
        ("applications__approved_last_12_months__count", 1.0),
        ("applications__last_6_months__count", 1.0),
        ("applications__last_12_months__count", 2.0),
        ("applications__last_24_months__count", 2.0),
        ("applications__running__count", 1.0),
        ("asked__all__sum", 6000.0),
        ("asked__refused__mean", 3000.0),
        ("credit__approved__sum", 3300.0),
        ("credit__running__sum", 2400.0),
        ("credit__last_1__max", 3000.0),
        ("annuity__running__sum", 240.0),
        ("down_payment__approved__max", 100.0),
        ("shortfall__all__max", 100.0),
        ("shortfall__all__min", -400.0),
        ("granted_share__approved__max", 1.2),
        ("cost__approved__max", 0.2),
        ("cost__approved__mean", ((1000 / 900 - 1) + 0.2) / 2),
        ("age__all__min", 100.0),
        ("age__approved__min", 200.0),
        ("age__refused__max", 100.0),
        ("age__between_applications__mean", 400.0),
        ("term__approved__sum", 22.0),
        ("term__running__max", 12.0),
        ("early_days__approved__max", 50.0),
        ("first_due_wait__approved__mean", 30.0),
        ("planned_end__approved__max", 160.0),
        ("actual_end__approved__max", -650.0),
        ("insured__all__mean", 0.5),
        ("refused__last_12_months__mean", 0.5),
        ("refused__cash__mean", 0.5),
        ("credit__approved_to_asked__ratio", 0.55),
        ("refused_to_approved__ratio", 0.5),
    ],
)
def test_values(found: dict[str, Any], feature: str, value: float) -> None:
    assert found[feature] == pytest.approx(value, rel=1e-8)


def test_the_latest_applications() -> None:
    oldest = {"SK_ID_PREV": 4, "DAYS_DECISION": -2000, "AMT_APPLICATION": 9000.0, "NAME_CONTRACT_STATUS": "Refused"}
    found = one("previous_application", [*APPLICATIONS, oldest])
    assert found["previous__asked__last_3__mean"] == 2000.0
    assert found["previous__refused__last_3__mean"] == pytest.approx(1 / 3)
    assert found["previous__refused__last_5__mean"] == 0.5


def test_what_ended_after_the_application_has_not_ended() -> None:
    row = {**APPLICATIONS[0], "DAYS_LAST_DUE": 20.0, "DAYS_TERMINATION": 30.0}
    found = one("previous_application", [row])
    assert found["previous__applications__running__count"] == 1.0
    assert found["previous__actual_end__approved__max"] is None
