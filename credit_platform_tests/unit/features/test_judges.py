"""What is made of features is refused, or told of, when it is not what it should be."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from credit_platform.features import catalogue
from credit_platform.features.judges import (
    attributes_of_everyone,
    everything_described,
    meets_applicants,
    nothing_emptied,
)
from credit_platform.portfolios import get_portfolio

GERMAN = get_portfolio("german_credit")
HOME = get_portfolio("home_credit")
GROUP = next(group for group in HOME.feature_groups if group.history)
NAMES = [feature.name for feature in GROUP.all_features]


@pytest.mark.parametrize(
    ("rows", "passes", "met"), [([1, 2], True, 2), ([2, 9], True, 1), ([8, 9], False, 0), ([], True, 0)]
)
def test_a_history_of_nobody_who_has_applied_is_refused(rows: list[int], passes: bool, met: int) -> None:
    aggregate = pl.LazyFrame({"id": rows}, schema={"id": pl.Int64})
    verdict = meets_applicants("id", aggregate, [pl.LazyFrame({"id": [1, 2]}), pl.LazyFrame({"id": [3]})])
    assert verdict.passed is passes
    assert verdict.refuses is not passes
    assert verdict.numbers["of_applicants"] == met


def frame(empty: set[str]) -> pl.LazyFrame:
    return pl.LazyFrame({name: [None, None if name in empty else 1.0] for name in NAMES}, strict=False)


def test_a_feature_that_lost_all_its_values_is_told() -> None:
    lost = nothing_emptied(GROUP, frame(set(NAMES[:2])), frame({NAMES[0]}))
    assert (lost.passed, lost.refuses) == (False, False)
    assert [row["feature"] for row in lost.listed] == [NAMES[1]]
    assert nothing_emptied(GROUP, frame({NAMES[0]}), frame({NAMES[0]})).passed
    first = nothing_emptied(GROUP, frame(set(NAMES[:2])), None)
    assert first.passed
    assert "there is no version before" in first.message


def test_a_feature_that_is_new_was_not_emptied() -> None:
    assert nothing_emptied(GROUP, frame({NAMES[0]}), frame(set()).drop(NAMES[0])).passed


@pytest.fixture(scope="module")
def described() -> pl.DataFrame:
    empty = pl.DataFrame({feature.name: [None, None] for feature in GERMAN.features})
    numbers = [feature.name for feature in GERMAN.features if feature.kind != "categorical"]
    return catalogue(
        GERMAN, empty.with_columns(pl.all().cast(pl.String)).with_columns(pl.col(numbers).cast(pl.Float64))
    )


def test_the_catalogue_as_it_is_made_is_complete(described: pl.DataFrame) -> None:
    assert everything_described(GERMAN, described.lazy()).passed


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda frame: frame.slice(1), "is missing"),
        (lambda frame: pl.concat([frame, frame.head(1)]), "has several rows"),
        (lambda frame: frame.with_columns(description=pl.lit(" ")), "has no description or no reason"),
        (lambda frame: frame.with_columns(reason=pl.lit(None, pl.String)), "has no description or no reason"),
        (lambda frame: frame.with_columns(feature=pl.lit("unheard_of")), "is not declared"),
    ],
)
def test_a_catalogue_that_says_too_little_is_refused(
    damage: Callable[[pl.DataFrame], pl.DataFrame], said: str, described: pl.DataFrame
) -> None:
    verdict = everything_described(GERMAN, damage(described).lazy())
    assert verdict.refuses
    assert said in " ".join(row["message"] for row in verdict.listed)


def test_the_audit_table_has_everyone_once_with_every_attribute() -> None:
    protected = {column.name for column in GERMAN.application_columns if column.protected}
    names = [GERMAN.applicant_key, *protected, *(feature.name for feature in GERMAN.audit_features)]
    table = pl.LazyFrame({name: [1, 2] for name in dict.fromkeys(names)})
    assert attributes_of_everyone(GERMAN, table, 2).passed
    assert attributes_of_everyone(GERMAN, table, 3).refuses
    assert attributes_of_everyone(GERMAN, pl.concat([table, table]), 4).refuses
    without = attributes_of_everyone(GERMAN, table.drop(sorted(protected)[0]), 2)
    assert without.refuses
    assert f"{sorted(protected)[0]} is missing" in without.message
