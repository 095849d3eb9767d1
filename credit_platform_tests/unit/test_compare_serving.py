"""The comparison with an earlier commit: what it prints, and what writes decisions for it."""

from __future__ import annotations

from pathlib import Path

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decision_log.verification import verify
from scripts import decision_load
from scripts.compare_serving import ROOT, _Pairs, _Side, _slice, _writing


def test_a_row_says_medians_and_the_median_of_the_ratios_of_pairs() -> None:
    # The median of the ratios is not the ratio of the medians: a pair met the machine in one mood, two medians did not.
    pairs = _Pairs("requests a second", [100.0, 200.0, 400.0], [110.0, 190.0, 380.0])
    assert pairs.row(0) == "| requests a second | 200 | 190 | 0.95 | 0.95 to 1.10 |"


def test_decisions_are_written_by_the_checkout_that_is_named(tmp_path: Path) -> None:
    with _writing(_Side("new", ROOT, tmp_path), 16, "client") as worker:
        assert [_slice(worker) > 0 for _ in range(2)] == [True, True]
    store = DecisionStore(f"sqlite:///{tmp_path / 'client-16' / 'decisions' / 'decisions.db'}")
    expected = -(-decision_load.WARM_UP // 16) * 16 + 2 * decision_load.SLICE
    assert store.count() == expected
    found = verify(store)
    assert (found.is_clean, found.decisions, found.uncovered) == (True, expected, 0)
