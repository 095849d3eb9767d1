"""What is stored is current only while files, code and settings stay the same."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.serving import freshness
from credit_platform.serving.freshness import fingerprint, is_current
from credit_platform.settings import Settings
from credit_platform_tests.records import bento_record

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / PORTFOLIO.tables[0].file_name).write_text("a\n1\n", encoding="utf-8")
    return Settings(home=tmp_path / "home", raw=tmp_path)


def record_bento(settings: Settings, folder: Path) -> None:
    summary = bento_record(folder, fingerprint=fingerprint(PORTFOLIO, settings)).to_summary()
    Lakehouse(settings.lakehouse_root).write("german_credit/serving/bento", pl.DataFrame({"a": [1]}), summary=summary)


def test_a_bento_is_current_while_nothing_changes(settings: Settings, tmp_path: Path) -> None:
    assert not is_current(PORTFOLIO, settings)
    record_bento(settings, tmp_path)
    assert is_current(PORTFOLIO, settings)


def test_a_bento_whose_folder_is_gone_is_not_current(settings: Settings, tmp_path: Path) -> None:
    record_bento(settings, tmp_path / "gone")
    assert not is_current(PORTFOLIO, settings)


def test_a_changed_file_makes_it_out_of_date(settings: Settings, tmp_path: Path) -> None:
    record_bento(settings, tmp_path)
    path = tmp_path / PORTFOLIO.tables[0].file_name
    path.write_text("a\n2\n", encoding="utf-8")
    assert not is_current(PORTFOLIO, settings)
    path.unlink()
    assert not is_current(PORTFOLIO, settings)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"profile": "full"},
        {"tuning_trials": 1},
        {"candidates": ("lightgbm",)},
        {"pins": {"german_credit/raw/applications": 0}},
    ],
)
def test_a_setting_that_changes_results_makes_it_out_of_date(change: dict[str, object], settings: Settings) -> None:
    assert fingerprint(PORTFOLIO, settings.model_copy(update=change)) != fingerprint(PORTFOLIO, settings)


@pytest.mark.parametrize("change", [{"threads": 1}, {"notify_webhook": "https://example.org"}])
def test_a_setting_that_changes_no_result_does_not(change: dict[str, object], settings: Settings) -> None:
    assert fingerprint(PORTFOLIO, settings.model_copy(update=change)) == fingerprint(PORTFOLIO, settings)


def test_changed_code_makes_it_out_of_date(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(PORTFOLIO, settings)
    monkeypatch.setattr(freshness, "code_version", lambda *_: "other")
    assert fingerprint(PORTFOLIO, settings) != before
