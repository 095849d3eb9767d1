"""One convention for what a window or a column does not tell, in every source (docs/data.md)."""

from __future__ import annotations

from typing import Any

import pytest

from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import one

MONTHLY = {"SK_ID_PREV": 1, "MONTHS_BALANCE": -40, "SK_DPD": 5, "SK_DPD_DEF": 5}
PAYMENT = {"SK_ID_PREV": 1, "DAYS_INSTALMENT": -1200, "AMT_INSTALMENT": 100.0}
LATE_PAYMENT = {**PAYMENT, "DAYS_ENTRY_PAYMENT": -1190, "AMT_PAYMENT": 100.0}
OLD: dict[str, tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]] = {
    "bureau_balance": (
        [{"SK_ID_BUREAU": 1, "MONTHS_BALANCE": -40, "STATUS": "1"}],
        {"bureau": [{"SK_ID_BUREAU": 1, "SK_ID_CURR": 1}]},
    ),
    "pos_cash_balance": ([MONTHLY], {}),
    "credit_card_balance": ([MONTHLY], {}),
    "installments_payments": ([LATE_PAYMENT], {}),
    "previous_application": ([{"SK_ID_PREV": 1, "DAYS_DECISION": -1200, "NAME_CONTRACT_STATUS": "Refused"}], {}),
}


@pytest.mark.parametrize(
    ("source", "nothing"),
    [
        ("bureau_balance", ["level_12__all__max", "level_24__all__max", "credits__late_12__share"]),
        ("pos_cash_balance", ["dpd_6__all__max", "dpd_12__all__max", "dpd_def_12__all__max", "loans__late_12__share"]),
        ("credit_card_balance", ["dpd__last_12_months__max", "late__last_12_months__mean"]),
        (
            "installments_payments",
            [
                "worst_delay_6__all__max",
                "worst_delay_12__all__max",
                "worst_delay_24__all__max",
                "late__last_6_months__share",
                "late_days__last_12_months__mean",
                "paid_to_due__last_12_months__ratio",
                "loans__late_12__share",
            ],
        ),
        ("previous_application", ["refused__last_12_months__mean", "refused__last_24_months__mean"]),
    ],
)
def test_nothing_in_the_window_is_null_for_worst_average_and_share(source: str, nothing: list[str]) -> None:
    rows, others = OLD[source]
    found = one(source, rows, **others)
    prefix = next(iter(set(found) - {"SK_ID_CURR"})).split("__")[0]
    assert {name: found[f"{prefix}__{name}"] for name in nothing} == dict.fromkeys(nothing)


@pytest.mark.parametrize(
    ("source", "zero"),
    [
        ("bureau_balance", ["months_late_12__all__sum", "credits__late_12__count"]),
        ("pos_cash_balance", ["months_late_12__all__sum", "loans__late_12__count"]),
        ("credit_card_balance", ["drawn__last_3_months__sum", "short__last_12_months__sum"]),
        ("installments_payments", ["lines_late_12__all__sum", "late_days_12__all__sum", "due_12__all__sum"]),
        ("previous_application", ["applications__last_12_months__count", "credit__approved_last_12_months__sum"]),
    ],
)
def test_nothing_in_the_window_is_zero_for_counts_and_totals(source: str, zero: list[str]) -> None:
    rows, others = OLD[source]
    found = one(source, rows, **others)
    prefix = next(iter(set(found) - {"SK_ID_CURR"})).split("__")[0]
    assert {name: found[f"{prefix}__{name}"] for name in zero} == dict.fromkeys(zero, 0.0)


def test_a_share_of_what_nobody_knows_is_null_and_of_what_somebody_knows_is_not() -> None:
    unknown = {"SK_ID_BUREAU": 1, "DAYS_CREDIT": -100, "CREDIT_ACTIVE": "Active"}
    names = ("once_overdue", "indebted", "past_its_end")
    found = one("bureau", [unknown])
    assert [found[f"bureau__credits__{name}__share"] for name in names] == [None, None, None]
    assert [found[f"bureau__credits__{name}__count"] for name in names] == [0.0, 0.0, 0.0]
    known = {"AMT_CREDIT_MAX_OVERDUE": 10.0, "AMT_CREDIT_SUM_DEBT": 0.0, "DAYS_CREDIT_ENDDATE": -1.0}
    found = one("bureau", [unknown, {**unknown, "SK_ID_BUREAU": 2, **known}])
    assert [found[f"bureau__credits__{name}__share"] for name in names] == [0.5, 0.0, 0.5]


def test_months_of_unknown_status_say_nothing() -> None:
    rows = [{"SK_ID_BUREAU": 1, "MONTHS_BALANCE": -1, "STATUS": "X"}]
    found = one("bureau_balance", rows, bureau=[{"SK_ID_BUREAU": 1, "SK_ID_CURR": 1}])
    for name in ("credits__once_late__share", "credits__once_serious__share", "months__late__share", "level__all__max"):
        assert found[f"bureau_balance__{name}"] is None
    assert found["bureau_balance__credits__once_late__count"] == 0.0


def test_an_instalment_without_a_payment_is_known_to_be_unpaid() -> None:
    found = one("installments_payments", [PAYMENT, LATE_PAYMENT])
    assert found["installments__lines_unpaid__all__sum"] == 1.0
    assert found["installments__late__all__share"] == 0.5
