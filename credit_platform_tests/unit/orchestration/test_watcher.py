"""Whoever looks tells what is new: a command at its end, and the watcher again and again."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

import dagster as dg
import pytest

from credit_platform.environment import prepare_environment
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.orchestration.watcher import Watcher, tell_of_run
from credit_platform.settings import Settings


@dg.op
def breaks() -> None:
    raise dg.Failure("The disk is full.")


@dg.job
def doomed() -> None:
    breaks()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = Settings(home=tmp_path / "un été")
    monkeypatch.setenv("DAGSTER_HOME", str(settings.home.resolve() / "dagster"))
    prepare_environment(settings)
    return settings


def lines(settings: Settings) -> list[tuple[str, str]]:
    file = settings.home / "notifications.jsonl"
    read = map(json.loads, file.read_text().splitlines()) if file.exists() else ()
    return [(line["kind"], line["key"]) for line in read]


def test_a_run_of_the_command_line_is_told_by_it_and_by_nobody_again(settings: Settings) -> None:
    with dg.DagsterInstance.get() as instance:
        run = doomed.execute_in_process(instance=instance, raise_on_error=False)
        told = tell_of_run(settings, run.run_id)
        assert [notice.key for _, notice in told.delivered] == ["step:breaks"]
        assert tell_of_run(settings, run.run_id).delivered == ()
        watcher = Watcher(settings=settings, book=IncidentBook.of(settings), instance=instance)
        assert watcher.look().delivered == ()
        doomed.execute_in_process(instance=instance, raise_on_error=False)
        assert watcher.look().delivered == ()
    assert lines(settings) == [("problem", "step:breaks")]


def test_a_watcher_goes_on_while_its_database_is_away(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    class Stop(threading.Event):
        looks = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.looks += 1
            if self.looks == 2:
                self.set()
            return self.is_set()

    with dg.DagsterInstance.get() as instance:
        watcher = Watcher(settings=settings, book=IncidentBook.of(settings), instance=instance)
        (settings.home / "incidents" / "incidents.db").unlink()
        for name in ("incidents.db-wal", "incidents.db-shm"):
            (settings.home / "incidents" / name).unlink(missing_ok=True)
        (settings.home / "incidents").rmdir()
        (settings.home / "incidents").write_text("in the way")
        with caplog.at_level(logging.ERROR):
            watcher.watch(Stop(), 0)
    assert caplog.text.count("Incidents cannot be written down") == 2
