"""`credit-platform backup` and `restore`, as someone types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from credit_platform.errors import BackupError, StorageError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import erased_artefact
from credit_platform.settings import Settings
from credit_platform_tests.s3_server import S3Server
from credit_platform_tests.unit.cli.conftest import Command, words
from credit_platform_tests.unit.local.backup.homes import applicants, decide, fill, write_table

BY = ("--by", "K. Officer", "--reason", "asked for it")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = Settings(home=tmp_path / "un été")
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(settings.home))
    return settings


def test_backup_and_restore_say_what_is_true(command: Command, settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    target = str(tmp_path / "backups")
    said = words(command("backup", target))
    assert "un été is backed up in" in said
    assert "1 tables, 2 decisions" in said
    assert "shared" not in said
    assert "Not in the backup" not in said
    assert "shared with the backup before" in words(command("backup", target))
    refused = command("restore", target)
    assert isinstance(refused.exception, BackupError)
    assert "not empty" in str(refused.exception)
    said = words(command("decisions", "erase", "--applicant", "A-2", *BY, "--yes"))
    assert said.startswith("1 decisions were removed")
    said = words(command("restore", target, "--yes"))
    assert "each as it was put there" in said
    assert "What was there is kept in" in said
    assert "Erasures were carried out again: 1 decisions" in said
    assert "proven up to the backup: 1 decisions hold, every row is covered" in said
    assert command("decisions", "verify").exit_code == 0
    assert applicants(settings) == ["A-1"]


def test_where_nobody_can_be_asked_it_is_said(command: Command, settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    command("backup", str(tmp_path / "backups"))
    command("decisions", "erase", "--applicant", "A-2", *BY, "--yes")
    kept = tmp_path / "german_credit.txt"
    shelf = Shelf.of(settings)
    kept.write_bytes(shelf.store.get(erased_artefact("german_credit")))
    shutil.rmtree(settings.home)
    said = words(command("restore", str(tmp_path / "backups")))
    assert "Nobody could be asked who was erased since" in said
    assert applicants(settings) == ["A-1", "A-2"]
    for removed in (1, 0, 0):
        said = words(command("decisions", "erase-again", "--by", "K. Officer", "--erasures", str(kept)))
        assert f"1 applicants are on the list. {removed} decisions" in said
    assert applicants(settings) == ["A-1"]
    assert command("decisions", "verify").exit_code == 0


def test_a_home_without_people_owes_nobody_an_erasure(command: Command, settings: Settings, tmp_path: Path) -> None:
    write_table(settings, 3)
    assert "no decision log" in words(command("backup", str(tmp_path / "backups")))
    said = words(command("restore", str(tmp_path / "backups"), "--home", str(tmp_path / "other")))
    assert "nobody had to be erased" in said
    assert "The backup holds no decision log" in said


def test_what_lies_elsewhere_is_said_by_both(
    command: Command, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(settings, 3)
    decide(settings, "A-1")
    monkeypatch.setenv("CREDIT_PLATFORM_DECISION_LOG_URL", "postgresql+psycopg://u:secret@db/log")
    said = words(command("backup", str(tmp_path / "backups")))
    assert "Not in the backup: The decision log is in postgresql+psycopg://db/log" in said
    assert "no decision log," in said
    assert "secret" not in said
    said = words(command("restore", str(tmp_path / "backups"), "--home", str(tmp_path / "other")))
    assert "Not in the backup: The decision log is in postgresql+psycopg://db/log" in said


def test_a_bucket_is_a_place_for_backups(
    command: Command, settings: Settings, s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Twice in a row; then restored with the original gone, and what was erased before stays erased."""
    monkeypatch.setenv("CREDIT_PLATFORM_ARTEFACT_CACHE", str(tmp_path / "cache"))
    address = f"s3://{s3.new_bucket()}/à part"
    fill(settings)
    for _ in range(2):
        said = words(command("backup", f"{address}/"))
        assert f"un été is backed up in {address}/20" in said
        assert "1 tables, 2 decisions" in said
    first = said.partition("is backed up in ")[2].partition(": 1 tables")[0]
    assert words(command("decisions", "erase", "--applicant", "A-2", *BY, "--yes")).startswith("1 decisions")
    command("backup", address)
    refused = command("restore", address)
    assert isinstance(refused.exception, BackupError)
    assert "not empty" in str(refused.exception)
    shutil.rmtree(settings.home)
    said = words(command("restore", first))
    assert f"The backup {first} of" in said
    assert "each as it was put there" in said
    assert "Asked who was erased: the later backup" in said
    assert "Erasures were carried out again: 1 decisions" in said
    assert applicants(settings) == ["A-1"]
    assert command("decisions", "verify").exit_code == 0
    wrong = command("backup", "s3://not-there/backups")
    assert isinstance(wrong.exception, StorageError)
    assert "There is no bucket 'not-there'" in str(wrong.exception)
