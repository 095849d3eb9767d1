"""The file that tells Prometheus what runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from credit_platform.monitoring.scrape_targets import (
    EXPORTER_JOB,
    SERVICE_JOB,
    ScrapeTargets,
    Target,
    announced_targets,
    scrape_address,
    targets_file,
)
from credit_platform.processes import ProcessIdentity
from credit_platform.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "a home, é")


def entries(settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(targets_file(settings).read_text(encoding="utf-8"))
    return found


def test_it_has_the_form_of_file_sd_and_changes_with_the_programs(settings: Settings) -> None:
    service = ScrapeTargets(settings)
    service.replace([Target(SERVICE_JOB, "127.0.0.1:1", {"portfolio": "german_credit"})])
    with announced_targets(settings, [Target(EXPORTER_JOB, "127.0.0.1:2")]):
        service.replace([Target(SERVICE_JOB, "127.0.0.1:3", {"portfolio": "german_credit"})])
        assert {entry["targets"][0] for entry in entries(settings)} == {"127.0.0.1:2", "127.0.0.1:3"}
        for entry in entries(settings):
            assert set(entry) == {"targets", "labels"}
            assert all(isinstance(value, str) for value in entry["labels"].values())
            shown = {name for name in entry["labels"] if not name.startswith("__")}
            assert shown in ({"job"}, {"job", "portfolio"})
    assert [entry["targets"] for entry in entries(settings)] == [["127.0.0.1:3"]]
    service.replace([])
    assert entries(settings) == []


def test_what_a_killed_program_left_goes_with_the_next_change(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ProcessIdentity.own()
    gone = ProcessIdentity(host=own.host, boot=own.boot, namespace=own.namespace, pid=own.pid, started=1.0)
    with monkeypatch.context() as patch:
        patch.setattr(ProcessIdentity, "own", lambda: gone)
        ScrapeTargets(settings).replace([Target(SERVICE_JOB, "127.0.0.1:1")])
    assert len(entries(settings)) == 1
    ScrapeTargets(settings).replace([Target(EXPORTER_JOB, "127.0.0.1:2")])
    assert [entry["targets"] for entry in entries(settings)] == [["127.0.0.1:2"]]


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"targets": ["a:1"], "labels": {}}]', "null"])
def test_a_file_that_is_not_ours_is_replaced(settings: Settings, content: str) -> None:
    targets_file(settings).parent.mkdir(parents=True)
    targets_file(settings).write_text(content)
    ScrapeTargets(settings).replace([Target(EXPORTER_JOB, "127.0.0.1:2")])
    assert [entry["targets"] for entry in entries(settings)] == [["127.0.0.1:2"]]


def test_the_address_of_a_program_that_runs_here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scrape_address(settings, SERVICE_JOB, "german_credit") is None
    own = ProcessIdentity.own()
    gone = ProcessIdentity(host=own.host, boot=own.boot, namespace=own.namespace, pid=own.pid, started=1.0)
    with monkeypatch.context() as patch:
        patch.setattr(ProcessIdentity, "own", lambda: gone)
        ScrapeTargets(settings).replace([Target(SERVICE_JOB, "127.0.0.1:1", {"portfolio": "german_credit"})])
    assert scrape_address(settings, SERVICE_JOB, "german_credit") is None
    with announced_targets(settings, [Target(SERVICE_JOB, "127.0.0.1:2", {"portfolio": "german_credit"})]):
        assert scrape_address(settings, SERVICE_JOB, "german_credit") == "127.0.0.1:2"
        assert scrape_address(settings, SERVICE_JOB, "home_credit") is None
        assert scrape_address(settings, EXPORTER_JOB, "german_credit") is None
