"""Programs of `up` that died are told, and that they run again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from credit_platform.local.component_notices import tell_of_death, tell_of_start
from credit_platform.local.supervisor import Component, RunningComponent
from credit_platform.settings import Settings


def test_a_death_is_told_once_and_the_next_start_is_its_end(tmp_path: Path) -> None:
    settings, said = Settings(home=tmp_path), list[str]()
    command = [sys.executable, "-c", "raise SystemExit(4)"]
    component = Component("Dagster", "http://x", "http://x", tmp_path / "dagster.log", command)
    tell_of_start(settings, [component], said.append)
    for _ in range(2):
        one = RunningComponent.start(component, {})
        one.reap()
        tell_of_death(settings, one, said.append)
    tell_of_start(settings, [component], said.append)
    lines = [json.loads(line) for line in (tmp_path / "notifications.jsonl").read_text().splitlines()]
    assert [(line["kind"], line["key"]) for line in lines] == [
        ("problem", "program:Dagster"),
        ("resolved", "program:Dagster"),
    ]
    assert "exit code 4" in lines[0]["message"]
    assert len(said) == 2


def test_that_nobody_can_be_told_is_said(tmp_path: Path) -> None:
    (tmp_path / "incidents").write_text("in the way")
    said = list[str]()
    tell_of_start(Settings(home=tmp_path), [], said.append)
    assert said[0].startswith("Nobody is told: ")
