"""`credit-platform run`: progress, outcome and exit status."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from credit_platform.cli.options import parse_pins
from credit_platform.cli.run import print_outcome, print_set_aside
from credit_platform.errors import SettingError, TableNotFoundError, UnknownPortfolioError
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import FailedCheck, RunReport
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.unit.cli.conftest import Command, words

KEY = "german_credit/raw/applications"


@pytest.fixture
def home(tmp_path: Path, dagster_home: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))
    return tmp_path / "home"


def outcome(*errors: str, checks: tuple[FailedCheck, ...] = ()) -> str:
    screen = Console(file=io.StringIO(), width=300)
    report = RunReport(run_id="a", success=False, materialised=(), errors=errors, failed_checks=checks)
    print_outcome(report, screen)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@pytest.mark.parametrize(
    ("rejected", "said"), [([], ""), (["a", "b"], "rule it broke: 2. See them: credit-platform show")]
)
def test_rows_that_were_set_aside_are_counted(tmp_path: Path, rejected: list[str], said: str) -> None:
    settings = Settings(home=tmp_path)
    frame = pl.DataFrame({"rule": rejected}, schema={"rule": pl.String})
    Lakehouse(settings.lakehouse_root).write(f"{KEY}__rejected", frame)
    screen = Console(file=io.StringIO(), width=300)
    print_set_aside(get_portfolio("german_credit"), settings, screen)
    assert isinstance(screen.file, io.StringIO)
    assert said in screen.file.getvalue()
    assert bool(said) == bool(screen.file.getvalue())


# --- the command ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_a_pipe")  # a screen gets a bar in place of the lines
def test_ingestion_ends_after_the_raw_tables_and_shows_each_step(command: Command, home: Path) -> None:
    result = command("run", "german_credit", "--ingestion-only")
    assert result.exit_code == 0, result.output
    shown = words(result)
    for step in ("german_credit/raw/applications", "german_credit/quality/report"):
        assert f"done {step}" in shown
    assert "German Credit: done in" in shown
    keys = Lakehouse(str(home / "lakehouse")).keys()
    assert keys == ["german_credit/quality/report", KEY, f"{KEY}__rejected"]


def test_a_missing_file_is_named_and_the_exit_status_is_1(command: Command, home: Path, tmp_path: Path) -> None:
    result = command("run", "german_credit", "--ingestion-only", "--raw", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    shown = words(result)
    assert "Failed:" in shown
    assert "nowhere/german_credit.csv" in shown
    assert "German Credit: stopped in" in shown
    assert Lakehouse(str(home / "lakehouse")).keys() == []


def test_an_unknown_portfolio_is_answered_with_those_that_exist(command: Command, home: Path) -> None:
    error = command("run", "nowhere").exception
    assert isinstance(error, UnknownPortfolioError)
    assert "german_credit" in error.cure


def test_an_unknown_table_to_begin_at_is_answered_with_those_of_the_run(command: Command, home: Path) -> None:
    error = command("run", "german_credit", "--from", "german_credit/models/svm").exception
    assert isinstance(error, TableNotFoundError)
    assert "'models/svm'" in error.what
    assert "models/scorer" in error.cure


def test_a_wrong_profile_is_an_error_with_a_cure(command: Command, home: Path) -> None:
    error = command("run", "german_credit", "--profile", "fast").exception
    assert isinstance(error, SettingError)
    assert "profile is 'fast'" in error.what
    assert "'quick' or 'full'" in error.what
    assert "CREDIT_PLATFORM_" in error.cure


def test_a_wrong_pin_is_an_error_before_anything_runs(command: Command, home: Path) -> None:
    assert isinstance(command("run", "german_credit", "--pin", "applications").exception, SettingError)
    assert not home.exists()


# --- its parts -----------------------------------------------------------------------------------------------------


def test_pins_are_read() -> None:
    assert parse_pins([]) == {}
    assert parse_pins([f"{KEY}=3", "a/b/c=0"]) == {KEY: 3, "a/b/c": 0}


@pytest.mark.parametrize("pin", ["", "=", KEY, f"{KEY}=", f"{KEY}=x", f"{KEY}=-1", "raw/applications=1", "a/b/c/d=1"])
def test_what_is_not_a_pin_is_refused(pin: str) -> None:
    with pytest.raises(SettingError, match="Write <portfolio>/<layer>/<name>=<version>"):
        parse_pins([pin])


def test_nothing_is_printed_when_all_is_well() -> None:
    assert outcome() == ""


def test_an_error_that_several_steps_met_is_printed_once() -> None:
    assert outcome("no file", "no file", "no disk") == "Failed: no file\nFailed: no disk\n"


def test_what_stopped_the_run_differs_from_what_only_warns() -> None:
    found = FailedCheck(asset=KEY, check="findings", message="a jump", blocking=False)
    stopped = FailedCheck(asset=KEY, check="rejected_share", message="too many", blocking=True)
    assert outcome(checks=(found, stopped)).splitlines() == [
        f"Warning from {KEY}, check findings: a jump",
        f"Stopped by {KEY}, check rejected_share: too many",
    ]


def test_brackets_in_messages_are_shown_and_not_obeyed() -> None:
    check = FailedCheck(asset=KEY, check="findings", message="[amount] [/]", blocking=True)
    assert outcome("column [amount] of [/tmp/x]", checks=(check,)).splitlines() == [
        "Failed: column [amount] of [/tmp/x]",
        f"Stopped by {KEY}, check findings: [amount] [/]",
    ]
