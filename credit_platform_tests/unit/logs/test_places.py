"""Lines go to every place, and a file that cannot be written is said once, and once that it can again."""

from __future__ import annotations

import io
import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from credit_platform.files import process_logs
from credit_platform.files.process_logs import RotatingLog
from credit_platform.logs.places import Lines, Output, Text


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("credit_platform.x", logging.INFO, "x.py", 1, message, (), None)


def read(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


def test_a_file_that_cannot_be_written_is_said_once_and_its_end_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_logs, "RETRY_SECONDS", 0.0)
    folder, output = tmp_path / "logs é", io.StringIO()
    folder.write_text("in the way")
    handler = Lines([Text(output)], RotatingLog(folder / "x.log"))
    for number in range(3):
        handler.emit(record(f"lost {number}"))
    folder.unlink()
    for number in range(3):
        handler.emit(record(f"kept {number}"))
    handler.close()
    messages = [line["message"] for line in read(output.getvalue())]
    assert [message for message in messages if message.startswith(("lost", "kept"))] == [
        *(f"lost {number}" for number in range(3)),
        *(f"kept {number}" for number in range(3)),
    ]
    told = [message for message in messages if str(folder) in message]
    assert len(told) == 2
    assert "cannot be written" in told[0]
    assert "standard output alone" in told[0]
    assert "can be written again" in told[1]
    assert [line["message"] for line in read((folder / "x.log").read_text())] == ["kept 0", "kept 1", "kept 2"]


def test_it_is_tried_again_only_after_a_while(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    log = RotatingLog(tmp_path / "logs" / "x.log")
    assert not log.write(b"x\n")
    (tmp_path / "logs").unlink()
    assert not log.write(b"y\n")
    assert log.fault is not None


def test_standard_output_that_nobody_reads_any_more_is_no_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    handler = Lines([Output(writing)])
    handler.emit(record("x"))
    assert not handler.write(b"x\n")
    os.close(writing)


def test_fields_of_the_process_are_in_every_line() -> None:
    output = io.StringIO()
    handler = Lines([Text(output)])
    handler.lines.always["model_digest"] = "d"
    handler.emit(record("x"))
    assert read(output.getvalue())[0]["model_digest"] == "d"
