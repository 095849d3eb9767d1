"""Scoring a file of applications: which scorer, and options that do not fit it."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import ScorerError, SettingError
from credit_platform.serving.file_scoring import check_options, score_applications
from credit_platform.settings import Settings
from credit_platform_tests.small_scorer import save_small_scorer
from credit_platform_tests.toy_scorer import toy_scorer, toy_tables

_, FEATURES = toy_tables()


def test_the_scorer_must_be_of_the_portfolio(tmp_path: Path) -> None:
    save_small_scorer(tmp_path / "scorer")
    given = (Settings(home=tmp_path), tmp_path / "in.csv", tmp_path / "out.csv")
    with pytest.raises(ScorerError, match=r"is for german_credit, not home_credit\. Name the right one"):
        score_applications("home_credit", *given, scorer=tmp_path / "scorer")
    with pytest.raises(ScorerError, match=r"german_credit has no promoted model.*credit-platform run german_credit"):
        score_applications("german_credit", *given)


def test_histories_of_a_portfolio_without_any_and_both_ways_at_once_are_refused(tmp_path: Path) -> None:
    save_small_scorer(tmp_path / "scorer")
    settings, out = Settings(home=tmp_path), tmp_path / "out.csv"
    for histories, said in ((tmp_path, "--histories and --stored are given together"), (None, "has no histories")):
        with pytest.raises(SettingError, match=said):
            score_applications(
                "german_credit",
                settings,
                tmp_path / "in.csv",
                out,
                scorer=tmp_path / "scorer",
                histories=histories,
                stored=True,
            )


def test_a_model_of_histories_is_not_used_without_them_unless_asked() -> None:
    scorer = toy_scorer(FEATURES)
    with pytest.raises(SettingError, match="come from the applicants' histories, and none were given") as refused:
        check_options(scorer, None, stored=False, without=False)
    assert "--without-histories" in str(refused.value)
    check_options(scorer, None, stored=False, without=True)
    check_options(scorer, None, stored=True, without=False)
    with pytest.raises(SettingError, match="--stored and --without-histories are given together"):
        check_options(scorer, None, stored=True, without=True)


def test_a_portfolio_without_histories_needs_no_option_and_takes_none(tmp_path: Path) -> None:
    scorer = save_small_scorer(tmp_path / "scorer")
    check_options(scorer, None, stored=False, without=False)
    with pytest.raises(SettingError, match=r"has no histories\. Leave --without-histories out"):
        check_options(scorer, None, stored=False, without=True)
