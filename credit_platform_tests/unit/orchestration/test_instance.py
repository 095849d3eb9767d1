"""Several programs may be the first to open Dagster's records of a home."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import credit_platform
from credit_platform.environment import prepare_environment
from credit_platform.orchestration.instance import open_instance, ready_storage
from credit_platform.settings import Settings
from credit_platform_tests.together import READY, run_together

TOGETHER = 6
_OPENING = f"""
from credit_platform.orchestration.instance import open_instance
{READY}
open_instance().dispose()
"""


def test_many_programs_open_a_new_home_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "mes données é" / "dagster"
    folder.mkdir(parents=True)
    variables = {**os.environ, "DAGSTER_HOME": str(folder), "DAGSTER_DISABLE_TELEMETRY": "true"}
    ended = run_together(_OPENING, [()] * TOGETHER, variables, tmp_path)
    assert [status for status, _ in ended] == [0] * TOGETHER, ended


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
