"""`credit-platform registry`, and the comparison beside a service that starts."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest

from credit_platform.cli.registry import registry_compared, registry_sentence
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.keys import champion_key
from credit_platform.settings import Settings
from credit_platform_tests.records import promoted_model
from credit_platform_tests.unit.cli.conftest import Command, words

NAME = "german_credit"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home whose champion is recorded, and whose MLflow database is gone."""
    settings = Settings(home=tmp_path / "société 1")
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(settings.home))
    model = promoted_model("d" * 64)
    Lakehouse(settings.lakehouse_root).write(champion_key(NAME), pl.DataFrame({"x": [1]}), summary=model.to_summary())
    return settings


def test_a_home_without_champion_and_registry_has_nothing_to_tell(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "empty"))
    result = command("registry", NAME)
    assert result.exit_code == 0
    assert "says what the promotion history says" in words(result)


def test_what_is_different_is_told_with_what_serves_and_the_cure(command: Command, home: Settings) -> None:
    result = command("registry", NAME)
    assert result.exit_code == 1
    assert "MLflow's database is gone. In production, and served, is xgboost version 1 (scorer dddddddddddd)" in words(
        result
    )
    assert "credit-platform registry german_credit --mend" in words(result)
    assert registry_sentence(home, NAME) is not None


def test_an_mlflow_that_cannot_be_asked_stops_no_command_that_goes_on_without_it(home: Settings) -> None:
    database = home.home / "mlflow" / "mlflow.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"no database at all, and long enough to be looked at" * 40)
    told = registry_sentence(home, NAME)
    assert told is not None
    assert told.startswith("MLflow could not be asked where its alias is: ")
    assert "is damaged" in told


def test_beside_a_service_it_is_told_from_a_process_of_its_own(home: Settings) -> None:
    said: list[str] = []
    with registry_compared(home, [NAME], said.append):
        until = time.monotonic() + 60
        while not said and time.monotonic() < until:
            time.sleep(0.05)
    assert "no alias decides that" in said[0]


def test_a_service_that_ends_at_once_leaves_no_process(home: Settings) -> None:
    said: list[str] = []
    with registry_compared(home, [NAME, "home_credit"], said.append):
        pass
    assert said == []
