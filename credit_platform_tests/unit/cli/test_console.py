"""`credit-platform console`: what it starts, and what it says."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from credit_platform.cli import console as module
from credit_platform.cli.console import run_console
from credit_platform.local.supervisor import Component
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.settings import Settings
from credit_platform_tests.unit.cli.conftest import Command


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Component, dict[str, str]]]:
    """Components that would run, with their environment; each answers at once, then fails."""
    seen: list[tuple[Component, dict[str, str]]] = []

    def supervise(
        components: list[Component],
        environment: dict[str, str],
        *,
        on_answer: Callable[[Component], None],
        on_ready: Callable[[], None],
        on_failure: Callable[[Any], None],
    ) -> None:
        seen.append((components[0], environment))
        assert [one.name for one in components] == ["Console", "Guard"]
        on_answer(components[0])
        on_ready()
        log = components[0].log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("the [end]")
        on_failure(_Failed(components[0]))

    monkeypatch.setattr(module, "supervise", supervise)
    return seen


class _Failed:
    """What `_show_end` needs of a component that died."""

    def __init__(self, component: Component) -> None:
        self.component = component

    def tail(self) -> str:
        return self.component.log.read_text()


def test_it_says_where_it_is_and_that_no_service_runs(
    tmp_path: Path, supervised: list[tuple[Component, dict[str, str]]]
) -> None:
    text = io.StringIO()
    settings = Settings(home=tmp_path / "home")
    run_console(settings, port=24950, screen=Console(file=text, width=300))
    component, environment = supervised[0]
    token = (settings.home / "page_token").read_text().strip()
    assert f"The console is at {component.url}/?token={token} (Ctrl-C" in text.getvalue()
    assert component.socket is not None
    assert not component.socket.parent.exists()
    assert "No scoring service of this home is running" in text.getvalue()
    assert "the [end]" in text.getvalue()
    assert environment["CREDIT_PLATFORM_HOME"] == str(settings.home.resolve())


def test_with_a_service_it_does_not_complain(
    tmp_path: Path,
    supervised: list[tuple[Component, dict[str, str]]],
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    with announced(Settings(home=tmp_path), [ServiceAccess("german_credit", "http://a")]):
        result = command("console", "--port", "24960")
    assert result.exit_code == 0
    assert "No scoring service" not in result.output
