"""`credit-platform retention`: what it prints, what it removes, what options and settings keep."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, tzinfo
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import RecordError, UnknownPortfolioError
from credit_platform.governance.expiry import RemovalRecord
from credit_platform.lakehouse import Lakehouse
from credit_platform_tests.unit.cli.conftest import Command, words

KEY = "german_credit/raw/applications"
ACT = ("--by", "ada", "--reason", "space", "--yes")


@pytest.fixture
def four_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lakehouse:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    lakehouse = Lakehouse(str(tmp_path / "lakehouse"))
    for version in range(4):
        lakehouse.write(KEY, pl.DataFrame({"value": [version]}))
    return lakehouse


def versions(lakehouse: Lakehouse) -> list[int]:
    return [version.version for version in lakehouse.versions(KEY)]


def test_a_dry_run_shows_what_would_go_and_removes_nothing(command: Command, four_versions: Lakehouse) -> None:
    size = sum(version.bytes for version in four_versions.versions(KEY)[2:])
    result = command("retention", "--keep", "2", "--dry-run")
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if KEY in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [KEY, "2, 3", "0, 1", "2", f"{size:,}", "table"]
    assert f"1 tables: 2 versions, 2 files, {size:,} bytes would be removed." in words(result)
    assert versions(four_versions) == [3, 2, 1, 0]


def test_pins_of_settings_and_options_stay(
    command: Command, four_versions: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_PINS", json.dumps({KEY: 0}))
    result = command("retention", "--keep", "1", "--pin", f"{KEY}=1", *ACT)
    assert "1 versions, 1 files" in words(result)
    assert versions(four_versions) == [3, 1, 0]


def test_another_portfolio_is_left_alone(command: Command, four_versions: Lakehouse) -> None:
    result = command("retention", "--keep", "1", "--portfolio", "home_credit")
    assert "0 tables: 0 versions" in words(result)
    assert versions(four_versions) == [3, 2, 1, 0]


def test_wrong_options_are_named(command: Command, four_versions: Lakehouse) -> None:
    assert isinstance(command("retention", "--portfolio", "nobody").exception, UnknownPortfolioError)
    assert command("retention", "--keep", "0").exit_code == 2
    assert versions(four_versions) == [3, 2, 1, 0]


def test_a_narrow_terminal_shows_the_whole_name_of_a_table(
    command: Command, four_versions: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert f"  {KEY}\n" in command("retention", "--keep", "2", "--dry-run").output


def test_who_removes_is_asked_for_and_nothing_goes_unasked(command: Command, four_versions: Lakehouse) -> None:
    assert "name or a reason" in str(command("retention", "--keep", "2").exception)
    assert "Say --yes" in str(command("retention", "--keep", "2", *ACT[:-1]).exception)
    assert versions(four_versions) == [3, 2, 1, 0]
    for _ in range(3):
        result = command("retention", "--keep", "2", *ACT)
        assert result.exit_code == 0
    assert versions(four_versions) == [3, 2]


def test_without_a_number_what_portfolios_declare_decides(
    command: Command, four_versions: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "german_credit keeps tables for 1825 days" in words(command("retention"))
    assert "Nothing was removed." in words(command("retention"))
    assert versions(four_versions) == [3, 2, 1, 0]

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Later:
            return cls.fromtimestamp(datetime.now(tz).timestamp() + 6 * 365 * 86_400, tz)

    with suppress(RecordError):
        RemovalRecord.from_summary({})  # its fields are read once, with the real class of moments
    monkeypatch.setattr("credit_platform.governance.expiry.datetime", Later)
    shown = command("retention", "--dry-run")
    assert "3 versions" in words(shown)
    assert versions(four_versions) == [3, 2, 1, 0]
    assert "Say --yes" in str(command("retention", *ACT[:-1]).exception)
    assert "Removed by ada (account" in words(command("retention", *ACT))
    assert "Nothing was removed." in words(command("retention", *ACT))
    assert versions(four_versions) == [3]
    (removed,) = json.loads(command("retention", "--removals", "--json").stdout)
    assert [removed[name] for name in ("versions", "tables", "reports", "models", "person", "reason")] == [
        *(3, 1, 0, 0),
        *("ada", "space"),
    ]
