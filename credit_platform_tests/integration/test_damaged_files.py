"""Damaged raw files through the real graph: a clear error or a quarantined row, and nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

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
    "wrong delimiter": (lambda lines: joined([line.replace(",", ";") for line in lines]), "delimiter"),
    "missing column": (
        lambda lines: joined([",".join(line.split(",")[:5] + line.split(",")[6:]) for line in lines]),
        "amount",
    ),
    "extra column": (
        lambda lines: joined([lines[0] + ",shoe_size", *(line + ",42" for line in lines[1:])]),
        "shoe_size",
    ),
    "truncated last line": (lambda lines: joined(lines)[:-40], "line 1001"),
    "not UTF-8": (lambda lines: joined(lines[:3]) + "é\n".encode("latin-1") + joined(lines[3:]), "UTF-8"),
}

ROW_DAMAGES: dict[str, tuple[Callable[[list[str]], bytes], str]] = {
    "text in a number": (lambda lines: with_cell(lines, 7, "amount", "a lot"), "type:amount"),
    "unknown category": (lambda lines: with_cell(lines, 7, "purpose", "spaceship"), "allowed:purpose"),
    "duplicate id": (lambda lines: joined([*lines, lines[7]]), "duplicate_key"),
}


@pytest.fixture
def with_good_version(german_credit: Portfolio, fresh: Settings) -> tuple[Portfolio, Settings, str]:
    report = ingest(german_credit, fresh, joined(good_lines(german_credit)))
    assert report.success, report.errors
    version = Lakehouse(fresh.lakehouse_root).latest(KEY)
    assert version is not None
    return german_credit, fresh, version.content_hash


@pytest.mark.parametrize("name", FILE_DAMAGES)
def test_a_damaged_file_is_named_and_the_good_version_stays(
    name: str, with_good_version: tuple[Portfolio, Settings, str]
) -> None:
    portfolio, settings, content_hash = with_good_version
    damage, named = FILE_DAMAGES[name]
    report = ingest(portfolio, settings, damage(good_lines(portfolio)))
    assert not report.success
    assert len(report.errors) == 1
    assert "german_credit.csv" in report.errors[0]
    assert named in report.errors[0]
    latest = Lakehouse(settings.lakehouse_root).latest(KEY)
    assert latest is not None
    assert latest.content_hash == content_hash


@pytest.mark.parametrize("name", ROW_DAMAGES)
def test_a_damaged_row_is_kept_aside_with_its_rule(
    name: str, with_good_version: tuple[Portfolio, Settings, str]
) -> None:
    portfolio, settings, _ = with_good_version
    damage, rule = ROW_DAMAGES[name]
    content = damage(good_lines(portfolio))
    report = ingest(portfolio, settings, content)
    assert report.success, report.errors
    lakehouse = Lakehouse(settings.lakehouse_root)
    rejected = lakehouse.scan(f"{KEY}__rejected").collect()
    assert rejected["rule"].to_list() == [rule]
    kept = lakehouse.latest(KEY)
    assert kept is not None
    assert kept.rows + rejected.height == content.count(b"\n") - 1


def test_too_many_rejected_rows_stop_the_run(german_credit: Portfolio, fresh: Settings) -> None:
    lines = good_lines(german_credit)
    place = lines[0].split(",").index("purpose")
    for row in range(1, 101):
        cells = lines[row].split(",")
        cells[place] = "spaceship"
        lines[row] = ",".join(cells)
    report = ingest(german_credit, fresh, joined(lines))
    assert not report.success
    assert [(check.check, check.blocking) for check in report.failed_checks] == [("rejected_share", True)]
    assert Lakehouse(fresh.lakehouse_root).scan(f"{KEY}__rejected").collect().height == 100


def test_an_unchanged_file_is_not_ingested_twice(with_good_version: tuple[Portfolio, Settings, str]) -> None:
    portfolio, settings, _ = with_good_version
    report = ingest(portfolio, settings, joined(good_lines(portfolio)))
    assert report.success
    assert len(Lakehouse(settings.lakehouse_root).versions(KEY)) == 1


def test_the_file_of_another_folder_is_read(german_credit: Portfolio, fresh: Settings, tmp_path: Path) -> None:
    lines = good_lines(german_credit)
    assert ingest(german_credit, fresh, joined(lines[:501])).success
    latest = Lakehouse(fresh.lakehouse_root).latest(KEY)
    assert latest is not None
    assert latest.rows == 500
