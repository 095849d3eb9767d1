"""What is typed is the value that is meant, or a fault; never another value."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.console.form import Field
from credit_platform.console.texts import Language, Texts
from credit_platform.console.typed import Invalid, fault_of, read, written
from credit_platform.console.wanted import fault_sentence

TODAY = date(2026, 11, 30)


def field(kind: str = "integer", **more: Any) -> Field:
    return Field(name="f", description="", kind=kind, required=True, **more)


AMOUNT = field("number", minimum=-1e6, maximum=1e9)
WHOLE = field("integer", minimum=1, maximum=100_000)
DAY = field("integer", minimum=-30_000, maximum=365_243, unit="days", sentinel=365_243)


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        ("1500", 1500.0, 1500.0),
        (" 1 500 ", 1500.0, 1500.0),
        ("1\u202f500", 1500.0, 1500.0),
        ("1\u00a0234\u00a0567", 1_234_567.0, 1_234_567.0),
        ("1 500,50", 1500.5, "separators"),
        ("1500,5", 1500.5, "separators"),
        ("1500.50", 1500.5, 1500.5),
        ("1 500.50", 1500.5, 1500.5),
        ("1,500", 1.5, 1500.0),
        ("1,500.50", "separators", 1500.5),
        ("1.500", "separators", 1.5),
        ("1.500,50", "separators", "separators"),
        ("1,50", 1.5, "separators"),
        ("0,500", 0.5, "separators"),
        ("0.500", 0.5, 0.5),
        (",5", 0.5, "separators"),
        (".5", 0.5, 0.5),
        ("+24", 24.0, 24.0),
        ("-24", -24.0, -24.0),
        ("\u221224", -24.0, -24.0),
        ("15 00", "number", "number"),
        ("1500 DM", "number", "number"),
        ("1e3", "number", "number"),
        ("1_000", "number", "number"),
        ("NaN", "number", "number"),
        ("inf", "number", "number"),
        ("\u0661\u0662", "number", "number"),
        ("-", "number", "number"),
        (",", "number", "number"),
        ("1" * 50, "range", "range"),
        ("1" * 500, "number", "number"),
        ("1500000000000", "range", "range"),
        ("", None, None),
        ("   ", None, None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, french: object, english: object) -> None:
    for language, expected in (("fr", french), ("en", english)):
        wanted = Invalid(text, expected) if isinstance(expected, str) else expected  # type: ignore[arg-type]  # given by the case
        assert read(AMOUNT, text, language, TODAY) == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [("24", 24), ("24,0", 24), ("12,5", "whole"), ("0", "range"), ("100001", "range"), ("2 500 000", "range")],
)
def test_a_whole_number_is_one(text: str, expected: object) -> None:
    value = read(WHOLE, text, "fr", TODAY)
    assert value == (Invalid(text, expected) if isinstance(expected, str) else expected)  # type: ignore[arg-type]  # given by the case
    assert isinstance(value, int | Invalid)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30/11/2025", -365),
        ("30.11.2025", -365),
        ("2025-11-30", -365),
        ("1/1/2026", -333),
        ("31/02/2020", "date"),
        ("11/30/2025", "date"),
        ("30/11/25", "date"),
        ("1500", "date"),
        ("01/12/2026", "date_range"),
        ("01/01/1900", "date_range"),
        ("30/11/0000", "date"),
    ],
)
def test_a_day_is_a_date_and_not_after_the_application(text: str, expected: object) -> None:
    value = read(DAY, text, "en", TODAY)
    assert value == (Invalid(text, expected) if isinstance(expected, str) else expected)  # type: ignore[arg-type]  # given by the case


def test_what_stands_for_unknown_is_valid_and_the_numbers_before_it_are_not() -> None:
    assert fault_of(DAY, 365_243) is None
    assert fault_of(DAY, 36_500) == "date_range"


@given(
    st.floats(min_value=-1e6, max_value=1e9) | st.integers(-1_000_000, 10**9).map(float), st.sampled_from(["fr", "en"])
)
def test_what_a_field_shows_is_read_as_the_value_it_came_from(value: float, language: str) -> None:
    assert read(AMOUNT, written(AMOUNT, value, language, TODAY), language, TODAY) == value


@given(st.text(max_size=60), st.sampled_from(["fr", "en"]), st.sampled_from([AMOUNT, WHOLE, DAY]))
def test_any_text_is_a_valid_value_or_a_fault_that_keeps_the_text(text: str, language: str, asked: Field) -> None:
    value = read(asked, text, language, TODAY)
    if isinstance(value, Invalid):
        assert value.text == text
        assert fault_of(asked, value) == value.fault
    else:
        assert value is None or fault_of(asked, value) is None


@pytest.mark.parametrize(("language", "typed"), [("fr", "1.500"), ("en", "1,50")])
def test_no_fraction_is_proposed_where_a_whole_number_is_wanted(language: Language, typed: str) -> None:
    said = {}
    for asked in (WHOLE, AMOUNT):
        assert isinstance(read(asked, typed, language, TODAY), Invalid)
        said[asked.kind] = fault_sentence(asked, "separators", Texts(language), TODAY).replace("1500.50", "1500,50")
    assert "1500,50" in said["number"]
    assert "1500,50" not in said["integer"]
