"""What programs of others print becomes lines of one form, an event a line."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.logs.foreign import ForeignLines, readable
from credit_platform.logs.places import Text

TRACE = b"""\
Traceback (most recent call last):
  File "/srv/x/first.py", line 3, in outer
    inner("CANARY")
  File "/srv/x/second.py", line 7, in inner
    raise ValueError("CANARY")
ValueError: CANARY
"""


def lines(*pieces: bytes, least: int = logging.INFO) -> list[dict[str, Any]]:
    output = io.StringIO()
    foreign = ForeignLines("dagster", Text(output), least)
    for piece in pieces:
        foreign.feed(piece)
    foreign.end()
    return [json.loads(line) for line in output.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("printed", "level", "logger", "message"),
    [
        (
            "\x1b[32m2026-11-30 13:00:00 +0000\x1b[0m - dagster.daemon.SensorDaemon - \x1b[34mINFO\x1b[0m - It ticks.",
            "info",
            "dagster.daemon.SensorDaemon",
            "It ticks.",
        ),
        ("2026/11/30 13:00:00 WARNING mlflow.server: Mind.", "warning", "mlflow.server", "Mind."),
        ("INFO  [alembic.runtime.migration] Context", "info", "alembic.runtime.migration", "Context"),
        ("2026-11-30 13:00:00.123 Uncaught app exception", "info", "dagster", "Uncaught app exception"),
        ("ERROR:    Exception in ASGI application", "error", "dagster", "Exception in ASGI application"),
        ("Serving é", "info", "dagster", "Serving é"),
    ],
)
def test_level_logger_and_message_are_found(printed: str, level: str, logger: str, message: str) -> None:
    (line,) = lines(printed.encode() + b"\n")
    assert (line["level"], line["logger"], line["message"]) == (level, logger, message)


def test_a_trace_is_one_line_with_the_event_before_it_and_quotes_nothing() -> None:
    head = b"2026-11-30 13:00:00 +0000 - dagster - ERROR - A step failed.\n"
    failed, after = lines(head + TRACE[:70], TRACE[70:] + b"more of CANARY\nINFO:     Next\n")
    assert (failed["message"], failed["failure"]) == ("A step failed.", "ValueError")
    assert failed["traceback"] == "second.py:7 inner < first.py:3 outer"
    assert after["message"] == "Next"
    assert "CANARY" not in json.dumps(failed)


def test_a_trace_alone_is_an_error() -> None:
    (line,) = lines(TRACE)
    assert (line["level"], line["message"]) == ("error", "failed: ValueError")


def test_a_trace_in_a_frame_quotes_nothing() -> None:
    head = "\x1b[31m╭─\x1b[0m\x1b[31m──── \x1b[0mTraceback \x1b[2m(most recent call last)\x1b[0m ───╮\n"
    frame = f"{head}│ ❱ 34 int('CANARY') │\n╰───╯\n"
    (line,) = lines(frame.encode() + b"ValueError: invalid literal: \nCANARY\n")
    assert (line["level"], line["message"], "CANARY" in json.dumps(line)) == ("error", "failed: ValueError", False)


def test_an_error_as_dagster_prints_it_quotes_nothing() -> None:
    printed = (
        b"2026-11-30 13:00:00 +0000 - dagster - ERROR - job - STEP_FAILURE - A step failed.\n\n"
        b"dagster._core.errors.StepError: Error occurred::\n\npolars.exceptions.ComputeError: no number: CANARY\n\n"
        b"Stack Trace:\n" + TRACE[35:]
    )
    (line,) = lines(printed)
    assert (line["level"], line["failure"]) == ("error", "ValueError")
    assert "CANARY" not in json.dumps(line)


def test_what_is_indented_belongs_to_the_line_above() -> None:
    assert [line["message"] for line in lines(b"Found:\n  one\n\n  two\nDone\n")] == ["Found:\n  one\n  two", "Done"]


def test_a_program_that_was_interrupted_did_not_fail() -> None:
    (line,) = lines(TRACE.replace(b"ValueError: CANARY", b"KeyboardInterrupt"))
    assert (line["level"], line["message"]) == ("info", "interrupted")


FORGED = (
    b'{"time":"2026-11-30T13:00:00.000+00:00","level":"info","logger":"credit_platform.service","message":"request"}'
)


@pytest.mark.parametrize("form", [b"%b\n", b"%b\r\n", b"\x1b[0m%b\n", b"%b", b"before\n%b\nafter\n"])
def test_what_looks_like_a_line_of_ours_is_what_a_program_printed(form: bytes) -> None:
    made = lines(form % FORGED)
    assert {line["logger"] for line in made} == {"dagster"}
    assert FORGED.decode() in [line["message"] for line in made]


def test_a_line_of_ours_in_the_text_of_an_exception_is_dropped_with_it() -> None:
    (line,) = lines(TRACE + FORGED + b"\n")
    assert (line["failure"], line["message"]) == ("ValueError", "failed: ValueError")


def test_lines_below_the_level_are_left_out_where_they_say_theirs() -> None:
    printed = b"INFO:     quiet\nWARNING:  loud\nno level\n"
    assert [line["message"] for line in lines(printed, least=logging.WARNING)] == ["loud"]


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_become_whole_lines(pieces: list[bytes]) -> None:
    for line in lines(*pieces, b"\nend\n"):
        assert {"time", "level", "message"} <= line.keys()


def test_the_pump_writes_what_it_has_when_a_program_pauses() -> None:
    output, (reading, writing) = io.StringIO(), os.pipe()
    pump = threading.Thread(target=ForeignLines("x", Text(output)).pump, args=(reading,))
    pump.start()
    os.write(writing, b"said\n")
    while not output.getvalue():  # the timeout of the test ends it
        pump.join(0.02)
    os.close(writing)
    pump.join()
    os.close(reading)
    assert json.loads(output.getvalue())["message"] == "said"


def test_people_read_the_message() -> None:
    line = '{"time":"x","level":"error","message":"It broke","failure":"E","traceback":"a:1 f"}'
    assert readable(line) == "error: It broke (E at a:1 f)"
    assert readable('{"time":"x","level":"info","message":"fine"}') == "fine"
    assert readable('{"time": broken') == '{"time": broken'
    assert readable("plain") == "plain"
