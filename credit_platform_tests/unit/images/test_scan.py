"""What scanners are told to leave out, each with a reason, and that nothing that is committed is passed by."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from credit_platform_tests.unit.images.recipes import RECIPES, ROOT
from scripts.images import scan


def test_every_rule_that_is_left_out_has_its_reason_above_it() -> None:
    lines = (ROOT / ".checkov.yaml").read_text(encoding="utf-8").splitlines()
    left_out = [number for number, line in enumerate(lines) if line.strip().startswith("- CKV")]
    assert len(left_out) == len(yaml.safe_load("\n".join(lines))["skip-check"])
    assert all(lines[number - 1].strip().startswith("# ") for number in left_out)


def test_what_trivy_may_not_say_is_of_files_that_are_there_and_has_a_reason() -> None:
    told = yaml.safe_load((ROOT / "trivy.yaml").read_text(encoding="utf-8"))
    ignored = yaml.safe_load((ROOT / told["ignorefile"]).read_text(encoding="utf-8"))["misconfigurations"]
    assert ignored
    for each in ignored:
        assert len(each["statement"]) > 8
        assert any(list(ROOT.glob(path)) for path in each["paths"]), each["id"]
    assert told["exit-code"] == 1
    assert set(told["scan"]["scanners"]) == {"misconfig", "secret"}


def test_every_recipe_and_both_ways_of_the_chart_are_looked_at(tmp_path: Path) -> None:
    with_helm = scan.commands(tmp_path, tmp_path / "everything.yaml")
    asked = {word for command in with_helm.values() for word in command}
    assert {f"docker/{recipe.name}" for recipe in RECIPES} <= asked
    assert {*scan.COMPOSE, "docker", "k8s", str(tmp_path / "everything.yaml")} <= asked
    without = scan.commands(tmp_path, None)
    assert set(with_helm) - set(without) == {"every switch of the chart, checkov"}


def test_programs_that_are_not_there_are_an_error_with_a_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scan, "TOOLS", tmp_path / "mes données é")
    assert scan.main() == 2
    assert "make scan" in capsys.readouterr().err
