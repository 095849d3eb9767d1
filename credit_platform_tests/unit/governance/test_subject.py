"""Evidence is measured on whole parts of the applicants, and on the scorer that its table names."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from credit_platform.errors import ScorerError
from credit_platform.governance.subject import asked_about, load_scorer, part_of
from credit_platform.modelling.records import ScorerRecord
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import applicants_key, model_key
from credit_platform_tests.finished_run import FinishedRun


def test_the_scorer_of_a_table_is_verified(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(model_key(finished.portfolio.name, "scorer"))
    assert load_scorer(stored, finished.portfolio, finished.shelf).digest == ScorerRecord.of(stored).digest
    with pytest.raises(ScorerError):
        load_scorer(replace(stored, summary={**stored.summary, "digest": "0" * 64}), finished.portfolio, finished.shelf)


def test_the_parts_are_holdout_and_folds(finished: FinishedRun) -> None:
    portfolio, lakehouse = finished.portfolio, finished.lakehouse
    applicants, split = (
        lakehouse.scan(key) for key in (applicants_key(portfolio.name), model_key(portfolio.name, "split"))
    )
    placed = split.collect()
    for holdout in (True, False):
        expected = placed.filter((pl.col("fold") == HOLDOUT) == holdout)[portfolio.applicant_key]
        part = part_of(portfolio, applicants, split, holdout=holdout)
        assert set(part[portfolio.applicant_key]) == set(expected)
        assert part["target"].null_count() == 0


def test_who_is_asked_about_is_of_the_holdout_or_without_an_outcome() -> None:

    portfolio = get_portfolio("german_credit")
    key, target = portfolio.applicant_key, portfolio.target
    applicants = pl.LazyFrame({key: [1, 2, 3, 4, 5], target: [0, 1, 0, None, None]})
    split = pl.LazyFrame({key: [1, 2, 3], "fold": [HOLDOUT, 0, HOLDOUT], "target": [0, 1, 0]})
    assert asked_about(portfolio, applicants, split, most=10)[key].to_list() == [1, 3, 4, 5]
    assert asked_about(portfolio, applicants, split, most=1).height == 2
