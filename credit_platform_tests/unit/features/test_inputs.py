"""What is asked of an applicant is what a feature reads; found by computing, so checked by changing values."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import pytest

from credit_platform.features import ApplicantFeatures
from credit_platform.features.inputs import unused_columns, used_columns
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column
from credit_platform_tests.unit.features.toy import TOY

GERMAN = get_portfolio("german_credit")


def other_value(column: Column, value: object) -> object:
    """A valid value that is another one."""
    if column.allowed is not None:
        return next(one for one in column.allowed if one != value)
    assert isinstance(value, int | float)
    if not column.type.is_integer:
        return value / 2 if value else 0.5
    return value + 1 if column.maximum is None or value + 1 <= column.maximum else value - 1


def test_what_only_the_audit_reads_is_not_used() -> None:
    assert unused_columns(GERMAN) == {"age_years", "dependants"}
    protected = {c.name for c in GERMAN.application_columns if c.protected}
    everything = {c.name for c in GERMAN.application_columns}
    assert used_columns(GERMAN) | unused_columns(GERMAN) | protected == everything
    assert not protected & used_columns(GERMAN)


@pytest.mark.parametrize("name", list(portfolio_names()))
def test_a_used_column_moves_a_feature_and_an_unused_one_none(name: str) -> None:
    portfolio = get_portfolio(name)
    features = ApplicantFeatures(portfolio)
    used, unused = used_columns(portfolio), unused_columns(portfolio)
    for example in portfolio.examples.values():
        before = features.values(example)
        for column in portfolio.application_columns:
            if column.name in unused:
                given = column.allowed[0] if column.allowed else column.minimum or 0
                assert features.values({**example, column.name: given}) == before
            elif column.name in used and example.get(column.name) is not None:
                changed = {**example, column.name: other_value(column, example[column.name])}
                if features.values(changed) != before:
                    used = used - {column.name}
    never_moved = used & {c for example in portfolio.examples.values() for c in example if example[c] is not None}
    # One step from two examples does not cross every threshold of a feature; nearly all of them move something.
    assert len(never_moved) <= len(used_columns(portfolio)) / 10, sorted(never_moved)


@pytest.mark.parametrize("name", list(portfolio_names()))
def test_examples_hold_only_what_is_asked(name: str) -> None:
    portfolio = get_portfolio(name)
    assert all(example.keys() <= used_columns(portfolio) for example in portfolio.examples.values())


def with_feature(portfolio: Portfolio, expression: nw.Expr) -> Portfolio:
    group, *others = portfolio.feature_groups
    more = Feature(name="more", expression=expression, description="More.", reason=group.features[0].reason)
    return replace(portfolio, feature_groups=(replace(group, features=(*group.features, more)), *others))


def test_a_feature_that_reads_a_column_makes_it_used() -> None:
    assert "age_years" in used_columns(with_feature(GERMAN, nw.col("age_years") * 2))


def test_a_step_that_no_feature_reads_makes_nothing_used() -> None:
    group, *others = GERMAN.feature_groups
    stepped = replace(group, steps=(*group.steps, {"older": nw.col("age_years") + 1}))
    portfolio = replace(GERMAN, feature_groups=(stepped, *others))
    assert "age_years" not in used_columns(portfolio)
    assert "age_years" in used_columns(with_feature(portfolio, nw.col("older") * 2))


def test_histories_read_their_own_columns() -> None:
    assert used_columns(TOY) <= {column.name for column in TOY.application_columns}
