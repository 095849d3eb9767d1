"""A version is one everywhere: project, chart, images, tag, changelog; what is published is noted by digest."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts.chart.helm import CHART, ROOT
from scripts.delivery import notes as release_notes
from scripts.delivery import publish
from scripts.delivery.images import read_images
from scripts.delivery.notes import main, notes, versions
from scripts.images.build import IMAGES


def test_every_file_names_the_same_version() -> None:
    assert len(set(versions().values())) == 1, versions()


def test_the_tags_of_the_chart_become_the_labels_of_its_pods() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["version"] == chart["appVersion"]
    manifests = (ROOT / "k8s" / "dev" / "service.yaml").read_text(encoding="utf-8")
    assert f"credit-platform/service:{chart['version']}" in manifests


def test_the_section_of_a_version_is_its_notes(capsys: pytest.CaptureFixture[str]) -> None:
    version = versions()["pyproject.toml"]
    assert main([f"v{version}"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("### ")
    assert "\n## [" not in said
    assert said == notes(version)
    assert main([f"v{version}-rc.1"]) == 0, "a candidate has the notes of what it is to become"


def test_another_version_is_refused_by_the_files_that_disagree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v9.9.9"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "pyproject.toml says" in said.err
    assert "docker/service.Dockerfile says" in said.err
    assert main([]) == 1


def test_a_section_without_a_date_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    version = versions()["pyproject.toml"]
    monkeypatch.setattr(release_notes, "_changelog", lambda: f"## [Unreleased]\n\n## [{version}]\n\n- x\n")
    assert main([f"v{version}"]) == 1
    assert "has no date" in capsys.readouterr().err


# --- images --------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Calls of docker, which says what it pushed as BuildKit does."""
    calls: list[tuple[str, ...]] = []

    def docker(*words: str, check: bool, shown: bool) -> subprocess.CompletedProcess[str]:
        calls.append(words)
        digest = f"sha256:{str(len(calls)) * 64}"
        Path(words[words.index("--metadata-file") + 1]).write_text(json.dumps({"containerimage.digest": digest}))
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(publish, "docker", docker)
    monkeypatch.setattr(publish, "answers", lambda: 0)
    return calls


def test_what_is_published_can_be_deployed(asked: list[tuple[str, ...]], tmp_path: Path) -> None:
    tag = f"v{versions()['pyproject.toml']}"
    assert publish.main(["registry.example.org/us", tag, str(tmp_path / "é x")]) == 0
    images = read_images(tag, tmp_path / "é x" / tag / "values-digests.yaml")
    assert list(images.digests) == sorted(IMAGES)
    assert images.values["images"]["registry"] == "registry.example.org/us"
    for words, name in zip(asked, IMAGES, strict=True):
        assert f"registry.example.org/us/credit-platform/{name}:{tag[1:]}" in words
        assert {"--provenance=mode=max", "--sbom=true", "--push", f"VERSION={tag[1:]}"} <= set(words)


def test_a_build_that_fails_publishes_no_digests(
    asked: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess[str](["docker"], 1, "", "")
    monkeypatch.setattr(publish, "docker", lambda *_, **__: failed)
    assert publish.main(["registry.example.org/us", "v0.2.0", str(tmp_path)]) == 1
    assert list(tmp_path.iterdir()) == []
    assert publish.main(["", "v0.2.0"]) == 1
    assert publish.main(["registry.example.org/us", "latest"]) == 1
