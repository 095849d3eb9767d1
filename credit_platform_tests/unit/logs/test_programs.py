"""What a program writes, where, and what a person sees of it: with processes, as programs are."""

from __future__ import annotations

import json
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from credit_platform.logs.levels import VARIABLE
from credit_platform.logs.lines import FIELDS
from credit_platform.logs.programs import FILE_VARIABLE, log_to_home

PROGRAM = """
import logging, sys, threading, warnings
from pathlib import Path
from credit_platform.logs.programs import log_program
log_program("trial", Path(sys.argv[1]))
logging.getLogger("credit_platform.x").info("ours\\nin two")
logging.getLogger("others").info("too quiet")
logging.getLogger("uvicorn.error").warning("others")
thread = threading.Thread(target=int, args=("CANARY",), name="worker")
thread.start(); thread.join()
warnings.warn("mind")
int("CANARY")
"""
MESSAGES = ["ours\nin two", "others", "thread worker died: ValueError", "mind", "the program ended: ValueError"]


def messages(text: str) -> list[str]:
    return [json.loads(line)["message"] for line in text.splitlines()]


def run(home: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **options.pop("env", {})}
    return subprocess.run([sys.executable, "-c", PROGRAM, str(home)], text=True, env=variables, check=False, **options)


def seen(found: list[str]) -> list[str]:
    return ["mind" if "UserWarning: mind" in message else message for message in found]


def test_a_program_writes_its_file_and_standard_output(tmp_path: Path) -> None:
    home = tmp_path / "a home, été"
    done = run(home, capture_output=True)
    file = home / "logs" / "trial.log"
    assert seen(messages(done.stdout)) == MESSAGES
    assert file.read_text(encoding="utf-8") == done.stdout
    assert (done.returncode, done.stderr) == (1, "")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "CANARY" not in done.stdout


def test_where_standard_output_is_the_file_a_line_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "named.log"
    file.parent.mkdir()
    with file.open("ab") as output:
        run(tmp_path, stdout=output, stderr=subprocess.STDOUT, env={FILE_VARIABLE: str(file)})
    assert seen(messages(file.read_text())) == MESSAGES


def test_where_the_starter_takes_what_is_printed_no_line_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "named.log"
    done = run(tmp_path, capture_output=True, env={FILE_VARIABLE: str(file)})
    assert (done.stdout, done.stderr) == ("", "")
    assert seen(messages(file.read_text())) == MESSAGES


def test_a_persons_terminal_shows_no_lines(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    done = run(tmp_path, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.set_blocking(ours, False)
    with pytest.raises(OSError, match=r"."):
        os.read(ours, 1)
    os.close(ours)
    assert done.returncode == 1
    assert seen(messages((tmp_path / "logs" / "trial.log").read_text())) == MESSAGES


def test_the_level_holds_for_file_and_output(tmp_path: Path) -> None:
    done = run(tmp_path, capture_output=True, env={VARIABLE: "error"})
    assert seen(messages(done.stdout)) == ["thread worker died: ValueError", "the program ended: ValueError"]


def test_a_command_logs_to_its_home_and_warnings_are_shown_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own
    ours = logging.getLogger("credit_platform")
    before = (ours.handlers[:], ours.level)
    with log_to_home("runs", tmp_path), log_to_home("runs", tmp_path):
        logging.getLogger("credit_platform.x").info("quiet")
        logging.getLogger("credit_platform.x").warning("mind")
        logging.getLogger("credit_platform.x").error("for the file", extra={FIELDS: {"step": "s"}})
    assert messages((tmp_path / "logs" / "runs.log").read_text()) == ["quiet", "mind", "for the file"]
    assert capsys.readouterr() == ("", "mind\n")
    assert (ours.handlers, ours.level) == before


@pytest.mark.parametrize(("starter", "printed"), [("", ["x"]), ("named.log", [])])
def test_what_runs_in_a_container_prints_its_lines_unless_somebody_takes_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, starter: str, printed: list[str]
) -> None:
    monkeypatch.setenv(FILE_VARIABLE, starter)
    with log_to_home("runs", tmp_path, printed=True):
        logging.getLogger("credit_platform.x").info("x")
    assert messages(capfd.readouterr().out) == printed
    assert messages((tmp_path / "logs" / "runs.log").read_text()) == ["x"]


def test_a_command_that_logs_nothing_makes_no_file(tmp_path: Path) -> None:
    with log_to_home("runs", tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
