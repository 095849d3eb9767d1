"""Sensors fire on what happened, once."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from credit_platform.monitoring.notifiers import FileNotifier
from credit_platform.orchestration.jobs import ingestion_job
from credit_platform.orchestration.sensors import failure_sensor, raw_file_sensor
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings

PORTFOLIO = get_portfolio("german_credit")
FILE_NAME = PORTFOLIO.tables[0].file_name


@pytest.fixture
def sensor(tmp_path: Path) -> dg.SensorDefinition:
    return raw_file_sensor(PORTFOLIO, ingestion_job(PORTFOLIO), Settings(home=tmp_path, raw=tmp_path))


def look(sensor: dg.SensorDefinition, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    with dg.instance_for_test() as instance:
        result = sensor(dg.build_sensor_context(instance=instance, cursor=cursor))
    assert isinstance(result, (dg.SensorResult, dg.SkipReason))
    return result


def test_raw_file_sensor_waits_for_every_file(sensor: dg.SensorDefinition) -> None:
    result = look(sensor, None)
    assert isinstance(result, dg.SkipReason)
    assert FILE_NAME in (result.skip_message or "")


def test_raw_file_sensor_fires_once_per_change(sensor: dg.SensorDefinition, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("a\n1\n", encoding="utf-8")
    first = look(sensor, None)
    assert isinstance(first, dg.SensorResult)
    assert len(first.run_requests or []) == 1
    assert isinstance(look(sensor, first.cursor), dg.SkipReason)
    (tmp_path / FILE_NAME).write_text("a\n1\n2\n", encoding="utf-8")
    second = look(sensor, first.cursor)
    assert isinstance(second, dg.SensorResult)
    assert second.cursor != first.cursor


def test_raw_file_sensor_knows_packed_files_and_waits_while_one_is_there_twice(
    sensor: dg.SensorDefinition, tmp_path: Path
) -> None:
    (tmp_path / f"{FILE_NAME}.gz").touch()
    assert isinstance(look(sensor, None), dg.SensorResult)
    (tmp_path / FILE_NAME).touch()
    twice = look(sensor, None)
    assert isinstance(twice, dg.SkipReason)
    assert "the same file twice" in (twice.skip_message or "")


def test_failure_sensor_tells_the_notifier(tmp_path: Path) -> None:
    @dg.op
    def breaks() -> None:
        raise dg.Failure("the disk is full")

    @dg.job
    def doomed() -> None:
        breaks()

    notifier = FileNotifier(tmp_path / "notifications.jsonl")
    sensor = failure_sensor(Settings(home=tmp_path), notifier)
    with dg.instance_for_test() as instance:
        result = doomed.execute_in_process(instance=instance, raise_on_error=False)
        failed = result.get_run_failure_event()
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name, dagster_event=failed, dagster_instance=instance, dagster_run=result.dagster_run
        ).for_run_failure()
        sensor(context)
    record = json.loads(notifier.path.read_text(encoding="utf-8"))
    assert record["job"] == "doomed"
    assert record["run_id"] == result.run_id
