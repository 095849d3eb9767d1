"""`credit-platform demo` on a finished run, whose Bento it starts and asks, and with a run that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.cli import demo as module
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import RunReport
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.cli.conftest import Command, words


@pytest.fixture(autouse=True)
def no_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finished run is current, so nothing may run again in its home."""

    def run(*_: object, job: str) -> RunReport:
        pytest.fail(f"{job} ran again")

    monkeypatch.setattr(module, "run_with_progress", run)


def test_a_second_demo_reuses_what_is_there_and_gets_both_decisions(
    on_finished: Command, finished: FinishedRun
) -> None:
    before = {key: finished.lakehouse.latest(key) for key in finished.lakehouse.keys("german_credit/")}
    result = on_finished("demo")
    assert result.exit_code == 0, (result.output, result.exception)
    shown = words(result)
    assert "using what is there" in shown
    assert "POST /predict: accepted" in shown
    assert "POST /predict: refused" in shown
    assert {key: finished.lakehouse.latest(key) for key in finished.lakehouse.keys("german_credit/")} == before


def test_the_summary_has_the_stored_figures_and_says_where_things_are(
    on_finished: Command, finished: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"probability_of_default": 0.1234, "threshold": 0.2, "points": 500, "reasons": [{"text": "A [reason]."}]}
    answers = {kind: {**answer, "decision": kind} for kind in module.EXPECTED}
    monkeypatch.setattr(module, "_ask", lambda *_: answers)
    shown = words(on_finished("demo"))
    for row in finished.lakehouse.scan("german_credit/models/comparison").collect().iter_rows(named=True):
        assert f"{row['title']} │ {row['auc']:.3f} ({row['auc_low']:.3f} to {row['auc_high']:.3f})" in shown
    threshold = finished.lakehouse.read("german_credit/models/threshold").summary
    assert f"from a probability of default of {threshold['threshold']:.3f}" in shown
    assert "accepting all costs 1.50, refusing all 0.70" in shown
    assert "real data" in shown
    assert "probability of default 0.123, threshold 0.200, 500 points" in shown
    assert "- A [reason]." in shown
    home = finished.settings.home
    for place in (home / "lakehouse", home / "reports" / "german_credit", home / "mlflow", home / "bentos"):
        assert str(place) in shown
    assert "make up" in shown


def test_another_decision_than_expected_is_a_failure(on_finished: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"probability_of_default": 0.1, "threshold": 0.2, "points": 5, "reasons": [], "decision": "accepted"}
    monkeypatch.setattr(module, "_ask", lambda *_: dict.fromkeys(module.EXPECTED, answer))
    assert on_finished("demo").exit_code == 1


def test_a_run_that_fails_ends_the_demo(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    report = RunReport(run_id="a", success=False, materialised=(), errors=("No disk. Buy one.",), failed_checks=())
    jobs: list[str] = []

    def fail(*_: object, job: str) -> RunReport:
        jobs.append(job)
        return report

    monkeypatch.setattr(module, "run_with_progress", fail)
    result = command("demo")
    assert result.exit_code == 1
    assert "Failed: No disk. Buy one." in result.output
    assert jobs == ["german_credit"]
    assert Lakehouse(str(tmp_path / "lakehouse")).keys() == []
