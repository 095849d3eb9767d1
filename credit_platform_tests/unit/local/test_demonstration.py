"""What the demonstration runs on, and how its figures are called; `cli/test_demo.py` runs it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from credit_platform.lakehouse import StoredTable
from credit_platform.local.demonstration import DEMONSTRATIONS, EXPECTED, SEED, Demonstration, Shown
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun

SHIPPED, GENERATED = DEMONSTRATIONS
OURS = json.dumps({"scale": GENERATED.scale, "seed": SEED})


@pytest.mark.parametrize(
    ("mark", "found"),
    [
        (None, "real"),
        (OURS, "usable"),
        (json.dumps({"scale": 1.0, "seed": SEED}), "other generated"),
        (json.dumps({"synthetic": True, "finished": False}), "to be made"),
    ],
)
def test_whose_files_lie_in_the_folder(tmp_path: Path, mark: str | None, found: str) -> None:
    settings = Settings(home=tmp_path)
    folder = GENERATED.raw_folder(settings)
    folder.mkdir(parents=True)
    (folder / "bureau.csv").write_text("mine", encoding="utf-8")
    if mark is not None:
        (folder / "SYNTHETIC.json").write_text(mark, encoding="utf-8")
    assert GENERATED.raw_files(settings) == found


def test_shipped_files_are_usable_and_others_have_to_be_made(tmp_path: Path) -> None:
    assert SHIPPED.raw_files(Settings(home=tmp_path)) == "usable"
    assert GENERATED.raw_files(Settings(home=tmp_path)) == "to be made"


def test_a_restriction_holds_for_its_own_run_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, profile="full")
    assert Demonstration(portfolio="x", restricted={"profile": "quick"}).settings(settings).profile == "quick"
    assert settings.profile == "full"


def test_each_example_has_to_get_the_decision_it_stands_for(finished: FinishedRun) -> None:
    answers = {kind: {"decision": kind} for kind in EXPECTED}
    assert Shown(finished.portfolio, finished.lakehouse, answers).is_as_expected
    answers["refused"] = {"decision": "accepted"}
    assert not Shown(finished.portfolio, finished.lakehouse, answers).is_as_expected


def test_generated_data_are_called_synthetic(finished: FinishedRun) -> None:
    shown = Shown(finished.portfolio, finished.lakehouse, {})
    assert shown.data == "real data"
    version = dataclasses.replace(shown.read("models", "comparison").version, synthetic=True)

    class Generated(Shown):
        def read(self, layer: str, name: str) -> StoredTable:
            return dataclasses.replace(super().read(layer, name), version=version)

    assert Generated(finished.portfolio, finished.lakehouse, {}).data == "synthetic data"
