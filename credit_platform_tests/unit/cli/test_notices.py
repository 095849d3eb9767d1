"""`credit-platform notices`, as someone types it; the watcher is tried for real in e2e/test_notices.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import ComponentError, SettingError
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem, Recovery
from credit_platform.settings import Settings
from credit_platform_tests.listeners import webhook
from credit_platform_tests.unit.cli.conftest import Command, words


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_is_wrong_is_listed_and_what_was_with_all(command: Command, home: Path) -> None:
    assert "Nothing is known to be wrong." in words(command("notices", "list"))
    book = IncidentBook.of(Settings(home=home))
    book.observe([Problem(key="a", title="It [fails]", message="So.", at=1000.0, link="http://pages/runs/1")], ["file"])
    shown = words(command("notices", "list"))
    assert "error: It [fails] (since 1970-01-01" in shown
    assert "seen once) So. See: http://pages/runs/1" in shown
    assert f"Told by: {home / 'notifications.jsonl'}." in shown
    book.observe([Recovery(key="a", at=2000.0, message="Well.")], ["file"])
    assert "It [fails]" not in words(command("notices", "list"))
    assert ", resolved 1970-01-01" in words(command("notices", "list", "--all"))


def test_a_trial_says_of_each_way_whether_it_works(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as hook:
        monkeypatch.setenv("CREDIT_PLATFORM_NOTIFY_WEBHOOK", hook.url)
        works = command("notices", "test")
        assert (works.exit_code, len(hook.bodies)) == (0, 2)
        hook.status = 500
        fails = command("notices", "test")
    assert (fails.exit_code, "Fails: webhook at 127.0.0.1" in words(fails)) == (1, True)
    assert "s3cret" not in fails.output + works.output


def test_a_way_that_is_set_in_half_is_refused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_NOTIFY_SMTP", "smtp://u:s3cret@h")
    result = command("notices", "test")
    assert isinstance(result.exception, SettingError)
    assert "s3cret" not in str(result.exception)


def test_a_port_that_is_taken_is_said(command: Command) -> None:
    with webhook() as hook:
        port = hook.url.split(":")[2].split("/")[0]
        result = command("notices", "watch", "--port", port)
    assert isinstance(result.exception, ComponentError)
