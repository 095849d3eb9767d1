"""Sensors fire on what happened, once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.tags import RUN_KEY_TAG, SENSOR_NAME_TAG

from credit_platform.environment import prepare_environment
from credit_platform.monitoring.notices.chosen import notices_file
from credit_platform.orchestration.jobs import ingestion_job
from credit_platform.orchestration.recorded_runs import PROCESS_TAG
from credit_platform.orchestration.runner import run_job
from credit_platform.orchestration.sensors import SETTLED_SECONDS, notice_sensor, raw_file_sensor
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

PORTFOLIO = get_portfolio("german_credit")
FILE_NAME = PORTFOLIO.tables[0].file_name
A, B = "a\n1\n", "a\n2\n"


class Watched:
    """A folder, its sensor, and a daemon that looks: it starts a run per new run key, and drops those it has seen."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance, self.now = folder, instance, 1e12
        self.path = folder / FILE_NAME
        settings = Settings(home=folder, raw=folder)
        self.sensor = raw_file_sensor(PORTFOLIO, ingestion_job(PORTFOLIO), settings, clock=lambda: self.now)
        self.cursor: str | None = None

    def look(self, *, dies: bool = False) -> int:
        """Runs that one look starts; a daemon that dies does not keep the cursor."""
        result = self.sensor(dg.build_sensor_context(instance=self.instance, cursor=self.cursor))
        if isinstance(result, dg.SkipReason):
            return 0
        assert isinstance(result, dg.SensorResult)
        if not dies:
            self.cursor = result.cursor
        return sum(self._start(request) for request in result.run_requests or ())

    def _start(self, request: dg.RunRequest) -> int:
        tags = {SENSOR_NAME_TAG: self.sensor.name, RUN_KEY_TAG: str(request.run_key)}
        if self.instance.get_runs(dg.RunsFilter(tags=tags)):
            return 0
        self.instance.create_run_for_job(noop, tags=tags)
        return 1


@dg.job
def noop() -> None:
    """What a run does is not of interest here."""


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with dg.instance_for_test() as instance:
        yield Watched(tmp_path, instance)


def test_it_waits_for_every_file(watched: Watched) -> None:
    result = watched.sensor(dg.build_sensor_context(instance=watched.instance))
    assert isinstance(result, dg.SkipReason)
    assert FILE_NAME in (result.skip_message or "")


def test_it_fires_once_per_change(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    assert [watched.look(), watched.look()] == [1, 0]
    watched.path.write_text(A + "2\n", encoding="utf-8")
    assert [watched.look(), watched.look()] == [1, 0]


def test_a_file_that_comes_back_with_its_old_time_is_a_change(watched: Watched) -> None:
    original, other = watched.folder / "original", watched.folder / "other"
    original.write_text(A, encoding="utf-8")
    other.write_text(B, encoding="utf-8")
    for source in (original, other, original, other, original):
        shutil.copy2(source, watched.path)  # with its time
        assert [watched.look(), watched.look()] == [1, 0]


def test_the_same_size_and_time_with_other_rows_is_a_change(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    watched.look()
    before = watched.path.stat()
    watched.path.write_text(B, encoding="utf-8")
    os.utime(watched.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watched.path.stat().st_mtime_ns == before.st_mtime_ns
    assert watched.look() == 1


def test_a_file_that_is_being_copied_starts_nothing_until_it_is_quiet(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    watched.now = watched.path.stat().st_ctime + SETTLED_SECONDS / 2
    result = watched.sensor(dg.build_sensor_context(instance=watched.instance))
    assert isinstance(result, dg.SkipReason)
    assert f"Waiting for {watched.path}" in (result.skip_message or "")
    watched.now += SETTLED_SECONDS
    assert watched.look() == 1


def test_a_file_from_a_clock_that_is_ahead_starts_a_run(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    watched.now = watched.path.stat().st_ctime - 3600
    assert watched.look() == 1


def test_a_daemon_that_died_before_it_kept_the_cursor_starts_no_second_run(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    watched.look()
    watched.path.write_text(B, encoding="utf-8")
    assert [watched.look(dies=True), watched.look(), watched.look()] == [1, 0, 0]


def test_what_changed_while_the_daemon_was_dead_is_not_lost(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    watched.look()
    watched.path.write_text(B, encoding="utf-8")
    assert watched.look(dies=True) == 1
    watched.path.write_text(A, encoding="utf-8")
    assert watched.look() == 1


def test_a_cursor_that_was_reset_starts_a_run(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    assert watched.look() == 1
    watched.cursor = None
    assert watched.look() == 1
    watched.cursor = '{"german_credit.csv": [4, 1]}'  # of an earlier release
    assert watched.look() == 1


def test_several_files_that_change_start_one_run(tmp_path: Path) -> None:
    portfolio = get_portfolio("home_credit")
    with dg.instance_for_test() as instance:
        watched = Watched(tmp_path, instance)
        settings = Settings(home=tmp_path, raw=tmp_path)
        watched.sensor = raw_file_sensor(portfolio, ingestion_job(portfolio), settings, clock=lambda: 1e12)
        for text in (A, B + "3\n"):
            for table in portfolio.tables:
                (tmp_path / table.file_name).write_text(text, encoding="utf-8")
            assert [watched.look(), watched.look()] == [1, 0]


def test_it_knows_packed_files_and_waits_while_one_is_there_twice(watched: Watched) -> None:
    (watched.folder / f"{FILE_NAME}.gz").touch()
    assert watched.look() == 1
    watched.path.touch()
    twice = watched.sensor(dg.build_sensor_context(instance=watched.instance))
    assert isinstance(twice, dg.SkipReason)
    assert "the same file twice" in (twice.skip_message or "")


def test_files_that_somebody_ingested_by_hand_start_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path)
    variables = prepare_environment(settings)
    monkeypatch.setenv("DAGSTER_HOME", variables["DAGSTER_HOME"])
    sensor = raw_file_sensor(PORTFOLIO, ingestion_job(PORTFOLIO), settings, clock=lambda: 1e12)
    with dg.DagsterInstance.get() as instance:
        fresh = sensor(dg.build_sensor_context(instance=instance))
        assert isinstance(fresh, dg.SensorResult)  # the shipped file is there to be read
        assert run_job(PORTFOLIO, settings, job=f"{PORTFOLIO.name}_ingestion").success
        context = dg.build_sensor_context(instance=instance)
        first = sensor(context)
        assert isinstance(first, dg.SkipReason)
        assert "ingested these very files" in (first.skip_message or "")
        again = sensor(dg.build_sensor_context(instance=instance, cursor=context.cursor))
        assert isinstance(again, dg.SkipReason)
        assert again.skip_message == "No raw file changed since the last look."


def test_while_a_run_reads_the_files_it_waits_unless_that_run_was_killed(watched: Watched) -> None:
    watched.path.write_text(A, encoding="utf-8")
    tags = {PROCESS_TAG: "999999@1.00"}
    other = watched.instance.create_run_for_job(named("german_credit"), status=dg.DagsterRunStatus.STARTED)
    assert watched.look() == 0
    watched.instance.report_run_failed(other, "It is over.")
    watched.instance.create_run_for_job(named("german_credit"), status=dg.DagsterRunStatus.STARTED, tags=tags)
    assert watched.look() == 1


def named(name: str) -> dg.JobDefinition:
    @dg.job(name=name)
    def job() -> None:
        """Does nothing."""

    return job


def test_the_daemon_tells_of_a_failed_run_once(tmp_path: Path) -> None:
    @dg.op
    def breaks() -> None:
        raise dg.Failure("The disk is full. Make room.")

    @dg.job
    def doomed() -> None:
        breaks()

    settings = Settings(home=tmp_path)
    sensor = notice_sensor(settings)
    with dg.instance_for_test() as instance:
        context = dg.build_sensor_context(instance=instance)
        sensor(context)  # what failed before anybody looked is not told
        result = doomed.execute_in_process(instance=instance, raise_on_error=False)
        said = [sensor(context), sensor(context)]
    (line,) = notices_file(settings).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["message"] == "The disk is full. Make room."
    assert result.run_id in json.loads(line)["link"]
    assert [isinstance(each, dg.SkipReason) and (each.skip_message or "").startswith("Told") for each in said] == [
        True,
        False,
    ]
