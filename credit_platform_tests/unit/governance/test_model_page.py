"""The page of the model in production: figures of its tables, and what is said where there is none."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from credit_platform.cli import app
from credit_platform.errors import ModellingError
from credit_platform.governance.model_page import model_page
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.records import ThresholdRecord
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.finished_run import FinishedRun

ROOT = Path(__file__).parents[3]
HEADINGS = re.compile(r"^##? .*$", re.MULTILINE)


def test_the_page_has_the_figures_of_the_run(finished: FinishedRun) -> None:
    page = model_page(finished.portfolio, finished.lakehouse)
    threshold = ThresholdRecord.of(finished.lakehouse.read("german_credit/models/threshold"))
    assert f"**{threshold.rule.threshold:.2%}**" in page
    assert page.count("| **") == 1, "one candidate is selected"
    # The committed page is of this form: it is written by the same command, on the whole demonstration.
    committed = (ROOT / "docs" / "ML_MODEL.md").read_text(encoding="utf-8")
    assert HEADINGS.findall(committed) == HEADINGS.findall(page)
    assert "model-page german_credit" in committed


def test_without_a_champion_the_way_to_one_is_named(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ModellingError, match="credit-platform run german_credit"):
            model_page(get_portfolio("german_credit"), Lakehouse(str(tmp_path / "mes données é")))


def test_it_is_written_to_a_file_or_printed(
    finished: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(finished.settings.home))
    file = tmp_path / "mon modèle.md"
    assert CliRunner().invoke(app, ["model-page", "german_credit", "--out", str(file)]).exit_code == 0
    assert CliRunner().invoke(app, ["model-page", "german_credit"]).stdout == file.read_text(encoding="utf-8")
    (tmp_path / "file").touch()
    wrong = CliRunner().invoke(app, ["model-page", "german_credit", "--out", str(tmp_path / "file" / "page.md")])
    assert "cannot be written" in str(wrong.exception)
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "pipe", Path()):
        refused = CliRunner().invoke(app, ["model-page", "german_credit", "--out", str(place)])
        assert "no file can replace it" in str(refused.exception)
    assert (tmp_path / "pipe").is_fifo()
