"""`credit-platform accept`, and what `versions` and `show` say of refused and accepted tables."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import AcceptanceError, SettingError, TableNotFoundError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.tables.before_writing import write_checks
from credit_platform.tables.judging import judge, refuse, submitted
from credit_platform.tables.table import Table
from credit_platform_tests.unit.cli.conftest import Command, words

KEY = "german_credit/models/logistic_regression"


@pytest.fixture
def lakehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lakehouse:
    """A home in which a candidate that is worse than chance was refused."""
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    lakehouse = Lakehouse(str(tmp_path / "lakehouse"))
    table = Table(frame=pl.DataFrame({"target": [0, 1] * 20, "probability": [0.9, 0.1] * 20}))
    judged = judge(submitted(KEY, table), write_checks(KEY), lakehouse)
    refuse(lakehouse, KEY, table, judged, CommitInfo(portfolio="german_credit"))
    return lakehouse


def test_a_refused_table_is_accepted_once(command: Command, lakehouse: Lakehouse) -> None:
    result = command("accept", KEY, "--by", "Ana", "--reason", "a trial")
    assert result.exit_code == 0, result.output
    assert f"{KEY} version 0 is in force: 40 rows. Accepted by Ana (account" in words(result)
    assert "credit-platform run german_credit" in words(result)
    assert isinstance(command("accept", KEY, "--by", "Ana", "--reason", "again").exception, AcceptanceError)
    assert len(lakehouse.versions(KEY)) == 1
    shown = words(command("versions", KEY))
    assert "version 0: Accepted by Ana (account" in shown
    assert "Refused since" not in shown


@pytest.mark.usefixtures("lakehouse")
def test_name_and_reason_are_asked_for(command: Command) -> None:
    assert command("accept", KEY).exit_code == 2  # Typer's own words
    assert isinstance(command("accept", KEY, "--by", " ", "--reason", "x").exception, AcceptanceError)


@pytest.mark.parametrize("what", ["versions", "show"])
@pytest.mark.usefixtures("lakehouse")
def test_a_table_without_a_version_in_force_says_what_was_refused(what: str, command: Command) -> None:
    error = command(what, KEY).exception
    assert isinstance(error, TableNotFoundError)
    assert f"credit-platform show {KEY}__refused" in error.cure


def test_a_refusal_since_the_newest_version_is_told(command: Command, lakehouse: Lakehouse) -> None:
    good = pl.DataFrame({"target": [0, 1], "probability": [0.1, 0.9]})
    lakehouse.write(KEY, good)
    assert "Refused since" not in words(command("versions", KEY))
    table = Table(frame=pl.DataFrame({"target": [0, 1] * 20, "probability": [0.8, 0.1] * 20}))
    judged = judge(submitted(KEY, table), write_checks(KEY), lakehouse)
    refuse(lakehouse, KEY, table, judged, CommitInfo(portfolio="german_credit"))
    for what in ("versions", "show"):
        assert f"by out_of_fold_scores: credit-platform show {KEY}__refused" in words(command(what, KEY))
    assert "0.8" in words(command("show", f"{KEY}__refused"))
    assert "refused and not in force" in words(command("show", f"{KEY}__refused"))


@pytest.mark.usefixtures("lakehouse")
def test_a_run_may_not_be_pinned_to_refused_data(command: Command) -> None:
    error = command("run", "german_credit", "--pin", f"{KEY}__refused=0").exception
    assert isinstance(error, SettingError)
    assert "names data that a check refused" in str(error)
