"""An image of its own for a promoted Bento: what docker is told, and what is said where it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import ServiceError
from credit_platform.serving.containers import containerize
from credit_platform.settings import Settings
from credit_platform_tests.unit.serving.test_bento_fetching import promote, source_digest

BASE = "registry.example.org/service@sha256:0"
# Stands for docker: notes its arguments, and that what it builds from is there; then fails when it is told to.
DOCKER = """#!/bin/sh
for last; do :; done
test -f "$last/Dockerfile" && test -f "$last/bento/src/bento/service.py" || exit 9
for argument; do echo "$argument"; done > "$NOTED"
[ -z "$FAILS" ] || { echo "no space left" >&2; exit 1; }
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "mes données é")


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs with one called docker; returns where it notes what it was told."""
    programs, noted = tmp_path / "programs", tmp_path / "noted"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER)
    (programs / "docker").chmod(0o755)
    for name, value in {"PATH": f"{programs}:/usr/bin:/bin", "NOTED": str(noted), "FAILS": ""}.items():
        monkeypatch.setenv(name, value)
    return noted


def test_it_is_named_by_what_it_serves_with(settings: Settings, docker: Path) -> None:
    record = promote(settings, "1")
    for _ in range(2):
        image = containerize(settings, "toy", source_digest(record), base=BASE, prefix="registry.example.org/lending/")
    assert image.reference == f"registry.example.org/lending/service-toy:{record.source_digest}"
    assert (image.bento, image.digest) == (record.tag, record.digest)
    told = docker.read_text().splitlines()
    assert told[:5] == ["build", "--tag", image.reference, "--build-arg", f"BASE={BASE}"]
    assert f"credit-platform.bento-digest={record.source_digest}" in told


def test_what_was_altered_gets_into_no_image(settings: Settings, docker: Path) -> None:
    promote(settings, "1")
    with pytest.raises(ServiceError, match="has the digest"):
        containerize(settings, "toy", "0" * 64, base=BASE, prefix="x")
    assert not docker.exists()


def test_what_docker_says_is_told(settings: Settings, docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = promote(settings, "1")
    monkeypatch.setenv("FAILS", "yes")
    with pytest.raises(ServiceError, match="no space left"):
        containerize(settings, "toy", source_digest(record), base=BASE, prefix="x")


def test_without_docker_there_is_another_way(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    record = promote(settings, "1")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ServiceError, match="fetch-bento"):
        containerize(settings, "toy", source_digest(record), base=BASE, prefix="x")
