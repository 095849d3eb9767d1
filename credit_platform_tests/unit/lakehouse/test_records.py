"""Records: written under the keys that tables have, read back checked, and refused with the field and the cure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.errors import RecordError
from credit_platform.lakehouse import Judged, Lakehouse, Record, Verdict
from credit_platform.lakehouse.records import LEFT_OUT, SPREAD, SPREAD_WHOLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    threshold: float
    review: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Made(Record):
    name: str
    rule: Annotated[Rule, SPREAD]
    metrics: dict[str, float]
    folds: dict[int, tuple[int, int]]
    since: Annotated[str | None, LEFT_OUT] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen(Record):
    rule: Annotated[Rule, SPREAD_WHOLE]


MADE = Made(name="a", rule=Rule(threshold=0.2), metrics={"auc": 0.7}, folds={-1: (1, 2)})
SUMMARY: dict[str, Any] = {"name": "a", "threshold": 0.2, "metrics": {"auc": 0.7}, "folds": {"-1": [1, 2]}}


def test_a_summary_holds_the_fields_and_what_is_spread() -> None:
    assert MADE.to_summary() == SUMMARY
    assert Made.from_summary(SUMMARY) == MADE


def test_what_is_none_has_a_key_only_where_that_is_said() -> None:
    assert Chosen(rule=Rule(threshold=0.2)).to_summary() == {"threshold": 0.2, "review": None}
    banded = Made(name="a", rule=Rule(threshold=0.2, review=(0.1, 0.3)), metrics={}, folds={}, since="now")
    assert banded.to_summary()["review"] == [0.1, 0.3]
    assert banded.to_summary()["since"] == "now"
    assert Made.from_summary(banded.to_summary()) == banded


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ...}, "name is missing"),
        ({"threshold": ...}, "threshold is missing"),
        ({"threshold": "0.2"}, "threshold cannot be read: input should be a valid number"),
        ({"threshold": None}, "threshold cannot be read"),
        ({"metrics": {"auc": "high"}}, "metrics.auc cannot be read"),
        ({"folds": {"-1": [1]}}, "folds.-1.1 is missing"),
        ({"name": 3}, "name cannot be read: input should be a valid string"),
    ],
)
def test_a_field_that_is_missing_or_of_another_type_is_named_with_its_table_and_the_cure(
    changed: dict[str, Any], said: str
) -> None:
    summary = {name: value for name, value in {**SUMMARY, **changed}.items() if value is not ...}
    with pytest.raises(RecordError) as raised:
        Made.from_summary(summary, "german_credit/models/scorer version 3")
    assert str(raised.value).startswith(f"The record of german_credit/models/scorer version 3 does not fit: {said}")
    assert raised.value.cure.endswith("credit-platform run german_credit.")


def test_a_record_without_a_table_names_no_portfolio() -> None:
    with pytest.raises(RecordError, match="Make it again: run its portfolio"):
        Made.from_summary({})


@pytest.mark.parametrize("key", ["p/serving/promoted_model", "p/governance/promotion_decision"])
def test_what_no_run_makes_again_is_restored(key: str) -> None:
    with pytest.raises(RecordError, match=f"No run makes it again: restore the table {key} from a backup"):
        Made.from_summary({}, f"{key} version 2")


def test_verdicts_and_whatever_else_stands_beside_it_are_no_part_of_a_record(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    judged = Judged(verdicts=(Verdict(check="c", passed=True, message="m"),), rules="r")
    lakehouse.write("a/b/c", pl.DataFrame({"x": [1]}), summary={**MADE.to_summary(), **judged.recorded()})
    stored = lakehouse.read("a/b/c")
    assert Made.of(stored) == MADE
    lakehouse.write("a/b/c", pl.DataFrame({"x": [1]}), summary={"name": "a"})
    with pytest.raises(RecordError, match=r"The record of a/b/c version 1 does not fit.*credit-platform run a\."):
        Made.of(lakehouse.read("a/b/c"))


@given(threshold=st.floats(), metrics=st.dictionaries(st.text(), st.floats(allow_nan=False)))
def test_numbers_come_back_to_the_last_bit(threshold: float, metrics: dict[str, float]) -> None:
    made = Made(name="a", rule=Rule(threshold=threshold), metrics=metrics, folds={})
    back = Made.from_summary(made.to_summary())
    assert back.rule.threshold.hex() == threshold.hex()
    assert back.metrics == metrics
