"""Where raw files are looked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import RawFileError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.raw_files import (
    has_files,
    is_bundled,
    is_synthetic,
    raw_file,
    raw_folder,
    require_files,
)
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

PORTFOLIO = get_portfolio("german_credit")
TABLE = PORTFOLIO.tables[0]
FILE_NAME = TABLE.file_name


def test_shipped_files_are_used_when_the_user_gave_none(tmp_path: Path) -> None:
    assert raw_folder(Settings(home=tmp_path), PORTFOLIO) == PORTFOLIO.bundled_raw


def test_files_in_the_home_win_over_shipped_ones(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "german_credit"
    folder.mkdir(parents=True)
    (folder / FILE_NAME).write_text("", encoding="utf-8")
    assert raw_file(Settings(home=tmp_path), PORTFOLIO, PORTFOLIO.tables[0]) == folder / FILE_NAME


def test_a_folder_named_by_the_user_is_never_replaced(tmp_path: Path) -> None:
    assert raw_folder(Settings(home=tmp_path, raw=tmp_path / "typo"), PORTFOLIO) == tmp_path / "typo"


def test_the_marker_of_a_generator_is_seen(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, raw=tmp_path)
    assert not is_synthetic(settings, PORTFOLIO)
    (tmp_path / "SYNTHETIC.json").write_text("{}", encoding="utf-8")
    assert is_synthetic(settings, PORTFOLIO)


def test_where_no_file_is_the_command_that_makes_them_is_the_cure(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, raw=tmp_path)
    home_credit = get_portfolio("home_credit")
    with pytest.raises(RawFileError, match=f"generate home_credit --scale 0.02 --out {tmp_path}"):
        require_files(settings, home_credit, home_credit.tables[0])
    (tmp_path / "bureau.csv").write_text("", encoding="utf-8")
    require_files(settings, home_credit, home_credit.tables[0])


def test_files_that_cannot_be_generated_are_each_reported_by_the_reader(tmp_path: Path) -> None:
    (tmp_path / "German_Credit.csv").write_text("", encoding="utf-8")
    require_files(Settings(home=tmp_path, raw=tmp_path), PORTFOLIO, TABLE)


def store(settings: Settings, name: str, *, digest: str, bundled: bool | None = None) -> None:
    info = CommitInfo(portfolio="german_credit", source_hashes={FILE_NAME: digest}, bundled=bundled)
    Lakehouse(settings.lakehouse_root).write(f"german_credit/raw/{name}", pl.DataFrame({"a": [1]}), info=info)


def shipped_digest() -> str:
    assert PORTFOLIO.bundled_raw is not None
    return hashlib.sha256((PORTFOLIO.bundled_raw / FILE_NAME).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["applications", "applications__refused"])
@pytest.mark.parametrize("bundled", [False, None])
def test_a_home_with_files_of_its_own_never_falls_back(tmp_path: Path, name: str, bundled: bool | None) -> None:
    settings = Settings(home=tmp_path)
    store(settings, name, digest="0" * 64, bundled=bundled)
    expected = tmp_path / "raw" / "german_credit"
    assert raw_folder(settings, PORTFOLIO) == expected
    with pytest.raises(RawFileError, match="The shipped demonstration file is not read in its place") as raised:
        require_files(settings, PORTFOLIO, TABLE)
    assert f"File {expected / FILE_NAME} does not exist (no such folder)." in str(raised.value)


def test_what_was_vacuumed_is_remembered(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    store(settings, "applications", digest="0" * 64, bundled=False)
    store(settings, "applications", digest=shipped_digest(), bundled=True)
    Lakehouse(settings.lakehouse_root).vacuum("german_credit/raw/applications", 1, dry_run=False)
    assert len(Lakehouse(settings.lakehouse_root).versions("german_credit/raw/applications")) == 1
    assert raw_folder(settings, PORTFOLIO) == tmp_path / "raw" / "german_credit"


@pytest.mark.parametrize("bundled", [True, None])
def test_a_home_of_the_demonstration_goes_on_reading_the_shipped_file(tmp_path: Path, bundled: bool | None) -> None:
    settings = Settings(home=tmp_path)
    store(settings, "applications", digest=shipped_digest(), bundled=bundled)
    assert raw_folder(settings, PORTFOLIO) == PORTFOLIO.bundled_raw


def test_a_file_in_other_letters_is_the_users(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "german_credit"
    folder.mkdir(parents=True)
    assert raw_folder(Settings(home=tmp_path), PORTFOLIO) == PORTFOLIO.bundled_raw
    (folder / FILE_NAME.upper()).write_text("", encoding="utf-8")
    assert raw_folder(Settings(home=tmp_path), PORTFOLIO) == folder


def test_the_shipped_file_is_known_wherever_it_is_named(tmp_path: Path) -> None:
    assert PORTFOLIO.bundled_raw is not None
    (tmp_path / "link").symlink_to(PORTFOLIO.bundled_raw)
    assert is_bundled(tmp_path / "link" / FILE_NAME, PORTFOLIO)
    assert not is_bundled(tmp_path / FILE_NAME, PORTFOLIO)


def test_a_file_is_found_packed_and_twice_is_an_error(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, raw=tmp_path)
    table = PORTFOLIO.tables[0]
    (tmp_path / f"{FILE_NAME}.gz").touch()
    assert raw_file(settings, PORTFOLIO, table) == tmp_path / f"{FILE_NAME}.gz"
    assert has_files(tmp_path, PORTFOLIO)
    (tmp_path / FILE_NAME).touch()
    with pytest.raises(RawFileError, match="the same file twice"):
        raw_file(settings, PORTFOLIO, table)


@pytest.mark.parametrize("name", ["German_Credit.csv", "german_credit.csv.zip", "german_credit.xlsx"])
def test_a_home_with_a_file_of_much_the_same_name_does_not_take_the_shipped_one(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "raw" / "german_credit"
    folder.mkdir(parents=True)
    (folder / name).touch()
    assert raw_folder(Settings(home=tmp_path), PORTFOLIO) == folder


def test_the_command_of_the_cure_can_be_pasted(tmp_path: Path) -> None:
    folder, other = tmp_path / "my data", get_portfolio("home_credit")
    with pytest.raises(RawFileError, match=r"--out '.*/my data'"):
        require_files(Settings(home=tmp_path, raw=folder), other, other.tables[0])
