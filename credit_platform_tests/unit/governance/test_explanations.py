"""Explanations are the scorer's own contributions, and their pictures are pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from credit_platform import presented
from credit_platform.errors import ModellingError, ScorerError
from credit_platform.features import build_features
from credit_platform.governance import explanation_plots as plots
from credit_platform.governance.explanation_report import render_shap_report
from credit_platform.governance.explanations import ModelExplanation, choose_examples, explain_model, native_importance
from credit_platform.modelling.candidates import get_candidate
from credit_platform.scoring import FittedModel, LinearModel, Scorer
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return save_small_scorer(tmp_path_factory.mktemp("scorer") / "scorer")


@pytest.fixture(scope="module")
def rows(scorer: Scorer) -> pl.DataFrame:
    portfolio = scorer.portfolio
    return build_features(portfolio, {portfolio.training_table: raw_applications(portfolio).lazy()}).collect().head(200)


@pytest.fixture(scope="module")
def explained(scorer: Scorer, rows: pl.DataFrame) -> ModelExplanation:
    return explain_model(scorer, rows, rows[scorer.portfolio.target])


def test_contributions_add_up_to_the_score_of_each_applicant(
    scorer: Scorer, rows: pl.DataFrame, explained: ModelExplanation
) -> None:
    one = explained.explanation
    total = one.contributions.sum(axis=1) + one.base_value
    p = scorer.score_features(rows)
    assert explained.largest_gap < 1e-9
    assert np.allclose(1 / (1 + np.exp(-total)), p, atol=1e-9)


def test_every_feature_of_the_model_is_in_the_table_with_its_family(
    scorer: Scorer, explained: ModelExplanation
) -> None:
    table = explained.features
    assert sorted(table["feature"]) == sorted(scorer.fitted.features)
    assert table["family"].null_count() == 0
    assert table["share"].sum() == pytest.approx(1.0)
    assert table["mean_absolute"].is_sorted(descending=True)
    assert explained.families["features"].sum() == table.height
    strongest = table.row(0, named=True)
    column = scorer.fitted.features.index(strongest["feature"])
    assert strongest["mean_absolute"] == pytest.approx(
        float(np.abs(explained.explanation.contributions[:, column]).mean())
    )


def test_a_family_is_added_up_before_the_absolute_value_is_taken(explained: ModelExplanation) -> None:
    merged = explained.features.group_by("family").agg(pl.col("mean_absolute").sum())
    both = explained.families.join(merged, on="family", suffix="_of_features")
    assert (both["mean_absolute"] <= both["mean_absolute_of_features"] + 1e-12).all()


def test_examples_are_a_refused_default_and_an_accepted_good_applicant(
    scorer: Scorer, rows: pl.DataFrame, explained: ModelExplanation
) -> None:
    default, good = explained.examples
    target = rows[scorer.portfolio.target]
    assert (default.kind, default.decision, target[default.row]) == ("predicted_default", "refused", 1)
    assert (good.kind, good.decision, target[good.row]) == ("good_applicant", "accepted", 0)
    assert default.probability >= scorer.threshold > good.probability


def test_when_nobody_is_refused_the_riskiest_is_shown(scorer: Scorer, rows: pl.DataFrame) -> None:
    lenient = Scorer(scorer.portfolio, scorer.fitted, scorer.calibrator, 0.999999)
    default, good = choose_examples(lenient, rows, rows[scorer.portfolio.target])
    assert default.decision == good.decision == "accepted"
    # The heading tells who was found, not who was looked for.
    assert default.title.startswith("An applicant who was accepted, ")
    assert ("but defaulted" in default.title) == default.defaulted
    assert default.probability == float(scorer.score_features(rows).max())


def test_importance_of_a_linear_model_is_that_of_its_coefficients(scorer: Scorer) -> None:
    model = scorer.fitted.model
    assert isinstance(model, LinearModel)
    own = native_importance(scorer.fitted)
    assert own is not None
    kind, values = own
    assert kind.startswith("absolute coefficient")
    assert values.shape == (len(scorer.fitted.features),)
    assert values.sum() == pytest.approx(float(np.abs(model.coefficients).sum()))


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_importance_of_trees_is_their_gain_and_finds_the_copy_of_the_outcome(
    name: str, scorer: Scorer, rows: pl.DataFrame
) -> None:
    portfolio = scorer.portfolio
    leaking = portfolio.features[0].name
    target = rows[portfolio.target].to_numpy().astype("int8")
    leaked = rows.with_columns(pl.Series(leaking, target.astype(float)))
    candidate = get_candidate(name)
    fitted = candidate.fit(leaked, target, portfolio.features, candidate.default_params(), seed=7, threads=2)
    own = native_importance(fitted)
    assert own is not None
    kind, values = own
    assert kind == "total gain of the splits"
    assert fitted.features[int(np.argmax(values))] == leaking


def test_a_model_without_importance_of_its_own_is_ranked_by_its_contributions(
    scorer: Scorer, rows: pl.DataFrame
) -> None:
    portfolio, candidate = scorer.portfolio, get_candidate("mlp")
    target = rows[portfolio.target].to_numpy().astype("int8")
    fitted = candidate.fit(rows, target, portfolio.features, candidate.default_params(), seed=7, threads=1)
    assert native_importance(fitted) is None
    explained = explain_model(Scorer(portfolio, fitted, scorer.calibrator, 0.2), rows, rows[portfolio.target], most=50)
    assert explained.importance_kind.startswith("mean absolute contribution")
    assert explained.features["importance"].equals(explained.features["mean_absolute"], check_names=False)
    assert explained.features["importance_rank"].to_list() == sorted(explained.features["importance_rank"])
    assert explained.features["importance"][0] > 0


def test_there_must_be_somebody_to_explain(scorer: Scorer, rows: pl.DataFrame) -> None:
    with pytest.raises(ModellingError, match="no applicant to explain"):
        explain_model(scorer, rows.clear(), [])


def test_a_model_with_an_unmapped_feature_cannot_become_a_scorer(scorer: Scorer) -> None:
    portfolio = replace(scorer.portfolio, reasons=scorer.portfolio.reasons[1:])
    with pytest.raises(ScorerError, match="has no reason for application__checking_account"):
        Scorer(portfolio, scorer.fitted, scorer.calibrator, 0.2)


def test_the_plots_show_the_scorers_contributions_and_nothing_is_left_open(
    scorer: Scorer, explained: ModelExplanation, tmp_path: Path
) -> None:
    """In this one test, because shap takes seconds to import."""
    from matplotlib import pyplot  # noqa: PLC0415  # only this test draws with it

    values = plots.shap_values(explained.explanation, explained.rows)
    assert np.array_equal(values.values, explained.explanation.contributions)
    assert np.array_equal(values.base_values, explained.explanation.base_value)
    pictures = {
        "importance.png": plots.importance_plot(explained.features, explained.importance_kind),
        "shap_summary.png": plots.shap_summary(explained),
        "shap_bar.png": plots.shap_bar(explained),
        **{f"waterfall_{one.kind}.png": plots.waterfall(explained, one) for one in explained.examples},
    }
    assert all(png.startswith(PNG) and len(png) > 5000 for png in pictures.values())
    assert len(set(pictures.values())) == len(pictures)
    assert pyplot.get_fignums() == []
    page = render_shap_report(scorer.portfolio, explained, pictures)
    assert page.count("data:image/png;base64,") == len(pictures)
    assert "http" not in page, "the page opens without a network"
    assert presented.feature(explained.features["feature"][0]) in page
    assert isinstance(scorer.fitted, FittedModel)
