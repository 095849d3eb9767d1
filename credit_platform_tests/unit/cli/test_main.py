"""The entry point: failures a person can mend are shown without a trace."""

from __future__ import annotations

import sys

import pytest

import credit_platform.cli as module
from credit_platform.cli import main
from credit_platform.errors import SettingError


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Exit status of the command."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "argv", ["credit-platform", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


def test_an_error_is_shown_with_its_cure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(monkeypatch, "run", "german_credit", "--pin", "nonsense") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == ("Error: 'nonsense' is not a pin.\nCure:  Write <portfolio>/<layer>/<name>=<version>.\n")


def test_brackets_in_an_error_are_shown_and_not_obeyed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise SettingError("[/] is [bold] wrong.", "Use [red].")

    monkeypatch.setattr(module, "app", fail)
    assert run_main(monkeypatch) == 1
    assert capsys.readouterr().err == "Error: [/] is [bold] wrong.\nCure:  Use [red].\n"


def test_what_is_not_ours_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "app", fail)
    with pytest.raises(ZeroDivisionError):
        main()


def test_a_command_that_succeeds_exits_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, "portfolios") == 0
    assert "german_credit" in capsys.readouterr().out
