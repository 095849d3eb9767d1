from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from credit_platform.errors import RequestError, ScorerError
from credit_platform.features import feature_version
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import PlattCalibrator, Request, points
from credit_platform.scoring.scorer import Scorer
from credit_platform_tests.small_scorer import answers_of

PORTFOLIO = get_portfolio("german_credit")
NAMES = ("logistic_regression", "random_forest", "xgboost", "lightgbm")
ScorerOf = Callable[[str], Scorer]


@pytest.fixture
def scorer(scorer_of: ScorerOf) -> Scorer:
    return scorer_of("logistic_regression")


def explainable(features: pl.DataFrame, name: str) -> pl.DataFrame:
    """All rows, or every fourth where exact contributions of one take over a millisecond."""
    return features[::4] if name == "random_forest" else features


def application(raw: pl.DataFrame, row: int) -> dict[str, object]:
    return raw.drop(PORTFOLIO.applicant_key, PORTFOLIO.target).row(row, named=True)


@pytest.mark.parametrize("name", NAMES)
def test_requests_and_batch_give_the_same_decisions(
    name: str, scorer_of: ScorerOf, raw: pl.DataFrame, features: pl.DataFrame
) -> None:
    scorer = scorer_of(name)
    rows = range(0, raw.height, 1 if name == "logistic_regression" else 9)
    ids = raw[PORTFOLIO.applicant_key].cast(pl.String)
    alone = [
        scorer.score(Request(application=application(raw, row), applicant_id=ids[row], request_id="r")) for row in rows
    ]
    key = PORTFOLIO.applicant_key
    batch = features.sort(pl.col(key).cast(pl.Int64))
    assert batch[key].to_list() == raw[key].to_list()
    together = answers_of(scorer, batch[list(rows)])
    assert alone == [replace(decision, request_id="r") for decision in together]
    assert np.array_equal(scorer.score_features(batch[list(rows)]), [d.probability_of_default for d in alone])
    assert {decision.decision for decision in alone} == {"accepted", "refused"}


@pytest.mark.parametrize("name", NAMES)
def test_contributions_add_up_to_the_calibrated_log_odds(
    name: str, scorer_of: ScorerOf, features: pl.DataFrame
) -> None:
    scorer = scorer_of(name)
    rows = explainable(features, name)
    explained = scorer.explanation(scorer.margins(rows))
    assert explained.features == [feature.name for feature in PORTFOLIO.features]
    total = explained.contributions.sum(axis=1) + explained.base_value
    assert np.abs(total - explained.log_odds).max() < 1e-9
    probability = 1 / (1 + np.exp(-explained.log_odds))
    assert probability == pytest.approx(scorer.score_features(rows), abs=1e-12)


def test_a_decision_follows_from_its_probability(scorer: Scorer, raw: pl.DataFrame) -> None:
    decision = scorer.score(Request(application=application(raw, 1), applicant_id="77", request_id="abc"))
    assert (decision.request_id, decision.applicant_id, decision.threshold) == ("abc", "77", 1 / 6)
    assert decision.points == points(decision.probability_of_default, PORTFOLIO.points)
    assert decision.decision == ("accepted" if decision.probability_of_default < 1 / 6 else "refused")
    assert decision.model.name == "german_credit"
    assert decision.model.version == scorer.digest[:12]
    assert decision.model.feature_version == feature_version(PORTFOLIO)


def test_request_ids_are_made_up_and_differ(scorer: Scorer, raw: pl.DataFrame) -> None:
    request = Request(application=application(raw, 0))
    first, second = scorer.score(request), scorer.score(request)
    assert first.request_id != second.request_id
    assert replace(first, request_id="") == replace(second, request_id="")


def test_reasons_fit_the_decision_and_the_language(scorer: Scorer, raw: pl.DataFrame) -> None:
    for row in range(40):
        for language in ("fr", "en"):
            decision = scorer.score(Request(application=application(raw, row), language=language))
            adverse = decision.decision == "refused"
            assert 1 <= len(decision.reasons) <= 4
            for reason in decision.reasons:
                other = {"favourable" if adverse else "adverse"}
                assert reason.text in {
                    getattr(wording, language)
                    for wording in PORTFOLIO.reason(reason.code).all_wordings
                    if wording.situation not in other
                }
            strength = [abs(reason.contribution) for reason in decision.reasons]
            assert strength == sorted(strength, reverse=True)


def test_an_unknown_language_or_field_is_named(scorer: Scorer, raw: pl.DataFrame) -> None:
    with pytest.raises(RequestError) as language:
        scorer.score(Request(application=application(raw, 0), language="de"))  # type: ignore[arg-type]  # what is tested
    assert language.value.field == "language"
    with pytest.raises(RequestError) as column:
        scorer.score(Request(application={**application(raw, 0), "shoe_size": 42}))
    assert column.value.field == "application.shoe_size"


def test_the_threshold_itself_is_refused_and_a_band_goes_to_review(scorer: Scorer) -> None:
    assert [scorer.outcome(p) for p in (0.0, np.nextafter(1 / 6, 0), 1 / 6, 1.0)] == [
        "accepted",
        "accepted",
        "refused",
        "refused",
    ]
    band = Scorer(PORTFOLIO, scorer.fitted, scorer.calibrator, 0.2, review=(0.15, 0.3))
    assert [band.outcome(p) for p in (0.1, 0.15, 0.2, 0.29, 0.3)] == [
        "accepted",
        "review",
        "review",
        "review",
        "refused",
    ]


@pytest.mark.parametrize(
    ("threshold", "review"), [(0.0, None), (1.0, None), (float("nan"), None), (0.2, (0.3, 0.4)), (0.2, (0.1, 1.2))]
)
def test_thresholds_that_make_no_sense_are_refused(
    scorer: Scorer, threshold: float, review: tuple[float, float] | None
) -> None:
    with pytest.raises(ScorerError, match="do not fit together"):
        Scorer(PORTFOLIO, scorer.fitted, scorer.calibrator, threshold, review=review)


def test_a_probability_that_is_no_number_is_refused(scorer: Scorer, features: pl.DataFrame) -> None:
    broken = Scorer(PORTFOLIO, scorer.fitted, PlattCalibrator(float("nan"), 0.0), 0.2)
    with pytest.raises(ScorerError, match="1000 probabilities are not numbers"):
        broken.score_features(features)


def test_the_library_door_asks_what_features_take_for_granted(scorer: Scorer, raw: pl.DataFrame) -> None:
    """A linear model bears no missing value where training had none; the door names it, not a NaN further on."""
    lacking = Scorer(PORTFOLIO, scorer.fitted, scorer.calibrator, 0.2)
    lacking.__dict__["accepts_missing"] = False
    whole = application(raw, 0)
    assert lacking.score(Request(application=whole)).probability_of_default > 0
    part = {name: value for name, value in whole.items() if name in PORTFOLIO.express_columns}
    with pytest.raises(RequestError, match="is missing"):
        lacking.score(Request(application=part))
    assert scorer.score(Request(application=part)).probability_of_default > 0


def test_one_look_at_the_model_answers_in_both_languages(scorer: Scorer, features: pl.DataFrame) -> None:
    rows = features.head(5)
    margins = scorer.margins(rows)
    fr, en = (scorer.decide(margins, scorer.cases_of(rows, language)) for language in ("fr", "en"))
    for one, other in zip(fr, en, strict=True):
        assert one.probability_of_default == other.probability_of_default
        assert [reason.code for reason in one.reasons] == [reason.code for reason in other.reasons]
        assert [reason.text for reason in one.reasons] != [reason.text for reason in other.reasons]


def test_margins_and_cases_of_different_applicants_do_not_pass(scorer: Scorer, features: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="zip"):
        scorer.decide(scorer.margins(features.head(3)), scorer.cases_of(features.head(2)))
