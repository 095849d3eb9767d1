"""What the log files of a home hold."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any


def log_files(home: Path) -> list[Path]:
    """All of them, also those that were put aside."""
    return [file for file in (home / "logs").rglob("*") if file.is_file()]


def log_lines(home: Path) -> Iterator[dict[str, Any]]:
    """Every whole line of every file; each of them must be JSON."""
    for file in log_files(home):
        for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)


def found_in_logs(home: Path, values: Iterable[str]) -> list[str]:
    """Which of `values` stand in any log file, by themselves: a number inside of a digest is none."""
    files = log_files(home)
    assert files, f"no log in {home}"
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    return [one for one in values if any(re.search(rf"(?<![\w.]){re.escape(one)}(?!\w)", text) for text in texts)]


def lines_when_there(
    home: Path, wanted: Callable[[dict[str, Any]], bool], count: int = 1, seconds: float = 30
) -> list[dict[str, Any]]:
    """Lines that satisfy `wanted`, once there are `count`: a request is logged after its answer was sent."""
    deadline = time.monotonic() + seconds
    while len(found := [line for line in log_lines(home) if wanted(line)]) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} lines"
        time.sleep(0.02)
    return found
