"""One reader of a value: through every door the same verdict and the same value, by the one rule of `values`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.portfolios.source_table import Column
from credit_platform.scoring import Request
from credit_platform.scoring.score_file import score_file
from credit_platform.values import Fault, ValueRule
from credit_platform_tests.value_cases import TEXTS, TYPED
from credit_platform_tests.value_doors import KINDS, Doors, Rows, expected

DOORS = Doors()
OF_TEXTS, OF_DOCUMENTS = DOORS.of_texts, DOORS.of_documents
CODED = {"batch CSV", "batch Parquet", *OF_DOCUMENTS} - {"library"}
NAMES = {id(column): name for name, column in KINDS.items()}


def name_of(column: Column) -> str:
    """The column of the portfolio that is declared like this one."""
    alike = [
        name
        for name, kind in KINDS.items()
        if (kind.type, kind.nullable, kind.allowed, kind.maximum)
        == (column.type, column.nullable, column.allowed, column.maximum)
    ]
    return alike[0]


def by_rule(rows: Rows, door: str, *, cells: bool) -> list[Any]:
    """What the rule says of each row, as that door says it."""
    outcomes = []
    for name, value in rows:
        rule = ValueRule(KINDS[name])
        outcome: Any = rule.read_cell(value) if cells else rule.read(value)
        if outcome is None and not KINDS[name].nullable:
            outcome = Fault.MISSING if cells or door == "library" else Fault.WRONG_TYPE
        outcomes.append(expected(outcome, coded=door in CODED))
    return outcomes


@pytest.mark.parametrize("door", OF_TEXTS)
def test_every_case_of_a_text_is_read_as_the_table_says(door: str, tmp_path: Path) -> None:
    cases = [(column, text, outcome) for column, text, outcome in TEXTS if "\0" not in (text or "")]
    rows = [(name_of(column), text) for column, text, _ in cases]
    found = OF_TEXTS[door](rows, tmp_path)
    wrong = [
        (row, outcome, said)
        for row, (_, _, outcome), said in zip(rows, cases, found, strict=True)
        if said != expected(outcome, coded=door in CODED)
    ]
    assert wrong == []


@pytest.mark.parametrize("door", OF_DOCUMENTS)
def test_every_case_of_a_typed_value_is_read_as_the_table_says(door: str, tmp_path: Path) -> None:
    rows = [(name_of(case.column), case.value) for case in TYPED]
    found = OF_DOCUMENTS[door](rows, tmp_path)
    outcomes = [case.outcome if case.document == "same" else case.document for case in TYPED]
    said = zip(rows, outcomes, found, strict=True)
    assert [one for one in said if one[2] != expected(one[1], coded=door in CODED)] == []


@pytest.mark.parametrize("door", ["score Parquet", "batch Parquet"])
def test_every_case_of_a_column_with_a_type_is_read_as_the_table_says(door: str, tmp_path: Path) -> None:
    for case in TYPED:
        (said,) = OF_TEXTS[door]([(name_of(case.column), case.value)], tmp_path)
        assert said == expected(case.outcome, coded=door in CODED), case


TEXT_VALUES = st.one_of(
    st.none(),
    st.integers(-200, 400_000).map(str),
    st.floats(allow_nan=False).map(repr),
    st.from_regex(r"[ \t]?[+-]?[0-9]{0,4}\.?[0-9]{0,3}([eE][+-]?[0-9]{1,2})?[ \u00a0]?", fullmatch=True),
    st.text(alphabet=list('0123456789.eE+-_ ,"x\t\u00a0NAnaif\\%٣３é'), max_size=6),
    st.sampled_from(["", "NA", "NaN", ".", "\\N", "inf", "nan", "car", "tv", "365243.0", "1.0", "0"]),
)
ROWS = st.lists(st.tuples(st.sampled_from(list(KINDS)), TEXT_VALUES), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(ROWS)
def test_any_text_in_any_column_is_read_alike_at_every_door(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows
) -> None:
    for door, ask in OF_TEXTS.items():
        assert ask(rows, tmp_path_factory.mktemp("door")) == by_rule(rows, door, cells=True), door


TYPED_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**70),
    st.integers(-120, 120).map(float),
    st.floats(),
    st.text(max_size=4).filter(lambda text: text.isprintable()),
    st.sampled_from(["car", "tv", "", "24", 365243, 365243.0, [1], {"a": 1}]),
)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(list(KINDS)), TYPED_VALUES), min_size=1, max_size=12))
def test_any_document_is_read_alike_at_every_door(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    for door, ask in OF_DOCUMENTS.items():
        assert ask(rows, tmp_path_factory.getbasetemp()) == by_rule(rows, door, cells=False), door


NUMBERS = st.integers(-200, 400_000).map(float) | st.floats() | st.none()


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(list(KINDS)), st.lists(NUMBERS, min_size=1, max_size=8))
def test_any_number_in_a_parquet_file_is_read_alike_at_both_doors(
    tmp_path_factory: pytest.TempPathFactory, column: str, values: list[float | None]
) -> None:
    rows = [(column, value) for value in values]
    for door in ("score Parquet", "batch Parquet"):
        assert OF_TEXTS[door](rows, tmp_path_factory.mktemp("door")) == by_rule(rows, door, cells=True), door


def test_a_value_that_passes_makes_the_same_probability_at_every_door(tmp_path: Path) -> None:
    """What was read is also what is computed with."""
    application = {
        "x_needed": 5,
        "x_needed_word": "tv",
        "x_int16": 24,
        "x_float32": 0.1,
        "x_days": 365243,
        "x_word": "car",
    }
    texts = {**application, "x_int16": " 24.0", "x_float32": "1e-1", "x_days": "365243.0"}
    alone = DOORS.scorer.score(Request(application=application)).probability_of_default
    pl.DataFrame([texts], strict=False).write_csv(tmp_path / "in.csv")
    score_file(DOORS.scorer, tmp_path / "in.csv", tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["probability_of_default"].to_list() == [alone]
    answer = DOORS._post("/predict_batch", (tmp_path / "in.csv").read_bytes(), "text/csv").json()
    assert answer["results"][0]["decision"]["probability_of_default"] == alone
