"""What candidates share: screening, SMOTE, limits of rows, signs; and the translation of scikit-learn's trees."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from credit_platform.errors import ModellingError
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.candidates._linear import signed_logistic
from credit_platform.modelling.candidates._screening import screen
from credit_platform.modelling.candidates._smote import with_smote
from credit_platform.modelling.candidates._training import prepare
from credit_platform.modelling.candidates.gradient_boosting import lightgbm_text
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.scoring import LightGBMModel, StackedModel, WoeEncoding
from credit_platform_tests.unit.scoring.samples import FEATURES, feature, toy

MANY = (*FEATURES, feature("noise"), feature("twin"), feature("constant"))


def wide(rows: int = 2000) -> tuple[pl.DataFrame, np.ndarray]:
    frame, target = toy(rows)
    noise = np.random.default_rng(9).normal(size=rows)
    return frame.with_columns(noise=noise, twin=pl.col("age") + 0.01 * noise, constant=pl.lit(1.0)), target


def test_the_most_informative_features_are_kept_and_copies_are_not() -> None:
    frame, target = wide()
    chosen = [one.name for one in screen(frame, target, MANY, 3)]
    assert len(chosen) == 3
    assert len({"age", "twin"} & set(chosen)) == 1
    assert not {"noise", "constant"} & set(chosen)
    assert screen(frame, target, MANY, 7) == MANY


def test_where_nothing_informs_one_feature_stays() -> None:
    frame, _ = wide(400)
    target = np.random.default_rng(2).integers(0, 2, 400).astype(np.int8)
    columns = (feature("constant"), feature("noise"))
    assert len(screen(frame, target, columns, 1)) == 1


def test_smote_adds_defaults_between_real_ones_and_leaves_the_rest() -> None:
    frame, target = toy(300)
    rare = np.flatnonzero((target == 0) | (np.arange(300) < 60))
    frame, target = frame[rare], target[rare]
    grown, outcome = with_smote(frame, target, FEATURES, seed=1)
    names = [one.name for one in FEATURES]
    assert outcome.sum() * 2 == outcome.size
    assert grown.head(frame.height).equals(frame.select(names).with_columns(pl.col("age", "income").cast(pl.Float64)))
    made = grown[frame.height :]
    assert made["age"].is_between(frame["age"].min(), frame["age"].max()).all()
    assert set(made["home"]) <= set(frame["home"])
    assert made["income"].null_count() == 0
    assert (outcome[frame.height :] == 1).all()
    again, _ = with_smote(frame, target, FEATURES, seed=1)
    assert again.equals(grown)


@pytest.mark.parametrize("kind", [FeatureKind.NUMERIC, FeatureKind.CATEGORICAL])
def test_smote_works_with_one_kind_of_feature(kind: FeatureKind) -> None:
    frame, target = toy(200)
    used = [one for one in FEATURES if one.kind is kind]
    grown, outcome = with_smote(frame, target, used, seed=1)
    assert grown.columns == [one.name for one in used]
    assert outcome.size == grown.height


def test_smote_needs_two_defaults() -> None:
    frame, _ = toy(20)
    target = np.zeros(20, dtype=np.int8)
    target[3] = 1
    with pytest.raises(ModellingError, match="two rows of the rarer outcome"):
        with_smote(frame, target, FEATURES, seed=1)


def test_rows_are_limited_in_proportion() -> None:
    frame, target = toy(1000)
    defaults = {"max_rows": 0, "imbalance": "none"}
    few = prepare("toy", defaults, {"max_rows": 100}, frame, target, features=FEATURES, seed=1, threads=1)
    assert few.frame.height == pytest.approx(100, abs=1)
    assert few.target.mean() == pytest.approx(target.mean(), abs=0.01)
    assert prepare("toy", defaults, {}, frame, target, features=FEATURES, seed=1, threads=1).frame.height == 1000


def test_a_coefficient_of_the_wrong_sign_is_left_out() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=3000)
    target = (rng.random(3000) < 1 / (1 + np.exp(-truth))).astype(np.int8)
    matrix = np.column_stack([truth, truth + 0.3 * rng.normal(size=3000), -truth])
    coefficients, _ = signed_logistic(matrix, target, np.ones(3000), c=10.0)
    assert coefficients.min() >= 0
    assert coefficients[2] == 0
    assert coefficients[0] > 0.5


def test_where_nothing_rises_with_the_risk_only_the_intercept_is_left() -> None:
    rng = np.random.default_rng(0)
    target = np.concatenate([np.ones(300), np.zeros(700)]).astype(np.int8)
    coefficients, intercept = signed_logistic((-target + rng.normal(size=1000))[:, None], target, np.ones(1000), c=1.0)
    assert coefficients.tolist() == [0.0]
    assert intercept == pytest.approx(np.log(0.3 / 0.7))


@pytest.mark.parametrize("monotone", [False, True])
def test_translated_trees_give_the_margins_of_scikit_learn(monotone: bool) -> None:
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(900, 5))
    matrix[rng.random(matrix.shape) < 0.2] = np.nan
    matrix[:, 4] = np.where(rng.random(900) < 0.4, np.nan, 1.0)  # only null against not null can be split
    target = (np.nansum(matrix, axis=1) + rng.normal(size=900) > 0).astype(np.int8)
    fresh = rng.normal(size=(500, 5)) * 3
    fresh[rng.random(fresh.shape) < 0.3] = np.nan
    with threadpool_limits(limits=1):  # rows as few as these keep two threads busy with waiting for each other
        trainer = HistGradientBoostingClassifier(
            max_iter=40, monotonic_cst=[1, 0, 0, 0, 0] if monotone else None, early_stopping=False, random_state=1
        ).fit(matrix, target)
        known, unknown = trainer.decision_function(matrix), trainer.decision_function(fresh)
    model = LightGBMModel(lightgbm_text(trainer, 5))
    for rows, margin in ((matrix, known), (fresh, unknown)):
        assert model.margin(rows) == pytest.approx(margin, rel=1e-9, abs=1e-12)
        contributions = model.contributions(rows)
        assert np.abs(contributions.sum(axis=1) - model.margin(rows)).max() < 1e-9
        # The base value is the mean margin of the training rows: the counts of the nodes came along.
        assert contributions[0, -1] == pytest.approx(known.mean(), abs=1e-6)


def test_bins_of_the_scorecard_follow_the_declared_sign() -> None:
    frame, target = toy(1500)
    fitted = get_candidate("scorecard").fit(frame, target, FEATURES, {}, seed=1, threads=1)
    age = next(one for one in fitted.encoder.encodings if one.name == "age")
    assert isinstance(age, WoeEncoding)
    assert list(age.woe[:-1]) == sorted(age.woe[:-1])  # the risk falls with age
    assert sum(age.counts) == frame.height
    assert sum(age.defaults) == target.sum()


def test_a_scorecard_takes_constant_and_single_category_features() -> None:
    frame, target = toy(400)
    odd = frame.with_columns(one=pl.lit("same"), nothing=pl.lit(None, dtype=pl.String), flat=pl.lit(2.0))
    features = (*FEATURES, feature("one", FeatureKind.CATEGORICAL), feature("nothing", FeatureKind.CATEGORICAL))
    fitted = get_candidate("scorecard").fit(odd, target, (*features, feature("flat")), {}, seed=1, threads=1)
    assert not {"one", "nothing", "flat"} & set(fitted.features)


def test_a_stack_leaves_out_bases_without_weight_and_refuses_nonsense() -> None:
    frame, target = toy(600)
    stacked = get_candidate("stacked")
    fitted = stacked.fit(frame, target, FEATURES, {"bases": ["lightgbm", "mlp"]}, seed=1, threads=1)
    assert isinstance(fitted.model, StackedModel)
    assert all(part.weight > 0 for part in fitted.model.parts)
    with pytest.raises(ModellingError, match="cannot be one of its own"):
        stacked.fit(frame, target, FEATURES, {"bases": ["stacked"]}, seed=1, threads=1)
    with pytest.raises(ModellingError, match="weighs real applicants only"):
        stacked.fit(frame, target, FEATURES, {"imbalance": "smote"}, seed=1, threads=1)
    few = np.zeros(600, dtype=np.int8)
    few[0] = 1
    with pytest.raises(ModellingError, match="too few for the inner folds"):
        stacked.fit(frame, few, FEATURES, {"bases": ["linear_svm"]}, seed=1, threads=1)
