"""A feature table without histories is what a request without histories gives."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from credit_platform.features import ApplicantFeatures
from credit_platform.features.without_histories import without_histories
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.small_scorer import raw_applications
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_tables


def test_it_is_what_a_request_without_histories_gives() -> None:
    tables, features = toy_tables()
    bare = without_histories(features, PORTFOLIO)
    compiled = ApplicantFeatures(PORTFOLIO)
    names = [feature.name for feature in PORTFOLIO.features]
    rows = {row["person"]: row for row in tables[PORTFOLIO.training_table].to_dicts()}
    left_out = {PORTFOLIO.applicant_key, PORTFOLIO.target}
    asked = bare.filter(pl.col("person").is_in(list(rows)))
    alone = pl.concat(
        compiled.build({name: value for name, value in rows[person].items() if name not in left_out})
        for person in asked["person"]
    )
    assert_frame_equal(asked.select(names), alone.select(names))
    assert not asked.select(names).equals(features.filter(pl.col("person").is_in(list(rows))).select(names))


def test_where_there_are_no_histories_nothing_changes() -> None:
    portfolio = get_portfolio("german_credit")
    frame = raw_applications(portfolio)
    assert without_histories(frame, portfolio) is frame
