from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.scoring.encodings import (
    CategoricalEncoding,
    Encoding,
    NumericEncoding,
    encoding_from_json,
    encoding_to_json,
    fit_category,
    fit_number,
)
from credit_platform.scoring.woe import WoeEncoding
from credit_platform_tests.unit.scoring.samples import feature

ENCODINGS: list[Encoding] = [
    NumericEncoding(name="a", fill=0.1, lower=-1.0, upper=1 / 3, indicator=True),
    CategoricalEncoding(name="b", categories=("x", "y"), one_hot=True, shares=(0.25, 0.75)),
    WoeEncoding(name="c", splits=(0.5,), groups=(), woe=(0.1, -0.2, 0.0), counts=(5, 5, 1), defaults=(1, 2, 0)),
]


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda one: type(one).__name__)
def test_every_kind_comes_back_from_json(encoding: Encoding) -> None:
    value = json.loads(json.dumps(encoding_to_json(encoding)))
    assert encoding_from_json(value) == encoding


def test_a_number_without_nulls_has_no_column_for_them() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, 9.0], "y": [1.0, None, 9.0]})
    x, y = (fit_number(frame, feature(name), impute="median", clip=0.0) for name in "xy")
    assert (x.fill, x.columns) == (2.0, ("x",))
    assert (y.fill, y.columns) == (5.0, ("y", "y=null"))


def test_a_few_texts_are_written_as_many_are() -> None:
    frame = pl.DataFrame({"job": ["smith", None, "cook", "cook"]})
    for one_hot in (True, False):
        encoding = fit_category(frame, feature("job", FeatureKind.CATEGORICAL), one_hot=one_hot)
        many, few = (np.zeros((4, len(encoding.columns))) for _ in range(2))
        encoding.write(frame["job"], many)
        encoding.add_texts(frame["job"].to_list(), few)
        assert np.array_equal(many, few, equal_nan=True)
