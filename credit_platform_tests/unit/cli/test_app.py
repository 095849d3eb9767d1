"""Which commands there are, and how options and variables become settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from credit_platform.cli import demo, run, up
from credit_platform.errors import SettingError
from credit_platform.settings import Settings
from credit_platform_tests.unit.cli.conftest import Command, words

COMMANDS = ("portfolios", "run", "versions", "show", "demo", "up")


def test_help_lists_every_command(command: Command) -> None:
    result = command("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert name in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, command: Command) -> None:
    result = command(name, "--help")
    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from credit_platform.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "print(sorted({'dagster', 'mlflow', 'polars', 'sklearn', 'bentoml'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


def test_options_of_run_win_over_the_environment(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    monkeypatch.setenv("CREDIT_PLATFORM_PROFILE", "quick")
    monkeypatch.setenv("CREDIT_PLATFORM_SEED", "11")
    seen: dict[str, object] = {}

    def stand_in(name: str, settings: Settings, *, job: str, start: str | None, day: str | None) -> bool:
        seen.update(name=name, settings=settings, job=job, start=start, day=day)
        return True

    monkeypatch.setattr(run, "run_portfolio", stand_in)
    pins = ["--pin", "a/b/c=1", "--pin", "a/b/d=2", "--from", "a/b"]
    assert command("run", "german_credit", "--profile", "full", "--raw", str(tmp_path), *pins).exit_code == 0
    settings = seen.pop("settings")
    assert seen == {"name": "german_credit", "job": "german_credit", "start": "a/b", "day": None}
    assert isinstance(settings, Settings)
    assert (settings.profile, settings.seed, settings.raw) == ("full", 11, tmp_path)
    assert settings.pins == {"a/b/c": 1, "a/b/d": 2}


@pytest.mark.parametrize(("succeeded", "status"), [(True, 0), (False, 1)])
def test_demo_and_up_hand_their_status_on(
    succeeded: bool, status: int, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    monkeypatch.setattr(demo, "run_demo", lambda settings: succeeded)
    monkeypatch.setattr(up, "up", lambda settings, *, in_browser: status)
    assert command("demo").exit_code == status
    assert command("up").exit_code == status


@pytest.mark.parametrize(
    ("name", "value", "said"), [("THREADS", "none", "threads is 'none'"), ("PINS", "{", 'field "pins"')]
)
def test_a_variable_that_cannot_be_read_is_named(
    name: str, value: str, said: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CREDIT_PLATFORM_{name}", value)
    error = command("versions", "a/b/c").exception
    assert isinstance(error, SettingError)
    assert said in error.what


def test_no_command_shows_the_help(command: Command) -> None:
    assert "credit-platform" in words(command())
