"""One rule, whatever it is asked about: a probability, an array, a column or an expression."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import credit_platform
from credit_platform.scoring.rule import decide, decided, in_review, is_refused

SHARES = st.floats(0, 1)
BANDS = st.none() | st.tuples(SHARES, SHARES).map(lambda ends: (min(ends), max(ends)))


@given(probabilities=st.lists(SHARES, min_size=1, max_size=20), threshold=SHARES, band=BANDS, on_edge=st.booleans())
def test_all_forms_agree(
    probabilities: list[float], threshold: float, band: tuple[float, float] | None, on_edge: bool
) -> None:
    if on_edge:
        probabilities = [*probabilities, threshold, *(band or ())]
    array, frame = np.array(probabilities), pl.DataFrame({"p": probabilities})
    column = pl.col("p")
    found = frame.select(
        outcome=decided(column, threshold, band), refused=is_refused(column, threshold), review=in_review(column, band)
    )
    assert found["outcome"].to_list() == [decide(p, threshold, band) for p in probabilities]
    refused = [is_refused(p, threshold) for p in probabilities]
    assert refused == found["refused"].to_list()
    assert refused == is_refused(array, threshold).tolist()
    assert refused == is_refused(frame["p"], threshold).to_list()
    review = [in_review(p, band) for p in probabilities]
    assert review == found["review"].to_list() == in_review(array, band).tolist()


@pytest.mark.parametrize(
    ("probability", "band", "outcome"),
    [
        (0.0999, None, "accepted"),
        (0.1, None, "refused"),
        (0.05, (0.05, 0.2), "review"),
        (0.1, (0.05, 0.2), "review"),
        (0.2, (0.05, 0.2), "refused"),
        (0.0499, (0.05, 0.2), "accepted"),
        (0.1, (0.1, 0.1), "refused"),
    ],
)
def test_the_ends(probability: float, band: tuple[float, float] | None, outcome: str) -> None:
    assert decide(probability, 0.1, band) == outcome


def test_without_a_probability_there_is_no_decision() -> None:
    frame = pl.DataFrame({"p": [None, 0.5]}, schema={"p": pl.Float64})
    assert frame.select(decided(pl.col("p"), 0.1, (0.0, 0.2))).to_series().to_list() == [None, "refused"]


def test_nobody_else_compares_a_probability_with_the_threshold() -> None:
    """Ten modules did, each in its own way."""
    folder = Path(credit_platform.__file__).parent
    found = [
        f"{file.relative_to(folder).as_posix()}:{node.lineno}"
        for file in folder.rglob("*.py")
        if file.name != "rule.py" or file.parent.name != "scoring"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and _compares(node)
    ]
    assert found == []


def _compares(node: ast.Compare) -> bool:
    """Whether something is held against a threshold by `>=` or `<`; a range check (0 < threshold < 1) is none."""
    if len(node.ops) > 1 or not isinstance(node.ops[0], ast.GtE | ast.Lt):
        return False
    right = ast.unparse(node.comparators[0])
    return right.rstrip("']\"").endswith("threshold")
