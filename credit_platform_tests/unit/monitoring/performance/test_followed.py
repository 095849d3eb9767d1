"""Vintages: who is in which month, how old a month is, and whether it counts."""

from datetime import UTC, datetime

import pytest

from credit_platform.monitoring.performance.followed import (
    IMMATURE,
    MATURE,
    NO_OUTCOMES,
    NOTHING_GRANTED,
    age_of,
    follow,
    granted,
    resolved,
    vintages,
)
from credit_platform_tests.unit.monitoring.performance.made import POLICY, decisions, followed, outcomes


def test_a_month_ends_at_midnight_of_the_portfolio() -> None:
    late = decisions(
        {"decided_at": datetime(2026, 1, 31, 22, 59, tzinfo=UTC)},
        {"decided_at": datetime(2026, 1, 31, 23, 1, tzinfo=UTC)},
    )
    assert follow(late, outcomes(), POLICY)["month"].to_list() == ["2026-01", "2026-02"]


def test_a_loan_that_defaulted_is_resolved_before_and_after_its_default() -> None:
    loans = followed([("2026-01", 3, 3), ("2026-01", 8, None), ("2026-01", 2, None)])
    assert resolved(loans, 2)["defaulted"].to_list() == [False, False, False]
    assert resolved(loans, 6)["defaulted"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("loans", "age"),
    [
        ([("2026-01", 6, None)] * 20, 6),
        ([("2026-01", 6, None)] * 19 + [("2026-01", 2, None)], 6),  # 95 % are resolved at 6
        ([("2026-01", 6, None)] * 18 + [("2026-01", 2, None)] * 2, 2),
        ([("2026-01", 2, 2)] * 20, 0),  # only defaults were told: the others may be late or repaid
        ([], 0),
    ],
)
def test_age_is_where_nearly_all_are_resolved(loans: list[tuple[str, int, int | None]], age: int) -> None:
    assert age_of(followed(loans)) == age


def test_state_of_each_month_in_words() -> None:
    months = [("2026-01", 6, None), ("2026-01", 6, 2), ("2026-02", 5, None)]
    found = follow(
        decisions(
            *({"decided_at": datetime(2026, int(month[-1]), 3, tzinfo=UTC)} for month, _, _ in months),
            {"decided_at": datetime(2026, 3, 3, tzinfo=UTC)},
            {"decided_at": datetime(2026, 4, 3, tzinfo=UTC), "decision": "refused"},
        ),
        outcomes(*((row, age, default) for row, (_, age, default) in enumerate(months, start=1))),
        POLICY,
    )
    said = vintages(found, POLICY)
    assert said["state"].to_list() == [MATURE, IMMATURE, NO_OUTCOMES, NOTHING_GRANTED]
    assert said["acceptance_rate"].to_list() == [1.0, 1.0, 1.0, 0.0]


def test_what_a_person_decided_is_not_the_machines() -> None:
    assert granted(follow(decisions({"decision": "review"}, {}), outcomes((1, 9, None)), POLICY))["row"].to_list() == [
        2
    ]


def test_nothing_gives_tables_without_rows() -> None:
    nothing = follow(decisions(), outcomes(), POLICY)
    assert nothing.is_empty()
    assert vintages(nothing, POLICY).is_empty()
