"""Pictures of counts: as the values would be drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.monitoring.drift.cells import cells_of_numbers
from credit_platform.monitoring.drift.charts import box_plot, category_bars, grid_of, histogram, quantile, spread
from credit_platform.monitoring.drift.reference import NONE, Reference

VALUES = np.random.default_rng(1).standard_normal(20_000)
CELLS = cells_of_numbers("any", VALUES)
COUNTS = CELLS.counts_of_sorted(np.sort(VALUES)).astype(np.float64)


def test_quantiles_of_counts_are_those_of_the_values() -> None:
    found = quantile(CELLS, COUNTS, (0.05, 0.25, 0.5, 0.75, 0.95))
    assert found == pytest.approx(np.quantile(VALUES, [0.05, 0.25, 0.5, 0.75, 0.95]), abs=0.01)


def test_bars_are_those_of_the_values() -> None:
    grid = np.linspace(-2, 2, 9)
    inside = np.histogram(np.clip(VALUES, -2, 2), grid)[0] / VALUES.size
    assert spread(CELLS, COUNTS, grid) == pytest.approx(inside, abs=0.002)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=40))
def test_anything_can_be_drawn(now: list[float]) -> None:
    counts = CELLS.counts_of_sorted(np.sort(np.array(now, dtype=np.float64))).astype(np.float64)
    bars = spread(CELLS, counts, grid_of(CELLS, COUNTS, counts))
    known = sum(not np.isnan(value) for value in now)
    assert bars.sum() == pytest.approx(1.0 if known else 0.0)
    for picture in (histogram(CELLS, COUNTS, counts), box_plot(CELLS, COUNTS, counts)):
        assert picture.startswith("<svg")
        assert "nan" not in picture


@pytest.mark.parametrize("values", [[], [3.0]])
def test_a_feature_without_values_or_with_one_can_be_drawn(values: list[float]) -> None:
    cells = cells_of_numbers("one", np.array(values))
    counts = cells.counts_of_sorted(np.array(values)).astype(np.float64)
    assert histogram(cells, counts, counts * 0).startswith("<svg")
    assert "nan" not in box_plot(cells, counts, counts)


def test_categories_are_escaped(reference: Reference) -> None:
    cells = reference.cells[reference.numbers["channel"]]
    counts = reference.part(reference.counts[NONE], "channel").astype(np.float64)
    picture = category_bars(cells, counts, counts)
    assert "branch" in picture
    assert "50." in picture
