"""Rates by group against hand-counted ones; small groups are never judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.governance.evidence import Evidence
from credit_platform.governance.fairness import LEAST_MEMBERS, audit_fairness, impact_ratio
from credit_platform.modelling.calibration import wilson_interval


def evidence(rows: list[tuple[int, int, int]]) -> Evidence:
    """From (outcome, refused, how many)."""
    y = np.concatenate([np.full(n, outcome) for outcome, _, n in rows]).astype(np.int64)
    refused = np.concatenate([np.full(n, bool(out)) for _, out, n in rows])
    return Evidence(y, np.where(refused, 0.6, 0.1), refused)


def groups(**counts: int) -> pl.DataFrame:
    return pl.DataFrame({"sex": [name for name, count in counts.items() for _ in range(count)]})


def row(table: pl.DataFrame, group: str) -> dict[str, Any]:
    return table.row(by_predicate=pl.col("group") == group, named=True)


# a: 60 good (12 refused), 40 defaults (30 refused); b: 50 good (30 refused), 50 defaults (40 refused).
TWO = evidence([(0, 0, 48), (0, 1, 12), (1, 0, 10), (1, 1, 30), (0, 0, 20), (0, 1, 30), (1, 0, 10), (1, 1, 40)])


def test_rates_are_those_counted_by_hand() -> None:
    table = audit_fairness(TWO, groups(a=100, b=100)).table

    a, b = row(table, "a"), row(table, "b")
    assert (a["members"], a["defaults"], a["acceptance_rate"]) == (100, 40, 0.58)
    assert (a["false_refusal_rate"], a["false_acceptance_rate"]) == (0.2, 0.25)
    assert (b["acceptance_rate"], b["false_refusal_rate"], b["false_acceptance_rate"]) == (0.3, 0.6, 0.2)
    refusals = wilson_interval(12, 60)
    assert (a["false_refusal_rate_low"], a["false_refusal_rate_high"]) == (refusals.low, refusals.high)
    assert (a["observed"], b["observed"]) == (0.4, 0.5)
    assert a["predicted"] == pytest.approx((58 * 0.1 + 42 * 0.6) / 100)


def test_four_fifths_beyond_chance_is_adverse() -> None:
    audit = audit_fairness(TWO, groups(a=100, b=100))

    b = row(audit.table, "b")
    assert (b["reference"], b["verdict"]) == ("a", "adverse")
    assert b["impact_ratio"] == pytest.approx(0.30 / 0.58)
    assert row(audit.table, "a")["verdict"] == "even"
    assert audit.least_ratio == pytest.approx(0.30 / 0.58)
    assert audit.adverse == ["sex b: 30.0% granted, 0.52 times the rate of a (95%: 0.37 to 0.73)."]
    assert audit.watched == []


def test_the_same_rates_in_smaller_groups_are_only_watched() -> None:
    audit = audit_fairness(evidence([(0, 0, 22), (0, 1, 14), (0, 0, 16), (0, 1, 20)]), groups(a=36, b=36))

    assert row(audit.table, "b")["verdict"] == "watch"
    assert len(audit.watched) == 1


def test_a_group_with_twenty_members_is_flagged_and_not_judged() -> None:
    """All twenty refused: as bad as it gets, and still no verdict on so few."""
    audit = audit_fairness(evidence([(0, 0, 70), (0, 1, 30), (0, 1, 20)]), groups(many=100, few=20))

    few = row(audit.table, "few")
    assert (few["verdict"], few["impact_ratio"], few["reference"]) == ("too_few", None, None)
    assert (few["members"], few["acceptance_rate"], few["false_acceptance_rate"]) == (20, 0.0, None)
    assert audit.adverse == audit.watched == []
    # And the group that is large enough has none beside it.
    alone = row(audit.table, "many")
    assert (alone["verdict"], alone["impact_ratio"], alone["reference"]) == ("alone", None, None)
    assert audit.least_ratio is None


def test_where_nobody_is_granted_no_group_is_even() -> None:
    audit = audit_fairness(evidence([(0, 1, 50), (0, 1, 50)]), groups(a=50, b=50))

    assert audit.table["verdict"].to_list() == ["nobody", "nobody"]
    assert audit.least_ratio is None


def test_when_all_groups_are_small_nothing_is_judged() -> None:
    audit = audit_fairness(evidence([(0, 0, 10), (1, 1, 10)]), groups(a=10, b=10))

    assert audit.table["verdict"].to_list() == ["too_few", "too_few"]
    assert audit.least_ratio is None


def test_unknown_is_a_group_and_intersections_are_measured_but_apart() -> None:
    frame = groups(a=100, b=100).with_columns(
        age=pl.Series((["young"] * 50 + ["old"] * 50) * 2),
        sex=pl.when(pl.int_range(pl.len()) < 195).then(pl.col("sex")),
    )
    table = audit_fairness(TWO, frame).table

    assert row(table, "unknown")["members"] == 5
    pairs = table.filter("intersection")
    assert pairs["attribute"].unique().to_list() == ["sex × age"]
    assert set(pairs["group"]) >= {"a × young", "a × old", "b × young", "b × old"}
    assert pairs["members"].sum() == 200


def test_an_attribute_that_another_one_tells_is_not_crossed_with_it() -> None:
    frame = groups(a=100, b=100).with_columns(code=pl.col("sex") + "1")
    assert not audit_fairness(TWO, frame).table["intersection"].any()


def test_groups_must_be_of_the_same_applicants() -> None:
    with pytest.raises(ValueError, match="199 rows of groups for 200"):
        audit_fairness(TWO, groups(a=99, b=100))


@given(
    accepted=st.integers(0, 60),
    members=st.integers(60, 200),
    best=st.integers(0, 60),
    best_members=st.integers(60, 200),
)
def test_the_ratio_lies_in_its_interval(accepted: int, members: int, best: int, best_members: int) -> None:
    ratio = impact_ratio(accepted, members, best, best_members)
    assert 0.0 <= ratio.low <= ratio.high
    assert ratio.estimate <= ratio.high * (1 + 1e-12)
    if accepted and best:
        assert ratio.low <= ratio.estimate * (1 + 1e-12)
        assert ratio.estimate == pytest.approx((accepted / members) / (best / best_members))


def test_the_interval_of_katz() -> None:
    """30 of 100 against 58 of 100: exp(log(r) +- 1.96 sqrt(1/30 - 1/100 + 1/58 - 1/100))."""
    ratio = impact_ratio(30, 100, 58, 100)
    error = (1 / 30 - 1 / 100 + 1 / 58 - 1 / 100) ** 0.5
    assert np.log(ratio.high / ratio.estimate) == pytest.approx(1.959964 * error, rel=1e-6)


def test_the_floor_of_members_is_more_than_twenty() -> None:
    assert LEAST_MEMBERS > 20
