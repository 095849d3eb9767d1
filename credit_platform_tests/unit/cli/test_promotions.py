"""`credit-platform promotions` in a narrow terminal, on the tables of a finished run."""

from __future__ import annotations

import pytest

from credit_platform.cli import promotions
from credit_platform.errors import DamagedTableError
from credit_platform.governance.promotion_history import history
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.cli.conftest import Command


def test_why_something_was_decided_is_a_sentence_at_any_width(
    on_finished: Command, finished: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    newest = history(finished.lakehouse, finished.portfolio.name)[0]
    result = on_finished("promotions", finished.portfolio.name)
    assert result.exit_code == 0
    assert f"  reason      {newest.decision.reason}" in result.output.splitlines()
    assert "decision" in result.output


def test_a_damaged_record_of_deployments_hides_no_promotion(
    on_finished: Command, finished: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise DamagedTableError("A file was altered.", "credit-platform deploy german_credit")

    monkeypatch.setattr(promotions, "newest_deployments", damaged)
    result = on_finished("promotions", finished.portfolio.name)
    assert result.exit_code == 0
    assert history(finished.lakehouse, finished.portfolio.name)[0].decision.reason in result.output
    assert "Attention: A file was altered. credit-platform deploy german_credit" in result.output
