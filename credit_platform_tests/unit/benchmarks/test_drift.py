"""The drift benchmark at a small size: all is measured, and days without drift raise no alarm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from credit_platform.benchmarks import Role
from credit_platform.benchmarks import drift as drift_module
from credit_platform.benchmarks.drift import bench_alarms, bench_drift
from credit_platform.benchmarks.drift_jobs import days_judged, made_up_decisions
from credit_platform.cli.app import app
from credit_platform.settings import Settings
from credit_platform_tests.unit.benchmarks.test_benchmarks import measure_here

FEATURES = 70


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift_module, "measure", measure_here)
    monkeypatch.setattr(drift_module, "TRAINING", 5_000)
    monkeypatch.setattr(drift_module, "PEER_TRAINING", 500)


def test_time_is_measured_beside_a_floor_and_evidently(tmp_path: Path) -> None:
    done = bench_drift(Settings(home=tmp_path), features=7, decisions=500)
    roles = [measured.role for measured in done.measurements]
    assert roles == [Role.PLATFORM, Role.FLOOR, Role.PLATFORM, Role.PEER]
    assert set(done.measurements[0].parts) == {"counting", "judging"}
    assert done.figure("values") == 3_500
    assert all(done.figure(f"processor time: {part}") > 0 for part in ("counting", "judging", "sorting"))
    assert done.figure("drifted") == 0
    assert done.conditions.data == "synthetic decisions, made up in memory"


@pytest.mark.parametrize(("a_day", "first"), [(100, 2), (1_000, 0)])
def test_ten_shifted_features_alarm_in_the_first_valid_window_and_nothing_else_does(a_day: int, first: int) -> None:
    same = days_judged(FEATURES, 5_000, a_day, 4)
    assert (same["alarms"], same["most_drifted"]) == (0, 0)
    shifted = days_judged(FEATURES, 5_000, a_day, 4, shift=0.5, shifted=10)
    assert shifted["first_valid"] == shifted["first_alarm"] == first
    assert shifted["most_drifted"] == 10
    little = days_judged(FEATURES, 5_000, a_day, 4, shift=0.03, shifted=FEATURES)
    assert little["alarms"] == 0


def test_alarms_are_counted_for_each_number_of_decisions(tmp_path: Path) -> None:
    done = bench_alarms(days=2, features=14, a_day=(50, 400), shift=0.5, shifted=4)
    assert [measured.name for measured in done.measurements] == ["2 days of 50 decisions", "2 days of 400 decisions"]
    assert done.figure("400 a day: alarms") == 2
    assert done.figure("400 a day: first day with an alarm") == 1
    assert "50 a day: first day with an alarm" not in {figure.name for figure in done.figures}


def test_the_command_counts_alarms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "home"))
    target = tmp_path / "alarms.json"
    asked = ["bench", "drift", "--days", "2", "--a-day", "300", "--features", "14", "--json", str(target)]
    result = CliRunner().invoke(app, [*asked, "--shift", "0.5", "--no-drift"])
    assert result.exit_code == 0, result.output
    figures = {one["name"]: one["value"] for one in json.loads(target.read_text())["figures"]}
    assert figures["300 a day: alarms"] == 0
    CliRunner().invoke(app, [*asked, "--shift", "0.5"])
    figures = {one["name"]: one["value"] for one in json.loads(target.read_text())["figures"]}
    assert figures["300 a day: alarms"] == 2


def test_decisions_are_made_up_alike_from_a_seed() -> None:
    assert made_up_decisions(8, 30, 4).equals(made_up_decisions(8, 30, 4))
    days = made_up_decisions(8, 30, 4, days=3)["day"]
    assert days.value_counts()["count"].to_list() == [10, 10, 10]
