from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import FeatureError
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.scoring import FeatureEncoder
from credit_platform.scoring.encodings import Impute
from credit_platform_tests.unit.scoring.samples import FEATURES, feature, toy


def test_columns_of_a_feature_stand_side_by_side() -> None:
    frame, _ = toy()
    encoder = FeatureEncoder.fit(frame, FEATURES, impute="median")
    assert encoder.columns == [
        "age",
        "job=clerk",
        "job=cook",
        "job=smith",
        "job=null",
        "income",
        "income=null",
        "home=own",
        "home=rent",
    ]
    assert encoder.column_features == ["age", *["job"] * 4, *["income"] * 2, *["home"] * 2]
    assert encoder.starts.tolist() == [0, 1, 5, 7]
    assert encoder.transform(frame).shape == (frame.height, 9)


@pytest.mark.parametrize("scale", [False, True])
def test_fitting_and_encoding_at_once_changes_no_bit(scale: bool) -> None:
    frame, _ = toy()
    encoder = FeatureEncoder.fit(frame, FEATURES, scale=scale, impute="median", clip=0.01)
    at_once, matrix = FeatureEncoder.fit_transform(frame, FEATURES, scale=scale, impute="median", clip=0.01)
    assert at_once == encoder
    assert matrix.tobytes() == encoder.transform(frame).tobytes()


def test_one_hot_marks_the_category_or_null() -> None:
    frame, _ = toy()
    encoder = FeatureEncoder.fit(frame, FEATURES)
    block = encoder.transform(frame)[:, 1:5]
    expected = np.array(
        [[job == "clerk", job == "cook", job == "smith", job is None] for job in frame["job"]], dtype=float
    )
    assert np.array_equal(block, expected)


def test_codes_count_sorted_categories_and_null_is_nan() -> None:
    frame = pl.DataFrame({"job": ["smith", None, "clerk", "cook"]})
    encoder = FeatureEncoder.fit(frame, [feature("job", FeatureKind.CATEGORICAL)], one_hot=False)
    assert encoder.columns == ["job"]
    np.testing.assert_array_equal(encoder.transform(frame)[:, 0], [2, np.nan, 0, 1])


def test_nulls_stay_nan_for_trees_and_become_the_median_otherwise() -> None:
    frame = pl.DataFrame({"income": [1.0, None, 3.0, 8.0]})
    kept = FeatureEncoder.fit(frame, [feature("income")])
    np.testing.assert_array_equal(kept.transform(frame), [[1], [np.nan], [3], [8]])
    filled = FeatureEncoder.fit(frame, [feature("income")], impute="median")
    np.testing.assert_array_equal(filled.transform(frame), [[1, 0], [3, 1], [3, 0], [8, 0]])


def test_nan_counts_as_null() -> None:
    frame = pl.DataFrame({"income": [1.0, float("nan"), 3.0, 8.0]})
    encoder = FeatureEncoder.fit(frame, [feature("income")], impute="median")
    np.testing.assert_array_equal(encoder.transform(frame), [[1, 0], [3, 1], [3, 0], [8, 0]])


def test_a_null_where_training_had_none_gets_the_median() -> None:
    encoder = FeatureEncoder.fit(pl.DataFrame({"age": [20, 30, 70]}), [feature("age")], impute="median")
    assert encoder.transform(pl.DataFrame({"age": [None]}, schema={"age": pl.Int64})).tolist() == [[30.0]]


def test_an_unknown_category_counts_as_null_where_training_had_nulls() -> None:
    frame, _ = toy()
    encoder = FeatureEncoder.fit(frame, FEATURES)
    row = frame.head(1).with_columns(job=pl.lit("pilot"))
    assert encoder.transform(row)[0, 1:5].tolist() == [0, 0, 0, 1]


def test_an_unknown_category_is_neutral_where_training_had_no_null() -> None:
    frame, _ = toy()
    encoder = FeatureEncoder.fit(frame, FEATURES, scale=True, impute="median")
    row = frame.head(1).with_columns(home=pl.lit("boat"))
    assert encoder.transform(row)[0, -2:] == pytest.approx([0, 0], abs=1e-12)


def test_scaling_centres_and_gives_unit_deviation() -> None:
    frame, _ = toy()
    matrix = FeatureEncoder.fit(frame, FEATURES, scale=True, impute="median").transform(frame)
    assert matrix.mean(axis=0) == pytest.approx(np.zeros(9), abs=1e-12)
    assert matrix.std(axis=0) == pytest.approx(np.ones(9))


def test_a_constant_or_empty_column_is_encoded_without_division_by_zero() -> None:
    frame = pl.DataFrame({"a": [5.0, 5.0], "b": [None, None], "c": [None, None]}, schema_overrides={"b": pl.Float64})
    features = [feature("a"), feature("b"), feature("c", FeatureKind.CATEGORICAL)]
    encoder = FeatureEncoder.fit(frame, features, scale=True, impute="median", clip=0.01)
    assert encoder.columns == ["a", "b", "b=null", "c=null"]
    assert encoder.transform(frame).tolist() == [[0.0] * 4, [0.0] * 4]


def test_clipping_bounds_come_from_training_rows() -> None:
    frame = pl.DataFrame({"income": [float(i) for i in range(101)]})
    encoder = FeatureEncoder.fit(frame, [feature("income")], clip=0.05)
    far = pl.DataFrame({"income": [-1e9, 50.0, 1e9]})
    assert encoder.transform(far)[:, 0].tolist() == [5.0, 50.0, 95.0]


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32)),
            st.one_of(st.none(), st.text(max_size=4)),
        ),
        min_size=1,
    ),
    one_hot=st.booleans(),
    scale=st.booleans(),
    clip=st.sampled_from([0.0, 0.1]),
)
def test_json_changes_no_bit_and_one_row_is_like_many(
    rows: list[tuple[float | None, str | None]], one_hot: bool, scale: bool, clip: float
) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.Float64, "c": pl.String}, orient="row")
    features = [feature("x"), feature("c", FeatureKind.CATEGORICAL)]
    impute: Impute | None = "median" if scale else None
    encoder = FeatureEncoder.fit(frame, features, one_hot=one_hot or scale, scale=scale, impute=impute, clip=clip)
    again = FeatureEncoder.from_json(json.loads(json.dumps(encoder.to_json())))
    assert again == encoder
    matrix = encoder.transform(frame)
    assert again.transform(frame).tobytes() == matrix.tobytes()
    single = np.vstack([encoder.transform(frame[i]) for i in range(frame.height)])
    assert single.tobytes() == matrix.tobytes()


def test_a_missing_feature_is_named() -> None:
    frame, _ = toy()
    encoder = FeatureEncoder.fit(frame, FEATURES)
    with pytest.raises(FeatureError, match="lacks income"):
        encoder.transform(frame.drop("income"))
    with pytest.raises(FeatureError, match="lacks age, home"):
        FeatureEncoder.fit(frame.drop("age", "home"), FEATURES)


@pytest.mark.parametrize("features", [(), FEATURES])
def test_nothing_to_encode_is_refused(features: tuple[()]) -> None:
    frame, _ = toy()
    with pytest.raises(FeatureError, match="nothing to encode"):
        FeatureEncoder.fit(frame.clear() if features else frame, features)
