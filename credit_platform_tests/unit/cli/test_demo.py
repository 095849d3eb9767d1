"""`credit-platform demo` on a finished run, whose Bento it starts and asks, and with a run that fails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from credit_platform.cli import demo as module
from credit_platform.lakehouse import Lakehouse
from credit_platform.local.demonstration import DEMONSTRATIONS, EXPECTED, SEED
from credit_platform.local.side_by_side import PlannedRun
from credit_platform.local.watched_week import Week
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.cli.conftest import Command, words

GERMAN, HOME = DEMONSTRATIONS
ANSWER = {"probability_of_default": 0.1234, "threshold": 0.2, "points": 500, "reasons": [{"text": "A [reason]."}]}


@pytest.fixture(autouse=True)
def only_german_credit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finished run has no other portfolio."""
    monkeypatch.setattr(module, "DEMONSTRATIONS", (GERMAN,))


@pytest.fixture(autouse=True)
def no_week(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of the finished run is for all tests: nobody may decide about simulated applicants in it."""
    monkeypatch.setattr(module, "week_of", lambda *_: "No week is simulated here.")


@pytest.fixture(autouse=True)
def no_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finished run is current, so nothing may run again in its home."""

    def run(planned: Sequence[PlannedRun], *_: object) -> bool:
        assert not planned
        return True

    monkeypatch.setattr(module, "run_side_by_side", run)


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
    answers = {kind: {**ANSWER, "decision": kind} for kind in EXPECTED}
    monkeypatch.setattr(module, "ask", lambda *_: answers)
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
    assert "German Credit │ real data │ 1,000 │ " in shown
    for place in (home / "lakehouse", home / "reports" / "german_credit", home / "mlflow", home / "bentos"):
        assert str(place) in shown
    assert "make up" in shown
    assert "No week is simulated here." in shown


def test_another_decision_than_expected_is_a_failure(on_finished: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"probability_of_default": 0.1, "threshold": 0.2, "points": 5, "reasons": [], "decision": "accepted"}
    monkeypatch.setattr(module, "ask", lambda *_: dict.fromkeys(EXPECTED, answer))
    assert on_finished("demo").exit_code == 1


def test_a_run_that_fails_ends_the_demo(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    planned: list[PlannedRun] = []

    def fail(runs: Sequence[PlannedRun], *_: object) -> bool:
        planned.extend(runs)
        return False

    monkeypatch.setattr(module, "run_side_by_side", fail)
    assert command("demo").exit_code == 1
    assert planned == [PlannedRun(portfolio="german_credit")]
    assert Lakehouse(str(tmp_path / "lakehouse")).keys() == []


def test_a_week_is_watched_where_its_pages_are_not_there_yet(
    on_finished: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {kind: {**ANSWER, "decision": kind} for kind in EXPECTED}
    monkeypatch.setattr(module, "ask", lambda *_: answers)
    ran: list[PlannedRun] = []

    def run(planned: Sequence[PlannedRun], *_: object) -> bool:
        ran.extend(planned)
        return not planned

    monkeypatch.setattr(module, "run_side_by_side", run)
    week = Week(applicants=490, accepted=167, new=True, watched=False)
    monkeypatch.setattr(module, "week_of", lambda *_: week)
    result = on_finished("demo")
    assert result.exit_code == 1, "what watches failed, and so did the demonstration"
    assert ran == [PlannedRun(portfolio="german_credit", monitoring=True)]


class Home:
    """The demonstration of home_credit with everything slow replaced: the generator, the run, the service."""

    def __init__(self, command: Command, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.command, self.folder = command, settings.home / "raw" / "home_credit"
        self.written: list[dict[str, object]] = []
        self.ran: list[PlannedRun] = []
        monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(settings.home))
        monkeypatch.setattr(module, "DEMONSTRATIONS", (HOME,))
        monkeypatch.setattr(module, "write_files", self.write)
        monkeypatch.setattr(module, "run_side_by_side", self.run)

    def put(self, mark: str | None) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / "bureau.csv").write_text("mine", encoding="utf-8")
        if mark is not None:
            (self.folder / "SYNTHETIC.json").write_text(mark, encoding="utf-8")

    def write(self, name: str, out: Path, _: object, **options: object) -> Written:
        self.written.append({"name": name, "out": out, **options})
        return Written(rows={"bureau": 12}, bytes=3_000_000)

    def run(self, planned: Sequence[PlannedRun], *_: object) -> bool:
        self.ran.extend(planned)
        return not planned


@dataclass(frozen=True)
class Written:
    rows: dict[str, int]
    bytes: int


@pytest.fixture
def home(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    return Home(command, Settings(home=tmp_path), monkeypatch)


def test_files_are_generated_on_first_use_and_the_restriction_is_told(home: Home) -> None:
    shown = words(home.command("demo"))
    assert home.written == [{"name": "home_credit", "out": home.folder, "scale": HOME.scale, "seed": SEED}]
    assert "12 rows, 3 MB" in shown
    assert HOME.restriction in shown
    assert home.ran == [PlannedRun(portfolio="home_credit", settings=HOME.restricted)]


def test_files_of_an_earlier_demonstration_are_used_again(home: Home) -> None:
    home.put(json.dumps({"scale": HOME.scale, "seed": SEED}))
    home.command("demo")
    assert (home.written, len(home.ran)) == ([], 1)


def test_a_generation_that_was_killed_is_done_again(home: Home) -> None:
    home.put(json.dumps({"synthetic": True, "finished": False}))
    home.command("demo")
    assert (len(home.written), len(home.ran)) == (1, 1)


@pytest.mark.parametrize(
    ("mark", "whose"), [(None, "real files"), (json.dumps({"scale": 1.0, "seed": 7}), "other generated files")]
)
def test_files_of_the_user_are_left_alone(home: Home, mark: str | None, whose: str) -> None:
    home.put(mark)
    result = home.command("demo")
    assert (home.written, home.ran) == ([], [])
    assert f"holds {whose}; the demonstration leaves them alone and skips Home Credit" in words(result)
    assert (home.folder / "bureau.csv").read_text(encoding="utf-8") == "mine"
    assert result.exit_code == 0
