"""The vintage table against hand-written figures."""

import pytest
from scipy.stats import fisher_exact

from credit_platform.monitoring.performance.curves import (
    IN_LINE,
    NO_AGE,
    NO_OLDER,
    WORSE,
    against_older,
    default_curves,
)
from credit_platform_tests.unit.monitoring.performance.made import followed

# Month of decision, months on book, month of default.
LOANS = [
    *[("2026-01", 4, None)] * 6,
    ("2026-01", 1, 1),
    ("2026-01", 3, 3),
    ("2026-01", 4, 3),
    ("2026-01", 4, 4),
    *[("2026-02", 2, None)] * 3,
    ("2026-02", 2, 2),
]


def test_vintage_table_by_hand() -> None:
    table = default_curves(followed(LOANS)).select("month", "age", "loans", "defaults", "default_rate")
    assert table.rows() == [
        ("2026-01", 1, 10, 1, 0.1),
        ("2026-01", 2, 10, 1, 0.1),
        ("2026-01", 3, 10, 3, 0.3),
        ("2026-01", 4, 10, 4, 0.4),
        ("2026-02", 1, 4, 0, 0.0),
        ("2026-02", 2, 4, 1, 0.25),
    ]


def test_cumulative_rates_never_fall() -> None:
    curve = default_curves(followed(LOANS))
    for _, group in curve.group_by("month"):
        assert group.sort("age")["default_rate"].is_sorted()


def test_a_young_month_is_compared_with_older_ones_at_its_own_age() -> None:
    (row,) = against_older(default_curves(followed(LOANS)), ["2026-02"]).rows(named=True)
    assert (row["age"], row["older_loans"], row["older_rate"], row["said"]) == (2, 10, 0.1, IN_LINE)
    assert row["p_value"] == pytest.approx(fisher_exact([[1, 3], [1, 9]], alternative="greater").pvalue)


def test_many_more_defaults_than_older_months_had_are_told() -> None:
    loans = [
        *[("2026-01", 4, None)] * 95,
        *[("2026-01", 1, 1)] * 5,
        *[("2026-02", 2, None)] * 60,
        *[("2026-02", 2, 2)] * 40,
    ]
    assert against_older(default_curves(followed(loans)), ["2026-02"])["said"].to_list() == [WORSE]


def test_without_anything_to_compare_a_word_stands_there() -> None:
    found = against_older(default_curves(followed([("2026-01", 2, None), ("2026-02", 2, 2)])), ["2026-01", "2026-02"])
    assert found["said"].to_list() == [NO_OLDER, NO_AGE]
    assert default_curves(followed([])).is_empty()
    assert against_older(default_curves(followed([])), []).is_empty()
