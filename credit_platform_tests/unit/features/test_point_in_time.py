"""A rule that lets the future in is found, on whatever day it opens."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest

from credit_platform.features.engines.native import to_polars
from credit_platform.features.point_in_time import PointInTime, later_rows, look
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.values import POLARS_TYPES
from credit_platform_tests.unit.features.toy import HISTORY, REPAYMENT, TOY, lazy, make_tables
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import home_credit

DAY = nw.col("day")


def seen(group: FeatureGroup) -> PointInTime:
    return look(group, replace(TOY, feature_groups=(group,), cross_features=()), lazy(make_tables(40)))


@pytest.mark.parametrize("group", [HISTORY, REPAYMENT], ids=lambda group: group.name)
def test_a_rule_that_holds(group: FeatureGroup) -> None:
    found = seen(group)
    assert (found.passed, found.changed) == (True, ())
    assert found.added > 0
    assert found.left_out == int((~(make_tables(40)[group.table]["day"] <= 0).fill_null(value=False)).sum())
    assert f"{found.left_out} rows of {group.table}" in found.sentence(group.table)


@pytest.mark.parametrize("rule", [DAY <= 30, DAY.is_null() | (DAY > -1000), nw.col("debt") > 0], ids=str)
def test_a_rule_that_lets_the_future_in_is_found_by_what_moves(rule: nw.Expr) -> None:
    found = seen(replace(HISTORY, known_at=rule))
    assert not found.passed
    assert "loans__count" in found.changed
    assert "change loans__count" in found.sentence("loans")


def test_a_history_without_a_rule_is_named() -> None:
    found = seen(replace(HISTORY, known_at=None))
    assert not found.passed
    assert "declare `known_at`" in found.sentence("loans")


def test_later_rows_keep_everything_but_their_date() -> None:
    rows = make_tables(40)["loans"]
    later = later_rows(HISTORY, TOY, rows)
    assert later.equals(rows.with_columns(day=pl.lit(1, dtype=pl.Int16)))
    assert later_rows(replace(HISTORY, known_at=None), TOY, rows).is_empty()


@pytest.mark.parametrize("group", [g for g in home_credit().feature_groups if g.history], ids=lambda group: group.name)
def test_every_rule_that_ships_reads_a_date_and_leaves_it_out(group: FeatureGroup) -> None:
    table = home_credit().table(group.table)
    row = pl.DataFrame({c.name: pl.Series([None], dtype=POLARS_TYPES[c.type]) for c in table.columns})
    later = later_rows(group, home_credit(), row)
    assert later.null_count().sum_horizontal().item() < row.null_count().sum_horizontal().item()
    assert group.known_at is not None
    (known,) = to_polars([group.known_at])
    assert not later.select(known).item()
