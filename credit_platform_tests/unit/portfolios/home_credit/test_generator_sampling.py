"""The tools that the generator draws with."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.portfolios.home_credit.generator import facts, sampling


@given(st.lists(st.integers(0, 20), min_size=1, max_size=50), st.integers(0, 2_000), st.integers(0, 5))
def test_fit_total_meets_the_total_within_bounds(counts: list[int], total: int, seed: int) -> None:
    values = np.array(counts)
    total = min(total, 40 * len(values))
    fitted = sampling.fit_total(np.random.default_rng(seed), values, total, 0, 40)
    assert fitted.sum() == total
    assert fitted.min() >= 0
    assert fitted.max() <= 40


def test_fit_total_leaves_counts_alone_when_they_add_up() -> None:
    counts = np.array([3, 0, 4])
    assert sampling.fit_total(np.random.default_rng(1), counts, 7, 0, 9).tolist() == [3, 0, 4]


def test_fit_total_refuses_what_the_bounds_cannot_hold() -> None:
    with pytest.raises(ValueError, match="add up to 11"):
        sampling.fit_total(np.random.default_rng(1), np.array([1, 1]), 11, 0, 5)


@given(st.lists(st.integers(0, 6), max_size=30))
def test_expand_numbers_the_rows_of_each_parent(counts: list[int]) -> None:
    parent, position = sampling.expand(np.array(counts, dtype=np.int64))
    expected = [(index, row) for index, count in enumerate(counts) for row in range(count)]
    assert list(zip(parent.tolist(), position.tolist(), strict=True)) == expected


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_windows_tile_the_whole(total: int, chunks: int) -> None:
    edges = [sampling.window(total, chunk, chunks) for chunk in range(chunks)]
    assert edges[0][0] == 0
    assert edges[-1][1] == total
    assert all(before[1] == after[0] for before, after in pairwise(edges))


def test_streams_differ_by_chunk_and_table_and_repeat() -> None:
    first = sampling.stream(1, 2, "bureau").random(3).tolist()
    assert sampling.stream(1, 2, "bureau").random(3).tolist() == first
    assert sampling.stream(1, 3, "bureau").random(3).tolist() != first
    assert sampling.stream(1, 2, "other").random(3).tolist() != first


def test_correlated_scores_stay_standard_normal() -> None:
    rng = np.random.default_rng(3)
    factor = rng.standard_normal(40_000)
    score = sampling.correlated(rng, factor, 0.6)
    assert np.corrcoef(factor, score)[0, 1] == pytest.approx(0.6, abs=0.02)
    assert score.std() == pytest.approx(1.0, abs=0.02)
    assert sampling.mixed((3.0, factor), (4.0, rng.standard_normal(40_000))).std() == pytest.approx(1.0, abs=0.02)


def test_words_put_null_where_told() -> None:
    series = sampling.words(np.array([1, 0, 1]), ("a", "b"), np.array([False, False, True]))
    assert series.to_list() == ["b", "a", None]


@pytest.mark.parametrize(
    ("table", "column"),
    [("application_train", "AMT_INCOME_TOTAL"), ("bureau", "AMT_CREDIT_SUM"), ("application_train", "EXT_SOURCE_3")],
)
def test_shapes_meet_quantiles_and_mean(table: str, column: str) -> None:
    known = facts.table_facts(table)[column]
    values = facts.numeric_shape(table, column)(np.random.default_rng(5).standard_normal(200_000))
    for level, quantile in zip(facts.LEVELS, known.quantiles[1:-1], strict=True):
        assert np.mean(values <= quantile + 1e-9) == pytest.approx(level, abs=0.01)
    assert values.mean() == pytest.approx(known.mean, rel=0.03)
    assert values.min() >= known.quantiles[0] - 1e-9
    assert values.max() <= known.quantiles[-1] + 1e-9


def test_a_sentinel_is_left_out_of_the_shape() -> None:
    values = facts.numeric_shape("application_train", "DAYS_EMPLOYED", 0.185)(np.linspace(-4, 4, 101))
    assert values.max() <= 0
    assert values.min() < -10_000


def test_categories_meet_their_shares_and_rise_in_risk() -> None:
    kinds = facts.categories("application_train", "NAME_EDUCATION_TYPE")
    codes = kinds(np.random.default_rng(5).standard_normal(100_000))
    shares = facts.table_facts("application_train")["NAME_EDUCATION_TYPE"].shares
    for code, name in enumerate(kinds.names):
        assert np.mean(codes == code) == pytest.approx(shares[name], abs=0.006)
    assert kinds.names.index("Higher education") < kinds.names.index("Secondary / secondary special")
    assert 0.03 < kinds.correlation < 0.1


def test_the_source_of_the_statistics_is_stated() -> None:
    assert "public samples" in facts.source()
