"""`simulate --outcomes`: what it says and writes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.settings import Settings
from credit_platform_tests.unit.cli.conftest import Command, words
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "a home, é"))
    return tmp_path / "a home, é"


def fill(home: Path, *portfolios: str, decided_at: datetime | None = None) -> None:
    with_ids = [
        make_record(f"r{number}", portfolio=portfolio, decision="accepted", decided_at=decided_at or datetime.now(UTC))
        for number, portfolio in enumerate(portfolios, start=1)
    ]
    store = DecisionStore(Settings(home=home).decision_log)
    store.append(with_ids)
    store.close()


def test_an_empty_log_is_told_and_not_made(command: Command, home: Path) -> None:
    result = command("simulate", "--outcomes")
    assert result.exit_code == 1
    assert "holds no decision, so there is no loan to speak of" in str(result.exception)
    assert not (home / "decisions").exists()


def test_young_loans_are_not_told_of_unless_it_is_pretended(command: Command, home: Path) -> None:
    fill(home, "german_credit", "german_credit")
    result = command("simulate", "--outcomes")
    assert result.exit_code == 1
    assert "nothing was written. Pretend that they are older: --months 12." in words(result)
    assert not (home / "raw").exists()
    result = command("simulate", "--outcomes", "--months", "12")
    assert result.exit_code == 0, words(result)
    assert re.search(r"2 loans of German Credit as if they were 12 months old, .* synthetic rows", words(result))
    rows = pl.read_csv(home / "raw" / "german_credit" / "outcomes" / "synthetic_outcomes.csv")
    assert set(rows["synthetic"]) == {1}
    assert rows["request_id"].n_unique() == 2


def test_two_portfolios_in_the_log_ask_for_a_choice(command: Command, home: Path) -> None:
    fill(home, "german_credit", "home_credit")
    assert "Choose one with --portfolio" in str(command("simulate", "--outcomes", "--months", "6").exception)
    chosen = command("simulate", "--outcomes", "--months", "6", "--portfolio", "home_credit", "--drift", "recession")
    assert chosen.exit_code == 0, words(chosen)


def test_an_unknown_drift_names_the_known_ones_and_months_go_with_outcomes_only(command: Command, home: Path) -> None:
    fill(home, "german_credit")
    unknown = command("simulate", "--outcomes", "--months", "6", "--drift", "boom")
    assert "Known: recession (everybody defaults more often" in str(unknown.exception)
    assert "without --outcomes none is told of" in str(command("simulate", "--months", "6").exception)
