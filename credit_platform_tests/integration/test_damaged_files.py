"""Damaged raw files through the real graph: a clear error or a quarantined row, and nothing lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from credit_platform.lakehouse import Lakehouse, TableVersion
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment

KEY = "german_credit/raw/applications"
Damage = Callable[[list[str]], bytes]


def ingest(portfolio: Portfolio, settings: Settings, content: bytes | None) -> RunReport:
    path = settings.raw_folder(portfolio.name) / portfolio.tables[0].file_name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    return run_job(portfolio, settings, job="german_credit_ingestion")


def good_lines(portfolio: Portfolio) -> list[str]:
    assert portfolio.bundled_raw is not None
    text = (portfolio.bundled_raw / portfolio.tables[0].file_name).read_text(encoding="utf-8")
    return text.splitlines()


def joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def with_cell(lines: list[str], row: int, column: str, value: str) -> bytes:
    """`lines` with one cell of data row `row` (1-based) replaced."""
    place = lines[0].split(",").index(column)
    cells = lines[row].split(",")
    cells[place] = value
    return joined([*lines[:row], ",".join(cells), *lines[row + 1 :]])


FILE_DAMAGES: dict[str, tuple[Callable[[list[str]], bytes | None], str]] = {
    "empty file": (lambda lines: b"", "empty"),
    "missing file": (lambda lines: None, "german_credit.csv"),
    "wrong delimiter": (lambda lines: joined([line.replace(",", ";") for line in lines]), "by semicolon, not by comma"),
    "missing column": (
        lambda lines: joined([",".join(line.split(",")[:5] + line.split(",")[6:]) for line in lines]),
        "amount",
    ),
    "extra column": (
        lambda lines: joined([lines[0] + ",shoe_size", *(line + ",42" for line in lines[1:])]),
        "shoe_size",
    ),
    "truncated last line": (lambda lines: joined(lines)[:-40], "its last line, 1001"),
    "not UTF-8": (lambda lines: joined(lines[:3]) + "é\n".encode("latin-1") + joined(lines[3:]), "UTF-8"),
}

ROW_RULES = ["type:amount", "allowed:purpose", "duplicate_key"]


def with_damaged_rows(lines: list[str]) -> bytes:
    """Text in a number, an unknown category, a duplicate id: one row each, in the order of `ROW_RULES`."""
    damaged = with_cell(lines, 7, "amount", "a lot").decode().splitlines()
    damaged = with_cell(damaged, 12, "purpose", "spaceship").decode().splitlines()
    return joined([*damaged, lines[20]])


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, german_credit: Portfolio, dagster_home: Path) -> Settings:
    """A home into which the undamaged file was ingested; tests work on copies."""
    home = tmp_path_factory.mktemp("good")
    (home / "raw_files").mkdir()
    settings = Settings(home=home, raw=home / "raw_files")
    with tool_environment(settings, dagster_home):
        report = ingest(german_credit, settings, joined(good_lines(german_credit)))
    assert report.success, report.errors
    return settings


@pytest.fixture
def with_good_version(good: Settings, fresh: Settings) -> TableVersion:
    """The version that `fresh` holds now."""
    shutil.copytree(good.lakehouse_root, fresh.lakehouse_root)
    (fresh.raw_folder("german_credit") / "german_credit.csv").touch()
    return newest(fresh)


def newest(settings: Settings) -> TableVersion:
    version = Lakehouse(settings.lakehouse_root).latest(KEY)
    assert version is not None
    return version


@pytest.mark.parametrize("name", FILE_DAMAGES)
def test_a_damaged_file_is_named_and_the_good_version_stays(
    name: str, german_credit: Portfolio, fresh: Settings, with_good_version: TableVersion
) -> None:
    damage, named = FILE_DAMAGES[name]
    report = ingest(german_credit, fresh, damage(good_lines(german_credit)))
    assert not report.success
    assert len(report.errors) == 1
    assert "german_credit.csv" in report.errors[0]
    assert named in report.errors[0]
    assert newest(fresh) == with_good_version
    assert Lakehouse(fresh.lakehouse_root).scan(KEY).collect().height == 1000


def test_damaged_rows_are_kept_aside_each_with_its_rule(
    german_credit: Portfolio, fresh: Settings, with_good_version: TableVersion
) -> None:
    content = with_damaged_rows(good_lines(german_credit))
    report = ingest(german_credit, fresh, content)
    assert report.success, report.errors
    rejected = Lakehouse(fresh.lakehouse_root).scan(f"{KEY}__rejected").sort("line").collect()
    assert rejected["rule"].to_list() == ROW_RULES
    assert newest(fresh).version == with_good_version.version + 1
    assert newest(fresh).rows + rejected.height == content.count(b"\n") - 1


def test_too_many_rejected_rows_stop_the_run(
    german_credit: Portfolio, fresh: Settings, with_good_version: TableVersion
) -> None:
    lines = good_lines(german_credit)
    place = lines[0].split(",").index("purpose")
    for row in range(1, 101):
        cells = lines[row].split(",")
        cells[place] = "spaceship"
        lines[row] = ",".join(cells)
    report = ingest(german_credit, fresh, joined(lines))
    assert not report.success
    stopped = [(check.check, check.message) for check in report.failed_checks if check.blocking]
    assert [check for check, _ in stopped] == ["rejected_share"]
    assert "100 of 1000 rows of german_credit.csv rejected (allowed:purpose: 100)" in stopped[0][1]
    lakehouse = Lakehouse(fresh.lakehouse_root)
    assert lakehouse.scan(f"{KEY}__rejected__refused").collect().height == 100
    assert lakehouse.scan(f"{KEY}__rejected").collect().is_empty()
    assert newest(fresh) == with_good_version
    latest = lakehouse.latest("german_credit/quality/report")
    assert latest is not None
    assert latest.version == 0, "the quality report was made although a blocking check had failed"


def test_an_unchanged_file_is_not_ingested_twice(
    german_credit: Portfolio, fresh: Settings, with_good_version: TableVersion
) -> None:
    report = ingest(german_credit, fresh, joined(good_lines(german_credit)))
    assert report.success
    assert KEY in report.materialised
    assert newest(fresh) == with_good_version


def test_the_file_of_another_folder_is_read(german_credit: Portfolio, fresh: Settings) -> None:
    lines = good_lines(german_credit)
    assert ingest(german_credit, fresh, joined(lines[:501])).success
    assert newest(fresh).rows == 500
