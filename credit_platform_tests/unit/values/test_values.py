"""The one rule of a value: its cases, and its forms against one another."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.portfolios.source_table import Column, ColumnType
from credit_platform.values import (
    POLARS_TYPES,
    ColumnRead,
    Fault,
    ValueRule,
    first_fault,
    of_dtype,
    read_series,
    reads_as_it_is,
)
from credit_platform_tests.value_cases import (
    DAYS,
    FLAG,
    FLOAT,
    FLOAT32,
    INT8,
    INT16,
    INT64,
    TEXT,
    TEXTS,
    TYPED,
    WORD,
    Typed,
)
from credit_platform_tests.value_doors import OF_TYPE

COLUMNS = (INT8, INT16, INT64, FLOAT, FLOAT32, DAYS, FLAG, WORD, TEXT)


def by_expression(column: Column, series: pl.Series) -> list[Any]:
    """Value or fault of each, the long way."""
    frame = pl.DataFrame({"x": series})
    read: ColumnRead = of_dtype(column, pl.col("x"), series.dtype)
    valued = frame.select(read.value.alias("value"), pl.col("x"))
    fault = valued.select(first_fault(column, pl.col("value"), read, required=False)).to_series()
    return [Fault(f) if f else v for v, f in zip(valued["value"].to_list(), fault.to_list(), strict=True)]


def by_series(column: Column, series: pl.Series) -> list[Any]:
    """Value or fault of each, the way that is quick where it can be."""
    values, faults = read_series(column, series, required=False)
    fault = pl.Series([None] * len(values), dtype=pl.String) if faults is None else faults
    return [Fault(f) if f else v for v, f in zip(values.to_list(), fault.to_list(), strict=True)]


def alike(one: object, other: object) -> bool:
    """Equal, and of one kind: 1 is not 1.0 here."""
    return type(one) is type(other) and one == other


@pytest.mark.parametrize(("column", "text", "outcome"), TEXTS)
def test_a_text_is_read_alike_by_every_form(column: Column, text: str | None, outcome: object) -> None:
    assert alike(ValueRule(column).read_cell(text), outcome)
    series = pl.Series([text], dtype=pl.String)
    assert alike(by_expression(column, series)[0], outcome)
    assert alike(by_series(column, series)[0], outcome)
    assert alike(by_expression(column, series.cast(pl.Categorical))[0], outcome)


@pytest.mark.parametrize("case", TYPED, ids=repr)
def test_a_typed_value_is_read_alike_by_every_form(case: Typed) -> None:
    assert alike(ValueRule(case.column).read_cell(case.value), case.outcome)
    assert alike(ValueRule(case.column).read(case.value), case.outcome if case.document == "same" else case.document)
    series = pl.Series([case.value])
    assert alike(by_expression(case.column, series)[0], case.outcome)
    assert alike(by_series(case.column, series)[0], case.outcome)


@pytest.mark.parametrize(
    "value",
    [
        datetime.date(2024, 1, 1),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        datetime.timedelta(1),
        b"24",
        [24],
        {"a": 1},
    ],
)
@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_what_is_neither_number_nor_text_is_at_fault(column: Column, value: object) -> None:
    assert ValueRule(column).read(value) is ValueRule(column).read_cell(value) is Fault.WRONG_TYPE
    assert by_series(column, pl.Series([value])) == [Fault.WRONG_TYPE]


def test_decimals_and_numpy_numbers_are_numbers() -> None:
    rule = ValueRule(INT16)
    assert rule.read(Decimal("24.00")) == rule.read(np.int64(24)) == rule.read(np.float32(24)) == 24
    assert rule.read(Decimal("24.50")) is Fault.NOT_WHOLE
    assert rule.read(np.bool_(True)) is Fault.WRONG_TYPE  # the value
    assert by_series(INT16, pl.Series([Decimal("24.00"), Decimal("24.50"), None])) == [24, Fault.NOT_WHOLE, None]
    assert by_series(INT64, pl.Series([2**63], dtype=pl.UInt64)) == [Fault.BEYOND_TYPE]
    assert by_series(WORD, pl.Series([Decimal("24.00")])) == [Fault.WRONG_TYPE]


def test_null_is_a_fault_where_it_is_required() -> None:
    _, fault = read_series(INT16, pl.Series(["NA", "24", None]), required=True)
    assert fault is not None
    assert fault.to_list() == ["missing", None, "missing"]


NUMBERS = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats(allow_nan=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.from_regex(r"[+-]?[0-9]{0,20}\.?[0-9]{0,20}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.text(alphabet=list("0123456789.eE+-_ ,\t\u00a0xNAnaif\\%٣３"), max_size=9),
    st.sampled_from(["", "NA", "NaN", ".", "\\N", "inf", "nan", "car", "tv"]),
    st.text(max_size=5).filter(lambda text: text.isprintable()),
)


@given(st.sampled_from(COLUMNS), st.lists(NUMBERS, min_size=1, max_size=4))
def test_texts_are_read_alike_by_every_form(column: Column, texts: list[str]) -> None:
    expected = [ValueRule(column).read_cell(text) for text in texts]
    series = pl.Series(texts, dtype=pl.String)
    for found in (by_expression(column, series), by_series(column, series)):
        assert all(alike(one, other) for one, other in zip(found, expected, strict=True)), (found, expected)


@given(
    st.sampled_from(COLUMNS), st.lists(st.floats() | st.integers(-(2**62), 2**62).map(float), min_size=1, max_size=4)
)
def test_floats_are_read_alike_by_every_form(column: Column, numbers: list[float]) -> None:
    expected = [ValueRule(column).read_cell(number) for number in numbers]
    series = pl.Series(numbers, dtype=pl.Float64)
    for found in (by_expression(column, series), by_series(column, series)):
        assert all(alike(one, other) for one, other in zip(found, expected, strict=True)), (found, expected)


@given(st.sampled_from(COLUMNS), st.lists(NUMBERS.filter(lambda text: "\r" not in text), min_size=1, max_size=4))
def test_what_the_typed_csv_reader_takes_it_reads_by_the_rule(column: Column, texts: list[str]) -> None:
    """A characterisation of Polars: where this fails, the quick path of ingestion is no longer the rule."""
    plain = pl.DataFrame({"x": texts}).filter(reads_as_it_is(column, pl.col("x")))
    wanted = pl.Float64 if column is FLOAT32 else POLARS_TYPES[column.type]
    written = plain.with_columns(y=0).write_csv(quote_style="always").encode()
    typed = pl.read_csv(written, schema={"x": wanted, "y": pl.Int8})["x"].cast(POLARS_TYPES[column.type])
    came = pl.col("x")
    faults = pl.DataFrame({"x": typed}).select(
        first_fault(column, came, ColumnRead(came, came.is_not_null(), pl.lit("")), required=False)
    )
    found = [Fault(f) if f else v for v, f in zip(typed.to_list(), faults.to_series().to_list(), strict=True)]
    expected = [ValueRule(column).read_cell(text) for text in plain["x"]]
    pairs = zip(found, expected, strict=True)
    assert all(alike(one, other) or (_no_value(one) and _no_value(other)) for one, other in pairs), (found, expected)


def _no_value(outcome: object) -> bool:
    return isinstance(outcome, Fault) and outcome in OF_TYPE


ANYTHING = st.one_of(st.none(), st.integers(-200, 400_000), st.floats(), st.text(max_size=3), st.booleans())


@given(st.sampled_from(COLUMNS), st.lists(ANYTHING | st.sampled_from([0, 1, "car", "tv", 365243, -5, 2.5]), max_size=6))
def test_many_values_are_taken_only_where_each_of_them_is_right(column: Column, values: list[object]) -> None:
    rule = ValueRule(column)
    found, one_by_one = rule.read_all(values), [rule.read(value) for value in values]
    if found is None:
        return
    array, known = found
    assert not any(isinstance(value, Fault) for value in one_by_one)
    assert [value is not None for value in one_by_one] == (
        known.tolist() if known is not None else [True] * len(values)
    )
    pairs = zip(array.tolist(), one_by_one, strict=True)
    assert all(value is None or number == value for number, value in pairs)


def test_many_right_values_are_taken_at_once() -> None:
    assert ValueRule(INT16).read_all([1, 2, None]) is not None
    assert ValueRule(DAYS).read_all([-1, 365243]) is not None
    assert ValueRule(FLOAT).read_all([1, 2.5]) is not None
    assert ValueRule(WORD).read_all(["car", None]) is not None
    assert ValueRule(FLOAT).read_all([1.0, math.nan, None]) is None


def test_a_type_knows_what_it_holds() -> None:
    assert (ColumnType.INT8.bits, ColumnType.INT8.bounds) == (8, (-128, 127))
    assert (ColumnType.FLOAT64.bits, ColumnType.STRING.bits) == (64, 0)
    assert ColumnType.FLOAT32.bounds[1] == float(np.finfo(np.float32).max)
