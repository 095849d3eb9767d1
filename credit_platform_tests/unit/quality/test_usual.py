"""A sound file stays within what is usual, also a small one; one that lost half of a column does not."""

from __future__ import annotations

from math import comb

import pytest

from credit_platform.portfolios import all_portfolios
from credit_platform.portfolios.source_table import Column, ColumnType, Coverage, ForeignKey
from credit_platform.quality.usual import least_coverage, most_nulls, most_orphans

ROWS = 10_000


def column(usual: float | None) -> Column:
    return Column(name="a", type=ColumnType.FLOAT64, description="", nullable=True, usual_null_share=usual)


@pytest.mark.parametrize(
    ("usual", "most"), [(None, 0.5), (0.0, 0.25), (0.2, 0.4), (0.6, 0.7), (0.8, 0.9), (0.996, 1.096)]
)
def test_most_nulls(usual: float | None, most: float) -> None:
    assert most_nulls(column(usual), ROWS) == pytest.approx(most)


@pytest.mark.parametrize("usual", [0.1, 0.3, 0.5, 0.66])
@pytest.mark.parametrize("rows", [30, 178, 300])
def test_chance_alone_does_not_cross_the_bound(usual: float, rows: int) -> None:
    bound = most_nulls(column(usual), rows)
    beyond = [n for n in range(rows + 1) if n / rows > bound]
    assert sum(comb(rows, n) * usual**n * (1 - usual) ** (rows - n) for n in beyond) < 1e-3


def test_most_orphans() -> None:
    key = ForeignKey(column="a", parent="b", parent_column="a")
    assert most_orphans(key) == 0
    shares = {0.03: 0.08, 0.11: 0.165, 0.28: 0.42}
    for usual, most in shares.items():
        with_usual = ForeignKey(column="a", parent="b", parent_column="a", usual_orphan_share=usual)
        assert most_orphans(with_usual) == pytest.approx(most)


def test_half_of_the_usual_coverage_is_the_least() -> None:
    assert least_coverage(Coverage(share=0.95, parents="applicants", rows="instalments")) == 0.475


def test_every_usual_share_is_a_share_and_a_column_without_nulls_has_none() -> None:
    for portfolio in all_portfolios():
        for table in portfolio.tables:
            for each in table.columns:
                assert each.usual_null_share is None or (each.nullable and 0 <= each.usual_null_share < 1)
            for key in table.foreign_keys:
                assert 0 <= key.usual_orphan_share < 1
                assert key.usual_coverage is None or 0 < key.usual_coverage.share <= 1
