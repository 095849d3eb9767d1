"""What the demonstration says at its end of what people were told."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from credit_platform.cli.demo_summary import print_warnings
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem
from credit_platform.settings import Settings


def shown(settings: Settings) -> str:
    text = io.StringIO()
    print_warnings(settings, Console(file=text, width=200))
    return text.getvalue()


def test_a_check_that_only_warns_is_shown_with_where_it_was_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert "Nothing is known to be wrong.\nWhat goes wrong is told once: " in shown(settings)
    problem = Problem(key="check:a:fairness", title="Check fairness of a warns", message="Below.", at=5.0)
    IncidentBook.of(settings).observe([problem], ["file"])
    assert "Check fairness of a warns" in shown(settings)
    assert f"Each is told once: {tmp_path / 'notifications.jsonl'}" in shown(settings)
