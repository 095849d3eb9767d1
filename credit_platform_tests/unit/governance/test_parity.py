"""Single requests get the batch's answers, a difference is found; histories are found through their parents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import FeatureError
from credit_platform.features import build_features
from credit_platform.governance.parity import compare_single_with_batch, raw_requests
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Scorer
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return save_small_scorer(tmp_path_factory.mktemp("scorer") / "scorer")


@pytest.fixture(scope="module")
def raw(scorer: Scorer) -> pl.DataFrame:
    return raw_applications(scorer.portfolio)


@pytest.fixture(scope="module")
def rows(scorer: Scorer, raw: pl.DataFrame) -> pl.DataFrame:
    portfolio = scorer.portfolio
    return build_features(portfolio, {portfolio.training_table: raw.lazy()}).collect().tail(20)


def test_equal_answers_are_equal(scorer: Scorer, rows: pl.DataFrame, raw: pl.DataFrame) -> None:
    parity = compare_single_with_batch(scorer, rows, raw.lazy(), {}, most=12)

    assert parity.applicants == 12
    assert parity.differing == ()
    assert parity.largest_difference == 0.0
    assert 0.0 < parity.median_milliseconds <= parity.p95_milliseconds
    assert parity.to_dict()["differing"] == []


def test_a_feature_table_that_says_something_else_is_found(
    scorer: Scorer, rows: pl.DataFrame, raw: pl.DataFrame
) -> None:
    """The regression guarded against: features computed in one way for training and in another for the service."""
    key = scorer.portfolio.applicant_key
    name = "application__duration_months"
    wrong = rows.with_columns(pl.when(pl.int_range(pl.len()) == 0).then(60.0).otherwise(pl.col(name)).alias(name))
    parity = compare_single_with_batch(scorer, wrong, raw.lazy(), {}, most=5)
    assert parity.differing == (str(rows[key][0]),)
    assert parity.largest_difference > 1e-6


def test_requests_are_in_the_order_asked_and_hold_no_outcome(
    scorer: Scorer, rows: pl.DataFrame, raw: pl.DataFrame
) -> None:
    portfolio = scorer.portfolio
    wanted = rows[portfolio.applicant_key].reverse()
    requests = raw_requests(portfolio, wanted, raw.lazy(), {})
    assert [request.applicant_id for request in requests] == wanted.cast(pl.String).to_list()
    assert all(portfolio.target not in request.application for request in requests)
    assert requests[0].histories is None


def test_a_history_without_the_applicant_key_is_found_through_its_parent() -> None:
    portfolio = get_portfolio("home_credit")
    bureau = portfolio.table("bureau")
    balance = portfolio.table("bureau_balance")
    application = portfolio.table(portfolio.training_table)

    def table(columns: tuple[str, ...], **values: list[int]) -> pl.LazyFrame:
        rows = len(next(iter(values.values())))
        return pl.LazyFrame({name: values.get(name, [None] * rows) for name in columns})

    requests = raw_requests(
        portfolio,
        pl.Series([2, 1]),
        table(application.column_names, SK_ID_CURR=[1, 2, 3]),
        {
            "bureau_balance": table(
                balance.column_names, SK_ID_BUREAU=[10, 10, 20, 30], MONTHS_BALANCE=[-1, -2, -3, -4]
            ),
            "bureau": table(bureau.column_names, SK_ID_CURR=[1, 2, 3], SK_ID_BUREAU=[10, 20, 30]),
        },
    )

    months = [[row["MONTHS_BALANCE"] for row in (r.histories or {})["bureau_balance"]] for r in requests]
    assert months == [[-3], [-1, -2]]
    assert set((requests[0].histories or {})["bureau_balance"][0]) == set(balance.column_names)


def test_portfolio_of_the_scorer_is_used(scorer: Scorer, tmp_path: Path) -> None:
    renamed = replace(scorer.portfolio, title="Other")
    scorer.save(tmp_path / "scorer")
    assert Scorer.load(tmp_path / "scorer", portfolio=renamed).portfolio.title == "Other"


def test_an_applicant_whose_raw_row_is_gone_is_named(scorer: Scorer, rows: pl.DataFrame, raw: pl.DataFrame) -> None:
    """As when a smaller file was ingested and the models are made again of the features before: it was KeyError: 11."""
    with pytest.raises(FeatureError, match="5 of 5 applicants of german_credit/features/applicants"):
        compare_single_with_batch(scorer, rows, raw.head(10).lazy(), {}, most=5)
