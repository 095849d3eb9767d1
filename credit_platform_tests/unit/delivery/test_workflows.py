"""What a workflow may be: pinned, bounded, with the rights that each job says, and failing where something fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.chart.helm import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ZIZMOR = ROOT / ".venv" / "workflows" / "bin" / "zizmor"
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def jobs(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].items()


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(file: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in file.read_text("utf-8").splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []


def test_an_action_has_one_version() -> None:
    used = {found for file in WORKFLOWS for found in re.findall(r"uses: (\S+)@(\w+)", file.read_text(encoding="utf-8"))}
    assert len({name for name, _ in used}) == len(used), used


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_rights_are_given_to_jobs_one_by_one(file: Path) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs(file):
        assert job["permissions"].pop("contents") in {"read", "write"}, name
        assert job["timeout-minutes"] <= 60, name


def test_who_may_write_what() -> None:
    found = {
        f"{file.stem}/{name}: {right}"
        for file in WORKFLOWS
        for name, job in jobs(file)
        for right, level in job["permissions"].items()
        if level == "write"
    }
    assert found == {
        "cd/images: packages",
        "codeql/analyse: security-events",
        "release/release: actions",
        "release/release: contents",
    }


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_goes_on_after_an_error_and_no_login_stays(file: Path) -> None:
    assert "continue-on-error" not in file.read_text(encoding="utf-8")
    for name, job in jobs(file):
        for step in job["steps"]:
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False, name
            # What a client may choose gets into a script by the environment alone.
            assert "${{" not in step.get("run", ""), step


def test_ci_looks_at_every_push() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    triggers = yaml.safe_load(text)[True]  # `on`, as YAML 1.1 has it
    assert triggers["push"] == {"branches": ["**"]}
    assert "pull_request" in triggers


def test_only_who_delivers_knows_secrets() -> None:
    """Each of them in a job of the environment whose reviewers decide; GITHUB_TOKEN is of the run."""
    for file in WORKFLOWS:
        for name, job in jobs(file):
            secrets = set(re.findall(r"secrets\.(\w+)", yaml.safe_dump(job))) - {"GITHUB_TOKEN"}
            assert not secrets or job["environment"] in {"staging", "production"}, (file.stem, name, secrets)


def test_production_follows_staging_and_runs_the_script_itself() -> None:
    found = dict(jobs(ROOT / ".github" / "workflows" / "cd.yml"))
    assert (found["staging"]["needs"], found["production"]["needs"]) == ("images", "staging")
    for name in ("staging", "production"):
        scripts = [step["run"] for step in found[name]["steps"] if "scripts/deploy" in step.get("run", "")]
        assert len(scripts) == 1
        assert f'scripts/deploy {name} "${{GITHUB_REF_NAME}}"' in scripts[0]


@pytest.mark.skipif(not ZIZMOR.exists(), reason="there is no zizmor here; get it: make workflow-tools")
def test_zizmor_finds_nothing() -> None:
    words = [str(ZIZMOR), "--offline", "--quiet", "--persona", "pedantic", ".github"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="there is no actionlint here; make check-workflows has")
def test_actionlint_finds_nothing() -> None:
    done = subprocess.run(["actionlint"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
