"""Features of credit card statements, computed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import one

STATEMENTS: list[dict[str, Any]] = [
    {
        "SK_ID_PREV": 1,
        "NAME_CONTRACT_STATUS": "Active",
        "AMT_CREDIT_LIMIT_ACTUAL": 1000,
        "MONTHS_BALANCE": month,
        "AMT_BALANCE": balance,
        "AMT_RECEIVABLE_PRINCIPAL": balance * 0.9,
        "AMT_TOTAL_RECEIVABLE": balance,
        "AMT_DRAWINGS_CURRENT": drawn,
        "AMT_DRAWINGS_ATM_CURRENT": cash,
        "AMT_PAYMENT_TOTAL_CURRENT": paid,
        "AMT_INST_MIN_REGULARITY": due,
        "CNT_DRAWINGS_CURRENT": 2 if drawn else 0,
        "SK_DPD": dpd,
    }
    for month, balance, drawn, cash, paid, due, dpd in (
        (-20, 200.0, 200.0, 200.0, 0.0, 0.0, 0),
        (-10, 600.0, 400.0, 0.0, 50.0, 20.0, 0),
        (-2, 1200.0, 600.0, 300.0, 10.0, 60.0, 15),
        (-1, 0.0, 0.0, None, 1200.0, 60.0, 0),
    )
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {k.removeprefix("credit_card__"): v for k, v in one("credit_card_balance", STATEMENTS).items()}


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("months__all__count", 4.0),
        ("months__late__count", 1.0),
        ("months__late__share", 0.25),
        ("months__over_limit__share", 0.25),
        ("months__indebted__share", 0.75),
        ("months__drew_cash__share", 0.5),
        ("months__underpaid__share", 0.25),
        ("balance__all__mean", 500.0),
        ("balance__last_3_months__mean", 600.0),
        ("balance__last_12_months__mean", 600.0),
        ("balance__last_24_months__mean", 500.0),
        ("use__all__max", 1.2),
        ("use__last_3_months__mean", 0.6),
        ("drawn__all__sum", 1200.0),
        ("drawn__last_12_months__mean", 1000 / 3),
        ("cash_drawn__all__sum", 500.0),
        ("cash_drawn__last_12_months__sum", 300.0),
        ("cash_share__all__mean", 0.5),
        ("cash_to_drawn__ratio", 5 / 12),
        ("paid_to_drawn__ratio", 1260 / 1200),
        ("short__all__max", 50.0),
        ("short__last_12_months__sum", 50.0),
        ("interest__all__max", 120.0),
        ("dpd__all__max", 15.0),
        ("dpd__last_12_months__max", 15.0),
        ("underpaid__last_12_months__mean", 1 / 3),
        ("age__all__max", 20.0),
        ("drawings__all__max", 2.0),
        ("use__last_6_less_24_months__difference", 0.1),
        ("balance__last_3_to_24_months__ratio", 1.2),
    ],
)
def test_values(found: dict[str, Any], feature: str, value: float) -> None:
    assert found[feature] == pytest.approx(value, rel=1e-8)


def test_the_slope_of_a_balance_that_grows_steadily() -> None:
    rows = [{**STATEMENTS[0], "MONTHS_BALANCE": -m, "AMT_BALANCE": 1000.0 - 100.0 * m} for m in range(4)]
    found = one("credit_card_balance", rows)
    assert found["credit_card__balance__all__slope"] == pytest.approx(100.0)
    assert found["credit_card__use__all__slope"] == pytest.approx(0.1)
    assert found["credit_card__dpd__all__slope"] == 0.0


def test_a_card_without_limit_has_no_use() -> None:
    found = one("credit_card_balance", [{**STATEMENTS[1], "AMT_CREDIT_LIMIT_ACTUAL": 0}])
    assert found["credit_card__use__all__mean"] is None
    assert found["credit_card__months__over_limit__share"] == 1.0


def _months(*lines: tuple[int, float, float], card: int = 1, due: float | None = 50.0) -> list[dict[str, Any]]:
    """Statements of a card: month, balance after the payment, payment."""
    common = {k: v for k, v in STATEMENTS[0].items() if k not in ("AMT_DRAWINGS_CURRENT", "AMT_DRAWINGS_ATM_CURRENT")}
    return [
        {
            **common,
            "SK_ID_PREV": card,
            "MONTHS_BALANCE": month,
            "AMT_BALANCE": balance,
            "AMT_PAYMENT_TOTAL_CURRENT": paid,
            "AMT_INST_MIN_REGULARITY": due,
        }
        for month, balance, paid in lines
    ]


def _paid(rows: list[dict[str, Any]]) -> tuple[Any, Any, Any]:
    found = one("credit_card_balance", rows)
    names = ("months__paid_in_full__share", "pay_rate__all__mean", "due_rate__all__mean")
    # Ratios stand on a grid of 2**-32.
    first, second, third = (value and round(value, 9) for value in (found[f"credit_card__{name}"] for name in names))
    return first, second, third


def test_a_balance_that_is_paid_off_next_month_was_paid_in_full() -> None:
    assert _paid(_months((-2, 1000.0, 0.0), (-1, 0.0, 1000.0))) == (1.0, 1.0, 0.05)


def test_rows_may_come_in_any_order_and_cards_are_kept_apart() -> None:
    mixed = [
        *_months((-1, 0.0, 1000.0), card=2),
        *_months((-1, 500.0, 500.0), (-2, 1000.0, 0.0)),
        *_months((-2, 2000.0, 0.0), card=2),
    ]
    assert _paid(mixed) == (0.0, 0.5, 0.0375)


def test_after_a_month_that_is_missing_nobody_knows_what_was_owed() -> None:
    assert _paid(_months((-3, 1000.0, 0.0), (-1, 0.0, 1000.0))) == (None, None, None)


def test_where_nothing_was_owed_nothing_could_be_paid_in_full() -> None:
    assert _paid(_months((-3, 0.0, 0.0), (-2, -20.0, 20.0), (-1, 100.0, 0.0))) == (None, None, None)
    assert _paid(_months((-3, 0.0, 0.0), (-2, 100.0, 0.0), (-1, 100.0, 10.0))) == (0.0, 0.1, 0.5)


def test_a_payment_above_what_was_owed_pays_in_full() -> None:
    assert _paid(_months((-2, 1000.0, 0.0), (-1, -500.0, 1500.0)))[:2] == (1.0, 1.5)


def test_without_any_least_amount_nobody_knows_whether_it_was_paid() -> None:
    found = one("credit_card_balance", _months((-2, 1000.0, 0.0), (-1, 0.0, 1000.0), due=None))
    assert found["credit_card__months__underpaid__share"] is None
    assert found["credit_card__underpaid__last_12_months__mean"] is None
    assert found["credit_card__months__drew_cash__share"] is None
