"""Where raw files are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import RawFileError
from credit_platform.lakehouse.raw_files import has_files, is_synthetic, raw_file, raw_folder, require_files
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

PORTFOLIO = get_portfolio("german_credit")
FILE_NAME = PORTFOLIO.tables[0].file_name


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
        require_files(settings, home_credit)
    (tmp_path / "bureau.csv").write_text("", encoding="utf-8")
    require_files(settings, home_credit)


def test_files_that_cannot_be_generated_are_each_reported_by_the_reader(tmp_path: Path) -> None:
    require_files(Settings(home=tmp_path, raw=tmp_path), PORTFOLIO)


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
    folder = tmp_path / "my data"
    with pytest.raises(RawFileError, match=r"--out '.*/my data'"):
        require_files(Settings(home=tmp_path, raw=folder), get_portfolio("home_credit"))
