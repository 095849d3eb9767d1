"""What is read of the lakehouse: of the model in use, and of nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from credit_platform.console import tables
from credit_platform.governance.approval import set_home_policy
from credit_platform.governance.promotion_acts import rolled_back
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import champion_key, decision_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.records import promoted_model, scorer_record, threshold_record


@pytest.fixture
def portfolio() -> Portfolio:
    return get_portfolio("german_credit")


@pytest.fixture
def filled(filled_home: Settings) -> Lakehouse:
    return Lakehouse(filled_home.lakehouse_root)


@pytest.fixture
def empty(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path / "lakehouse"))


def test_without_tables_there_is_nothing(empty: Lakehouse, portfolio: Portfolio) -> None:
    assert tables.stored_scores(empty, portfolio) is None
    assert tables.applications(empty, portfolio) is None
    assert tables.figures(empty, portfolio).threshold is None


def test_scores_are_those_of_holdout_and_training_applicants(filled: Lakehouse, portfolio: Portfolio) -> None:
    scores = tables.stored_scores(filled, portfolio)
    assert scores is not None
    assert scores.out_of_fold
    assert not scores.synthetic
    assert scores.frame.height == scores.frame["applicant_id"].n_unique() == 1000


def test_scores_of_a_challenger_are_not_shown_as_those_of_the_champion(empty: Lakehouse, portfolio: Portfolio) -> None:
    frame = pl.DataFrame({"applicant_id": [1], "target": [0], "probability": [0.2]})
    empty.write("german_credit/serving/promoted_model", frame, summary=promoted_model("champion").to_summary())
    for name in ("calibration", "threshold"):
        empty.write(f"german_credit/models/{name}", frame)
    empty.write("german_credit/models/scorer", frame, summary=scorer_record("challenger").to_summary())
    scores = tables.stored_scores(empty, portfolio)
    assert scores is not None
    assert not scores.out_of_fold
    assert scores.frame.height == 1
    assert tables.figures(empty, portfolio).threshold is None


def test_figures_are_those_of_the_threshold(filled: Lakehouse, portfolio: Portfolio) -> None:
    figures = tables.figures(filled, portfolio)
    assert figures.threshold == threshold_record(figures.threshold.rule.threshold if figures.threshold else 0)
    assert figures.curve.columns == ["threshold", "cost_per_applicant"]


def test_a_known_applicant_is_found_without_protected_columns(filled: Lakehouse, portfolio: Portfolio) -> None:
    stored = tables.applications(filled, portfolio)
    assert stored is not None
    found = tables.find_application(stored, portfolio, " 1 ")
    assert found is not None
    assert found["amount"] == 1169
    assert "personal_status_sex" not in found
    assert "applicant_id" not in found
    assert tables.find_application(stored, portfolio, "no such") is None


def test_an_applicant_is_most_alike_to_themselves(filled: Lakehouse, portfolio: Portfolio) -> None:
    stored = tables.applications(filled, portfolio)
    assert stored is not None
    frame = stored.collect()
    application: dict[str, object] | None = None
    for number in (1, 500, 1000):
        application = tables.find_application(stored, portfolio, str(number))
        assert application is not None
        assert tables.most_alike(frame, portfolio, application, 5)[0] == number
    assert application is not None
    assert tables.most_alike(frame, portfolio, application, 7).len() == 7


def test_likeness_is_the_mean_over_the_fields_that_were_given(portfolio: Portfolio) -> None:
    stored = pl.DataFrame(
        {
            "applicant_id": [1, 2, 3, 4],
            "amount": [1000, 2000, 3000, None],
            "housing": ["own", "rent", "own", "own"],
        }
    )
    alike = tables.most_alike(stored, portfolio, {"amount": 2100, "housing": "own", "job": None})
    # 3: a part of the range away; 1: further; 2: another category; 4: never said the amount.
    assert alike.to_list()[:2] == [3, 1]
    assert tables.most_alike(stored, portfolio, {"amount": None}).is_empty()


def test_who_must_approve_and_who_did_is_read_from_the_history(empty: Lakehouse, portfolio: Portfolio) -> None:
    model = promoted_model("d")
    empty.write(champion_key(portfolio.name), pl.DataFrame({"x": [1]}), summary=model.to_summary())
    assert tables.approval(empty, portfolio, None) == tables.Approval("automatic")
    set_home_policy(empty, "four-eyes", by="the board", reason="r")
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    decision = rolled_back(portfolio.name, model, model, by="Ada", reason="r", at=at)
    empty.write(decision_key(portfolio.name), decision.to_frame(), summary=decision.to_summary())
    assert tables.approval(empty, portfolio, "automatic") == tables.Approval("four-eyes", "Ada", at)


def test_without_a_model_nobody_must_approve(empty: Lakehouse, portfolio: Portfolio) -> None:
    assert tables.approval(empty, portfolio, None) is None
