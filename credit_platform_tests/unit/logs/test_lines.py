"""A record is one line of JSON, whatever is in it, and never says what an exception says."""

from __future__ import annotations

import json
import logging
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.logs.lines import FIELDS, JsonLines, as_line, bound, places_of


def line(message: str, *arguments: object, error: BaseException | None = None, **fields: object) -> str:
    trace = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("credit_platform.x", logging.WARNING, "x.py", 1, message, arguments, trace)
    setattr(record, FIELDS, fields)
    return JsonLines().format(record)


def said(*given: Any, **fields: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(line(*given, **fields))
    return document


def test_time_is_utc_with_milliseconds() -> None:
    moment = said("x")["time"]
    assert moment.endswith("+00:00")
    assert len(moment) == len("2026-11-30T13:00:00.123+00:00")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()) < 60


@given(st.text(), st.text(), st.floats() | st.integers() | st.none())
def test_any_text_is_one_line_that_json_reads_back(message: str, value: str, number: float | None) -> None:
    text = line("%s", message, value=value, number=number)
    assert len(text.splitlines()) == 1
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)
    text.encode()
    read = json.loads(text, parse_constant=pytest.fail)
    assert read["message"] == message
    assert read["value"] == value


def test_what_looks_like_another_line_stays_inside_its_field() -> None:
    forged = 'x"}\n{"time":"2026","level":"critical","message":"forged"}'
    assert said("%s", forged, value=forged)["message"] == forged
    assert as_line({forged: forged}).count("\n") == 0


def test_an_exception_is_its_class_and_where_it_came_from() -> None:
    with pytest.raises(ValueError, match="CANARY") as raised:
        int("CANARY")
    text = line("it failed", error=raised.value)
    assert places_of(raised.value).startswith("test_lines.py:")
    assert json.loads(text)["failure"] == "ValueError"
    assert "test_an_exception" in json.loads(text)["traceback"]
    assert "CANARY" not in text


def test_wrong_arguments_of_a_line_are_no_failure() -> None:
    assert said("%d of %d", "one")["message"] == "%d of %d"


def test_what_is_bound_is_in_every_line_inside() -> None:
    with bound(run_id="r", job="j"):
        with bound(step="s", job="k"):
            assert {"run_id": "r", "job": "k", "step": "s"}.items() <= said("x").items()
        assert "step" not in said("x")
        assert said("x")["job"] == "j"
    assert "run_id" not in said("x")


def test_a_generator_that_is_let_go_leaves_nothing_bound() -> None:
    def step() -> Iterator[int]:
        with bound(step="s"):
            yield 1

    left: Callable[[], Iterator[int]] = step
    generator = left()
    assert next(generator) == 1
    assert said("x")["step"] == "s"
    del generator
    assert "step" not in said("x"), sys.version
