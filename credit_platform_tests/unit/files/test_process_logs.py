"""A restart empties no log; a large one is put aside, and only so many stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.files import process_logs
from credit_platform.files.process_logs import KEPT, open_process_log


def test_a_restart_appends(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "service.log"
    for line in (b"first\n", b"second\n"):
        with open_process_log(path) as log:
            log.write(line)
    assert path.read_bytes() == b"first\nsecond\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_large_logs_are_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_logs, "LIMIT_BYTES", 3)
    path = tmp_path / "service.log"
    for number in range(KEPT + 3):
        with open_process_log(path) as log:
            log.write(b"line %d\n" % number)
    assert path.read_bytes() == b"line %d\n" % (KEPT + 2)
    aside = [path.with_name(f"service.log.{number}").read_bytes() for number in range(1, KEPT + 1)]
    assert aside == [b"line %d\n" % number for number in range(KEPT + 1, 1, -1)]
    assert len(list(tmp_path.glob("service.log*"))) == KEPT + 1
