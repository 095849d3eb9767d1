"""The guard as one of the programs."""

from __future__ import annotations

import json
from pathlib import Path

from credit_platform.local.guard.component import guard_component
from credit_platform.local.guard.guarded import VARIABLE
from credit_platform.local.supervisor import Component
from credit_platform.settings import Settings


def test_it_knows_sockets_and_ports_and_no_token(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    log = tmp_path / "log"
    programs = [
        Component("Console", "http://127.0.0.1:8501", "", log, [], socket=tmp_path / "a"),
        Component("Dagster", "http://127.0.0.1:3000", "", log, [], socket=tmp_path / "b"),
        Component("Free", "http://127.0.0.1:9", "", log, []),
    ]
    component = guard_component(settings, programs)
    document = json.loads(component.variables[VARIABLE])
    assert [(one["port"], one["forms"]) for one in document["guarded"]] == [(8501, True), (3000, False)]
    token = (settings.home / "page_token").read_text().strip()
    assert token not in json.dumps(dict(component.variables)) + " ".join(component.command)
