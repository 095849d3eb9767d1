"""The swap set: cells that add up, and what the exchange is worth."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.errors import ModellingError
from credit_platform.governance.swap_set import ALL, CELLS, swap_set
from credit_platform.portfolios.economics import CostMatrix

COSTS = CostMatrix(false_negative=5.0, false_positive=1.0, source="test")
ROWS = [  # applicant, champion's probability and decision, challenger's, outcome
    ("a", 0.1, "accepted", 0.1, "accepted", 0),
    ("b", 0.6, "refused", 0.7, "refused", 1),
    ("c", 0.3, "refused", 0.1, "accepted", 0),
    ("d", 0.1, "accepted", 0.5, "refused", 1),
    ("e", 0.1, "accepted", 0.15, "review", 0),
]
NAMES = ("applicant", "champion_probability", "champion_decision", "challenger_probability", "challenger_decision")


def frame(*, known: bool = True) -> pl.DataFrame:
    whole = pl.DataFrame(ROWS, schema=[*NAMES, "target"], orient="row")
    return whole if known else whole.drop("target")


def test_each_applicant_is_in_one_cell() -> None:
    found = swap_set(frame(), COSTS)
    counts = dict(found.table.select("cell", "applicants").iter_rows())
    assert counts == {**dict.fromkeys(CELLS, 1), ALL: 5}
    assert found.table["share"].to_list() == [0.2] * 5 + [1.0]
    assert (found.applicants, found.swapped) == (5, 2)


def test_what_the_exchange_is_worth() -> None:
    rows = {row["cell"]: row for row in swap_set(frame(), COSTS).table.iter_rows(named=True)}
    # Swapped in: accepting costs 5 p, refusing 1 - p; over five applicants.
    assert rows["swapped_in"]["expected_by_champion"] == pytest.approx((5 * 0.3 - 0.7) / 5)
    assert rows["swapped_in"]["expected_by_challenger"] == pytest.approx((5 * 0.1 - 0.9) / 5)
    assert rows["swapped_out"]["expected_by_challenger"] == pytest.approx((0.5 - 5 * 0.5) / 5)
    # What came about: c was good and is accepted (saves 1), d defaulted and is refused (saves 5).
    assert rows["swapped_in"]["cost_difference"] == pytest.approx(-1 / 5)
    assert rows["swapped_out"]["cost_difference"] == pytest.approx(-5 / 5)
    assert rows["accepted_by_both"]["expected_by_champion"] == 0.0
    assert (rows["swapped_out"]["defaults"], rows[ALL]["defaults"]) == (1, 2)
    assert (rows["swapped_in"]["champion_mean_pd"], rows["swapped_in"]["challenger_mean_pd"]) == (0.3, 0.1)


def test_without_outcomes_nothing_is_said_of_them() -> None:
    table = swap_set(frame(known=False), COSTS).table
    assert table["defaults"].null_count() == table["cost_difference"].null_count() == table.height
    assert table["expected_by_champion"].null_count() == 0


def test_the_largest_differences_come_first() -> None:
    largest = swap_set(frame(), COSTS, most=3).largest
    assert largest["applicant"].to_list() == ["d", "c", "b"]
    assert largest["cell"].to_list() == ["swapped_out", "swapped_in", "refused_by_both"]


def test_a_cell_without_anybody_is_there() -> None:
    plain = swap_set(frame().head(1), COSTS).to_dict()
    assert [cell["applicants"] for cell in plain["cells"]] == [1, 0, 0, 0, 0, 1]
    assert plain["cells"][1]["champion_mean_pd"] is None
    assert plain["swapped"] == 0


def test_nobody_is_an_error() -> None:
    with pytest.raises(ModellingError, match="scored by both"):
        swap_set(frame().clear(), COSTS)


_PROBABILITY = st.floats(0.0, 1.0)
_SIDE = st.sampled_from(["accepted", "refused", "review"])


@given(st.lists(st.tuples(_PROBABILITY, _SIDE, _PROBABILITY, _SIDE, st.integers(0, 1)), min_size=1, max_size=30))
def test_cells_add_up_to_all_and_an_equal_challenger_changes_nothing(rows: list[tuple[object, ...]]) -> None:
    whole = [(str(place), *row) for place, row in enumerate(rows)]
    scored = pl.DataFrame(whole, schema=[*NAMES, "target"], orient="row")
    table = swap_set(scored, COSTS).table
    cells, total = table.filter(pl.col("cell") != ALL), table.row(-1, named=True)
    for name in (
        "applicants",
        "share",
        "expected_by_champion",
        "expected_by_challenger",
        "defaults",
        "cost_difference",
    ):
        assert cells[name].sum() == pytest.approx(total[name])
    same = scored.with_columns(
        challenger_probability=pl.col("champion_probability"), challenger_decision=pl.col("champion_decision")
    )
    nothing = swap_set(same, COSTS)
    assert nothing.swapped == 0
    assert nothing.table["expected_by_champion"].fill_null(0.0).abs().sum() == 0.0
