"""The benchmark of expected performance at a small size: every world can be made, and figures are counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from credit_platform.benchmarks import expected as expected_module
from credit_platform.benchmarks.expected import bench_expected
from credit_platform.benchmarks.expected_jobs import FIGURES, months_held
from credit_platform.benchmarks.expected_worlds import WORLDS
from credit_platform.cli.app import app
from credit_platform.errors import BenchmarkError
from credit_platform.simulation.drifts import DRIFTS
from credit_platform_tests.unit.benchmarks.test_benchmarks import measure_here


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected_module, "measure", measure_here)


@pytest.mark.parametrize("name", [name for name in WORLDS if name != "home_credit"])
def test_a_world_has_others_apply_who_do_as_ever(name: str) -> None:
    world, chance = WORLDS[name](), np.random.default_rng(1)
    for draw in (world.before, *world.after.values()):
        scores, truth = draw(chance, 500)
        assert scores.shape == truth.shape == (500,)
        assert ((truth > 0) & (truth < 1) & (scores > 0) & (scores < 1)).all()
        assert np.corrcoef(scores, truth)[0, 1] > 0.3
    if name in DRIFTS:
        assert list(world.after) == list(DRIFTS[name])


def test_months_that_hold_are_counted_and_a_changed_concept_shows() -> None:
    found = months_held("two kinds", holdouts=2, holdout=2_000, months=6, decisions=1_000, seed=3)["shifts"]
    assert list(found) == ["none", "more new ones", "concept"]
    assert {tuple(by_figure) for by_figure in found.values()} == {FIGURES}
    assert found["none"]["default_rate"]["held"] >= 0.75
    assert found["concept"]["default_rate"]["held"] == 0.0, "the band does not hold, and that can be seen"
    for by_figure in found.values():
        for said in by_figure.values():
            assert 0.0 <= said["least"] <= said["held"] <= 1.0
            assert said["width"] > 0.0


def test_the_command_writes_every_figure(tmp_path: Path) -> None:
    target = tmp_path / "expected.json"
    sizes = ["--holdouts", "1", "--holdout", "1000", "--months", "2", "--decisions", "300"]
    result = CliRunner().invoke(app, ["bench", "expected", "--world", "two kinds", *sizes, "--json", str(target)])
    assert result.exit_code == 0, result.output
    names = [one["name"] for one in json.loads(target.read_text(encoding="utf-8"))["figures"]]
    assert "two kinds, more new ones, auc: held" in names
    assert len(names) == 3 * 3 * 3


def test_an_unknown_world_and_a_holdout_that_says_nothing_are_told() -> None:
    with pytest.raises(BenchmarkError, match="no process 'mine'"):
        bench_expected(worlds=["mine"])
    with pytest.raises(BenchmarkError, match="A holdout of 2 says nothing"):
        months_held("overconfident", holdouts=1, holdout=2, months=1, decisions=100, seed=1)
