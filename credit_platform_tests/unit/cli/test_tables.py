"""`credit-platform portfolios`, `tables`, `versions` and `show`, on the tables of a finished run."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse import Lakehouse
from credit_platform.outside_errors import explained
from credit_platform.portfolios import all_portfolios
from credit_platform_tests.finished_run import CANDIDATES, FinishedRun
from credit_platform_tests.unit.cli.conftest import Command, words

KEY = "german_credit/models/comparison"


@pytest.fixture
def two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lakehouse:
    """Table a/b/c, whose only value is the number of its version."""
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    lakehouse = Lakehouse(str(tmp_path / "lakehouse"))
    for version in range(2):
        lakehouse.write("a/b/c", pl.DataFrame({"value": [f"content {version}"]}), summary={"[bold]": [version]})
    return lakehouse


def test_portfolios_are_listed_with_their_source(command: Command) -> None:
    shown = words(command("portfolios"))
    for portfolio in all_portfolios():
        assert portfolio.name in shown
        assert portfolio.title in shown
        assert str(len(portfolio.features)) in shown


def test_versions_say_when_what_and_how_much(on_finished: Command, finished: FinishedRun) -> None:
    latest = finished.lakehouse.latest("german_credit/features/applicants")
    assert latest is not None
    result = on_finished("versions", latest.key)
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if latest.content_hash[:16] in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        str(latest.version),
        f"{latest.timestamp:%Y-%m-%d %H:%M:%S}",
        "1,000",
        f"{latest.bytes:,}",
        str(len(finished.portfolio.features)),
        latest.content_hash[:16],
        latest.code_version,
        finished.report.run_id[:8],
    ]


def test_versions_are_newest_first(command: Command, two_versions: Lakehouse) -> None:
    lines = command("versions", "a/b/c").output.splitlines()
    assert [line.split("│")[1].strip() for line in lines if line.startswith("│")] == ["1", "0"]


def test_the_date_of_a_version_is_whole_on_a_narrow_screen(
    command: Command, two_versions: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert f"{two_versions.versions('a/b/c')[0].timestamp:%Y-%m-%d %H:%M:%S}" in command("versions", "a/b/c").output


def test_a_table_is_shown_with_its_summary(on_finished: Command, finished: FinishedRun) -> None:
    result = on_finished("show", KEY)
    assert result.exit_code == 0
    assert result.output.startswith(f"{len(CANDIDATES)} rows of {KEY} version 0\n")
    assert "xgboost" in result.output
    assert f'"winner": "{finished.lakehouse.read(KEY).summary["winner"]}"' in result.output


@pytest.mark.parametrize("width", [80, 200])
def test_a_table_fits_the_screen(width: int, on_finished: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    output = on_finished("show", KEY).output
    lines = [line for line in output.splitlines() if line[:1] in tuple("┏┡│└")]
    assert len(lines) == 3 + len(CANDIDATES)
    # Both are what the table is looked at for.
    assert re.search(r"candidate +┃ +auc ┃.* cost_per_applicant ┃", output)
    assert "more columns: " in output
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= width


def test_rows_can_be_chosen(on_finished: Command) -> None:
    for rows in (0, 3):
        shown = on_finished("show", "german_credit/models/split", "--rows", str(rows)).output
        assert sum(line.startswith("│") for line in shown.splitlines()) == rows


def test_a_long_summary_is_cut(on_finished: Command) -> None:
    assert on_finished("show", "german_credit/raw/applications").output.rstrip().endswith("… (all of it: --json)")


def test_a_version_is_chosen_by_number_or_by_date(command: Command, two_versions: Lakehouse) -> None:
    newest, first = two_versions.versions("a/b/c")
    assert "content 1" in command("show", "a/b/c").output
    assert "content 0" in command("show", "a/b/c", "--version", "0").output
    just_before = newest.timestamp - timedelta(milliseconds=1)
    assert first.timestamp <= just_before
    for moment, expected in ((newest.timestamp, "content 1"), (just_before, "content 0")):
        assert expected in command("show", "a/b/c", "--as-of", f"{moment:%Y-%m-%dT%H:%M:%S.%f}").output
    day_before = f"{first.timestamp - timedelta(days=1):%Y-%m-%d}"
    assert isinstance(command("show", "a/b/c", "--as-of", day_before).exception, TableNotFoundError)


def test_what_a_table_says_is_not_markup(command: Command, two_versions: Lakehouse) -> None:
    assert '"[bold]": [' in command("show", "a/b/c").output


def test_pins_of_the_settings_are_not_applied_to_show(
    command: Command, two_versions: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_PINS", '{"a/b/c": 0}')
    assert "content 1" in command("show", "a/b/c").output


def test_every_table_of_the_platform_can_be_written_as_csv(
    on_finished: Command, finished: FinishedRun, tmp_path: Path
) -> None:
    for key in finished.lakehouse.keys("german_credit/"):
        path = tmp_path / f"{key.replace('/', '.')}.csv"
        result = on_finished("show", key, "--csv", str(path))
        assert result.exit_code == 0, result.exception
        latest = finished.lakehouse.latest(key)
        assert latest is not None
        assert result.output == f"{latest.rows:,} rows of {key} version {latest.version} -> {path}\n"
        assert pl.read_csv(path, infer_schema=False).height == latest.rows


def test_a_csv_file_that_cannot_be_written_is_named(on_finished: Command, tmp_path: Path) -> None:
    error = on_finished("show", KEY, "--csv", str(tmp_path / "nowhere" / "a.csv")).exception
    assert isinstance(error, OSError)
    outside = explained(error, tmp_path)
    assert outside is not None
    assert "nowhere/a.csv" in outside.what


@pytest.mark.parametrize("name", ["versions", "show"])
def test_an_unknown_table_is_answered_with_those_that_are_called_nearly_so(name: str, on_finished: Command) -> None:
    error = on_finished(name, "german_credit/models/comparisn").exception
    assert isinstance(error, TableNotFoundError)
    assert "german_credit/models/comparisn" in error.what
    assert error.cure.startswith("Called nearly so: german_credit/models/comparison, ")
    assert len(error.cure) < 250
    assert "credit-platform tables lists all" in error.cure


def test_an_empty_home_says_how_to_fill_it(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    error = command("versions", KEY).exception
    assert isinstance(error, TableNotFoundError)
    assert "credit-platform run german_credit" in error.cure


def test_an_unknown_version_is_answered_with_those_that_exist(on_finished: Command) -> None:
    error = on_finished("show", KEY, "--version", "9").exception
    assert isinstance(error, TableNotFoundError)
    assert "version 9" in error.what
    assert "0 (" in error.cure


def test_versions_in_a_narrow_terminal_keep_dates_whole_and_show_no_empty_column(
    command: Command, two_versions: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    shown = command("versions", "a/b/c").output
    assert "  version       1\n" in shown
    assert "features" not in shown
    latest = two_versions.latest("a/b/c")
    assert latest is not None
    assert f"{latest.timestamp:%Y-%m-%d %H:%M:%S}" in shown


def test_tables_are_listed_with_the_newest_version_of_each(on_finished: Command, finished: FinishedRun) -> None:
    shown = on_finished("tables", "german_credit/models").output
    keys = finished.lakehouse.keys("german_credit/models")
    assert [line.split("│")[1].strip() for line in shown.splitlines() if line.startswith("│")] == keys
    assert words(on_finished("tables", "nothing")).startswith("Tables whose key begins with 'nothing'")


@pytest.mark.usefixtures("in_a_pipe")
def test_a_pipe_gets_every_column_of_a_table_and_nothing_else(on_finished: Command, finished: FinishedRun) -> None:
    result = on_finished("show", KEY, "--rows", "2")
    table = finished.lakehouse.read(KEY).frame.collect()
    head, *rows = result.stdout.splitlines()
    assert head.split("\t") == table.columns
    assert [row.split("\t")[0] for row in rows] == table["candidate"].to_list()[:2]
    assert float(rows[0].split("\t")[1]) == table["auc"][0]
    assert f"{len(CANDIDATES)} rows of {KEY} version 0" in result.stderr


def test_json_of_a_table_holds_version_summary_and_rows(on_finished: Command, finished: FinishedRun) -> None:
    told = json.loads(on_finished("show", KEY, "--rows", "1", "--json").stdout)
    stored = finished.lakehouse.read(KEY)
    assert told["content_hash"] == stored.version.content_hash
    assert told["summary"]["winner"] == stored.summary["winner"]
    assert told["first_rows"][0]["auc"] == stored.frame.collect()["auc"][0]
