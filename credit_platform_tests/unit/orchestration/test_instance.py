"""Several programs may be the first to open Dagster's records of a home."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import credit_platform
from credit_platform.environment import prepare_environment
from credit_platform.orchestration.instance import open_instance, ready_storage
from credit_platform.settings import Settings

TOGETHER = 6
_OPENING = """
import sys
from credit_platform.orchestration.instance import open_instance
print("loaded", flush=True)
sys.stdin.readline()  # all begin at the same moment
open_instance().dispose()
"""


def test_many_programs_open_a_new_home_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "mes données é" / "dagster"
    folder.mkdir(parents=True)
    variables = {**os.environ, "DAGSTER_HOME": str(folder), "DAGSTER_DISABLE_TELEMETRY": "true"}
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", _OPENING],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(TOGETHER)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "loaded\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    said = [program.communicate(timeout=240)[1] for program in programs]
    assert [program.returncode for program in programs] == [0] * TOGETHER, "\n".join(said)


def test_what_is_ready_is_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    for name, value in prepare_environment(Settings(home=tmp_path)).items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        ready_storage()
    assert (tmp_path / "dagster" / "history" / "runs.db").is_file()
    instance = open_instance()
    assert instance.get_runs() == []
    instance.dispose()


def test_nothing_else_opens_the_records_of_a_home_that_may_be_new() -> None:
    root = Path(credit_platform.__file__).parent
    opened = re.compile(r"DagsterInstance\.(get|from_ref)\(|instance_for_test|get_possibly_temporary_instance")
    found = {str(file.relative_to(root)) for file in root.rglob("*.py") if opened.search(file.read_text("utf-8"))}
    assert found == {"orchestration/instance.py"}
