"""What is printed, as lines of ours; and lines of ours, as a person reads them.

What is here: `ForeignLines`, which takes bytes as a program prints them and writes a line for each event;
`log_printed`, which does so until the program ends; `readable`.
What to add here: how another program begins its lines.
What must not be here: whose output it is (`local/tether.py`, `serving/local/service_process.py`).

Nothing that is printed is taken for a line of ours, whatever it looks like: programs of ours write theirs to the file
(`programs.py`), so that a text in an exception, or a value that it quotes, cannot pass for an event. Of a trace the
class of the exception and the lines of code stay; its text does not, since it may quote values, nor what is printed
behind it until a line that begins as an event does, or a pause.
"""

from __future__ import annotations

import json
import os
import re
import select
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from credit_platform.errors import SettingError
from credit_platform.logs.levels import DEFAULT, LEVELS, log_level
from credit_platform.logs.lines import as_line, moment
from credit_platform.logs.places import Place

_OWN: Final = '{"time":'
_PIECE, _LONGEST, _MOST_FRAMES = 1 << 16, 1 << 16, 100
_IDLE_SECONDS = 0.5
"""A program that says nothing for so long has ended its event."""
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LEVEL = r"(?P<level>DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)"
_HEADS = (
    # Dagster: 2026-11-30 13:00:00 +0000 - dagster.daemon - INFO - …
    re.compile(rf"[\d-]{{10}} [\d:,.]+(?: [+-]\d{{4}})? - (?P<logger>[\w.-]+) - {_LEVEL} - (?P<message>.*)"),
    # MLflow: 2026/11/30 13:00:00 INFO mlflow.server: …
    re.compile(rf"[\d/-]{{10}} [\d:,.]+ {_LEVEL} (?P<logger>[\w.-]+): (?P<message>.*)"),
    # Alembic: INFO  [alembic.runtime.migration] …
    re.compile(rf"{_LEVEL} +\[(?P<logger>[\w.-]+)\] (?P<message>.*)"),
    # Streamlit says no level: 2026-11-30 13:00:00.123 …
    re.compile(r"[\d-]{10} [\d:]{8}\.\d{3} (?P<message>.*)"),
    # uvicorn: INFO:     …
    re.compile(rf"{_LEVEL}:\s+(?P<message>.*)"),
)
_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<name>.+)')
_RAISED = re.compile(r"(?P<kind>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning|Failure))(?::.*)?")
_TRACE = re.compile(
    r"(?:[╭┌]─+ )?Traceback \(most recent call last\)|Stack Trace:|During handling of |The above exception was "
)


@dataclass
class _Event:
    """What was printed of an event so far."""

    at: float
    level: str
    logger: str
    message: str
    frames: list[str] = field(default_factory=list)
    failure: str = ""
    traced: bool = False

    def as_bytes(self) -> bytes:
        content: dict[str, object] = {"time": moment(self.at), "level": self.level, "logger": self.logger}
        content["message"] = self.message or f"failed: {self.failure or 'a trace'}"
        if self.failure:
            content["failure"] = self.failure
        if self.frames:
            content["traceback"] = " < ".join(reversed(self.frames))
        return (as_line(content) + "\n").encode()


class ForeignLines:
    """Turns what a program prints into lines."""

    def __init__(self, program: str, place: Place, least: int = LEVELS[DEFAULT]) -> None:
        """Write lines of `program` to `place`, from the level `least` on where a line says its own."""
        self._program = program
        self._place = place
        self._least = least
        self._rest = b""
        self._event: _Event | None = None

    def pump(self, file: int) -> None:
        """Write a line for each event that comes out of an open file, until it ends."""
        while True:
            if not select.select([file], [], [], _IDLE_SECONDS)[0]:
                self._end_event()
                continue
            piece = os.read(file, _PIECE)
            if not piece:
                self.end()
                return
            self.feed(piece)

    def feed(self, piece: bytes) -> None:
        """Take what was printed."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._rest) > _LONGEST:
            self._take(self._rest)
            self._rest = b""

    def end(self) -> None:
        """Write what is left."""
        if self._rest:
            self._take(self._rest)
        self._rest = b""
        self._end_event()

    def _take(self, line: bytes) -> None:
        text = _COLOURS.sub("", line.decode("utf-8", "replace")).rstrip("\r")
        if not self._continues(text):
            self._end_event()
            self._event = self._begin(text)

    def _continues(self, text: str) -> bool:
        """Whether a line belongs to the event before; then it is taken."""
        event, frame, raised = self._event, _FRAME.fullmatch(text), _RAISED.fullmatch(text)
        if event is None or not event.traced:
            if not (frame or raised or _TRACE.match(text)):
                return self._goes_on(text)
            event = event or _Event(time.time(), "error", self._program, "")
            self._event, event.traced = event, True
        elif any(head.fullmatch(text) for head in _HEADS):
            return False
        # What stands between the lines of a trace, and behind it, may be the text of the exception.
        if frame and len(event.frames) < _MOST_FRAMES:
            event.frames.append(f"{Path(frame['file']).name}:{frame['line']} {frame['name']}")
        elif raised:
            event.failure = raised["kind"].rpartition(".")[2]
        return True

    def _goes_on(self, text: str) -> bool:
        """Whether a line is empty, or indented below the first one of an event."""
        if not text.strip():
            return True
        event = self._event
        if event is None or not text[0].isspace() or len(event.message) > _LONGEST:
            return False
        event.message += f"\n{text}"
        return True

    def _begin(self, text: str) -> _Event:
        for head in _HEADS:
            if found := head.fullmatch(text):
                said = found.groupdict()
                named = said.get("level", "INFO")
                level = {"WARN": "warning", "FATAL": "critical"}.get(named, named.lower())
                return _Event(time.time(), level, said.get("logger") or self._program, said["message"])
        return _Event(time.time(), "info", self._program, text)

    def _end_event(self) -> None:
        event, self._event = self._event, None
        if event is not None and event.failure == "KeyboardInterrupt" and not event.message:
            event.level, event.message = "info", "interrupted"  # how a program is asked to end
        if event is not None and LEVELS[event.level] >= self._least:
            self._place.write(event.as_bytes())


def log_printed(program: str, place: Place, printed: int) -> None:
    """Write what comes out of an open file, that which a program prints, until it ends; then close it."""
    try:
        least = log_level()
    except SettingError:  # whoever started this was told
        least = LEVELS[DEFAULT]
    try:
        ForeignLines(program, place, least).pump(printed)
    finally:
        os.close(printed)  # a program that nobody reads any more must not wait for a reader


def readable(line: str) -> str:
    """A line of a log as a person reads it; what is none of ours stays as it is."""
    if not line.startswith(_OWN):
        return line
    try:
        said = json.loads(line)
    except ValueError:
        return line
    failure = f" ({said['failure']} at {said.get('traceback', 'no place')})" if "failure" in said else ""
    level = "" if said.get("level") in {"info", None} else f"{said['level']}: "
    return f"{level}{said.get('message', '')}{failure}"
