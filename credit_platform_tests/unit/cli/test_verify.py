"""`credit-platform verify` and `repair`, and every maintenance command of tables three times in a row."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import DamagedTableError, TableNotFoundError
from credit_platform.lakehouse import Lakehouse, refused_key
from credit_platform_tests.unit.cli.conftest import Command, words

KEY = "german_credit/raw/applications"
ACT = ("--by", "ada", "--reason", "space", "--yes")


@pytest.fixture
def lakehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lakehouse:
    """A home in which versions were refused, too."""
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "a home é"))
    made = Lakehouse(str(tmp_path / "a home é" / "lakehouse"))
    for version in range(7):
        made.write(KEY, pl.DataFrame({"value": [version]}))
        made.write(refused_key(KEY), pl.DataFrame({"value": [-version]}))
    return made


def damage(lakehouse: Lakehouse, version: int) -> Path:
    file = Path(lakehouse.read(KEY, version).files[0])
    content = bytearray(file.read_bytes())
    content[40] ^= 16
    file.write_bytes(content)
    return file


def test_maintenance_three_times_in_a_row(command: Command, lakehouse: Lakehouse) -> None:
    commands = (["verify"], ["verify", "--all"], ["retention", "--keep", "2", *ACT], ["repair", KEY], ["versions", KEY])
    for _ in range(3):
        for arguments in commands:
            assert command(*arguments).exit_code == 0, arguments
    assert [version.version for version in lakehouse.versions(KEY)] == [6, 5]
    assert words(command("retention", "--keep", "2", *ACT)).endswith(
        "2 tables: 0 versions, 0 files, 0 bytes would be removed. "
    )
    assert len(list(Path(lakehouse.read(KEY).files[0]).parent.glob("*.parquet"))) == 2


def test_what_is_damaged_is_named_with_the_cure(command: Command, lakehouse: Lakehouse) -> None:
    file = damage(lakehouse, 6)
    for _ in range(2):
        result = command("verify")
        assert result.exit_code == 1
        assert f"damaged: table {KEY} version 6: {file} was altered after it was written" in words(result)
        assert "Version 5 is whole: --version 5. Restore it from a backup, or make the table again" in words(result)
    assert isinstance(command("show", KEY).exception, DamagedTableError)
    assert command("show", KEY, "--version", "5").exit_code == 0


def test_json_lists_everything(command: Command, lakehouse: Lakehouse) -> None:
    found = json.loads(command("verify", KEY, "--json").stdout)
    assert {(one["kind"], one["state"]) for one in found} == {("table", "whole")}
    assert len(found) == len(lakehouse.versions(KEY))


def test_an_unknown_table_is_named(command: Command, lakehouse: Lakehouse) -> None:
    assert lakehouse.exists(KEY)
    for name in ("verify", "repair"):
        assert isinstance(command(name, "german_credit/raw/nothing").exception, TableNotFoundError)


def test_repair_says_first_and_does_with_yes(command: Command, lakehouse: Lakehouse, tmp_path: Path) -> None:
    log = Path(lakehouse.read(KEY).files[0]).parent / "_delta_log"
    newest = max(log.glob("*.json"))
    newest.write_bytes(newest.read_bytes()[:100])
    shown = command("show", KEY)
    assert isinstance(shown.exception, DamagedTableError)
    assert f"credit-platform repair {KEY}" in str(shown.exception)
    planned = command("repair", KEY)
    assert planned.exit_code == 1
    assert "Moved aside, the table has version 5 in force. Do it: add --yes" in words(planned)
    assert newest.is_file()
    assert command("repair", KEY, "--yes").exit_code == 0
    for _ in range(2):
        assert "there is nothing to repair" in words(command("repair", KEY, "--yes"))
    assert lakehouse.read(KEY).version.version == 5
    assert tmp_path in newest.parents
