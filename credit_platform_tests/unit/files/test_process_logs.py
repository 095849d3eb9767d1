"""A restart empties no log; a large one is put aside, and only so many stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from credit_platform.files import process_logs
from credit_platform.files.process_logs import KEPT, RotatingLog

WRITER = """
import sys
from pathlib import Path
from credit_platform.files import process_logs
process_logs.LIMIT_BYTES, process_logs.LOOK_SECONDS, process_logs.KEPT = 20_000, 0.0, 500
log = process_logs.RotatingLog(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.write(f"{sys.argv[2]}:{number}:{'x' * (number % 90)}.\\n".encode())
"""


def test_a_restart_appends(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "service.log"
    for line in (b"first\n", b"second\n"):
        log = RotatingLog(path)
        assert log.write(line)
        log.close()
    assert path.read_bytes() == b"first\nsecond\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_large_logs_are_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_logs, "LIMIT_BYTES", 3)
    path = tmp_path / "service.log"
    for number in range(KEPT + 3):
        log = RotatingLog(path)
        assert log.write(b"line %d\n" % number)
        log.close()
    assert path.read_bytes() == b"line %d\n" % (KEPT + 2)
    aside = [path.with_name(f"service.log.{number}").read_bytes() for number in range(1, KEPT + 1)]
    assert aside == [b"line %d\n" % number for number in range(KEPT + 1, 1, -1)]
    assert len(list(tmp_path.glob("service.log*"))) == KEPT + 1


def writer(path: Path, name: str, lines: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(lines)])


def all_lines(path: Path) -> list[str]:
    return [line for file in path.parent.glob(f"{path.name}*") for line in file.read_text().splitlines()]


def test_several_processes_lose_and_tear_no_line_while_it_is_put_aside(tmp_path: Path) -> None:
    path, lines = tmp_path / "logs é" / "service.log", 3000
    writers = [writer(path, name, lines) for name in "abc"]
    assert [one.wait() for one in writers] == [0, 0, 0]
    found = all_lines(path)
    assert Counter(line.split(":")[0] for line in found) == dict.fromkeys("abc", lines)
    assert len(set(found)) == 3 * lines
    assert all(line.endswith(".") and len(line.split(":")) == 3 for line in found)
    assert len(list(path.parent.glob("service.log.*"))) > 3


def test_a_process_that_is_killed_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    one = writer(path, "a", 10_000_000)
    while not path.exists() or not path.stat().st_size:
        assert one.poll() is None
        time.sleep(0.01)
    one.send_signal(signal.SIGKILL)
    one.wait()
    assert RotatingLog(path).write(b"b:0:.\n")
    assert all(line.endswith(".") for line in all_lines(path))


def test_standard_output_goes_along_when_the_file_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_logs, "LIMIT_BYTES", 10)
    monkeypatch.setattr(process_logs, "LOOK_SECONDS", 0.0)
    path = tmp_path / "service.log"
    with path.open("ab") as output:
        log = RotatingLog(path, follow=[output.fileno()])
        log.write(b"a long first line\n")
        log.write(b"second\n")
        os.write(output.fileno(), b"printed\n")
        log.close()
    assert path.read_bytes() == b"second\nprinted\n"
    assert path.with_name("service.log.1").read_bytes() == b"a long first line\n"


def test_a_file_that_somebody_removed_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_logs, "LOOK_SECONDS", 0.0)
    log = RotatingLog(tmp_path / "service.log")
    log.write(b"first\n")
    log.path.unlink()
    log.write(b"second\n")
    log.close()
    assert log.path.read_bytes() == b"second\n"


def test_a_full_disk_tears_one_line_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, write, full = RotatingLog(tmp_path / "service.log"), os.write, [True]
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3] if full and full.pop() else data))
    assert not log.write(b"first\n")
    assert log.write(b"second\n")
    assert log.write(b"third\n")
    log.close()
    assert log.path.read_bytes() == b"fir\nsecond\nthird\n"
