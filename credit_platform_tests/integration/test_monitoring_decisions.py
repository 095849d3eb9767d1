"""monitoring/decisions through real runs: days, backfills, broken feeds, erasure, and what Dagster keeps of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from typer.testing import CliRunner

from credit_platform.cli import app
from credit_platform.definitions import build_definitions
from credit_platform.governance.retention import retain
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import DecisionRecord, DecisionStore
from credit_platform.monitoring.decisions.schema import decisions_key
from credit_platform.monitoring.outcomes.contract import outcome_folder
from credit_platform.monitoring.retraining.evidence import Evidence
from credit_platform.monitoring.retraining.records import DECISION, RetrainRecord
from credit_platform.orchestration.acceptance import accept
from credit_platform.orchestration.resources import ClockResource
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.searching import found_in
from credit_platform_tests.unit.monitoring.decisions.conftest import DECLARED, moment, record

KEY = decisions_key("german_credit")
ASSET = dg.AssetKey(KEY.split("/"))
NUMBER = 918273.4650912837


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Settings]:
    """An empty home with an instance of Dagster of its own: partitions are remembered there."""
    settings = Settings(home=tmp_path / "mon été")
    with tool_environment(settings, settings.home / "dagster"):
        yield settings


def log(settings: Settings, *records: DecisionRecord, url: str | None = None) -> None:
    """What a service writes."""
    store = DecisionStore(url or settings.decision_log)
    store.append(records)
    store.close()


def many(name: str, day: int, count: int = 30, *, without: bool = False) -> list[DecisionRecord]:
    """Decisions of a day, `without` any value of one feature."""
    features = {DECLARED[0]: None} if without else {}
    return [record(f"{name}-{day}-{i}", moment(day, 10, i), f"{name}-{i}", **features) for i in range(count)]


def run(portfolio: Portfolio, settings: Settings, day: str | None = None) -> RunReport:
    return run_job(portfolio, settings, job="german_credit_monitoring", partition=day)


def asked(settings: Settings) -> Evidence:
    """What the newest answer rests on."""
    stored = Lakehouse(settings.lakehouse_root).read(monitoring_key("german_credit", DECISION))
    return RetrainRecord.of(stored).evidence


def days_of(settings: Settings) -> list[int]:
    rows = Lakehouse(settings.lakehouse_root).scan(KEY).collect()
    return sorted(set(rows["day"].dt.day().to_list()))


def materialised() -> set[str]:
    with dg.DagsterInstance.get() as instance:
        return set(instance.get_materialized_partitions(ASSET))


def test_a_home_without_anything_says_that_there_is_nothing(german_credit: Portfolio, fresh: Settings) -> None:
    for _ in range(2):
        report = run(german_credit, fresh)
        assert report.success, report
        assert report.failed_checks == ()
    stored = Lakehouse(fresh.lakehouse_root).read(KEY)
    assert stored.version.version == 0
    assert "nothing to watch" in stored.summary["message"]


def test_all_that_is_new_or_one_day_or_a_backfill_of_days(german_credit: Portfolio, fresh: Settings) -> None:
    log(fresh, *many("a", 1), *many("b", 2), *many("c", 3))
    assert run(german_credit, fresh, "2026-11-02").success
    assert days_of(fresh) == [2]
    assert materialised() == {"2026-11-02"}
    assert run(german_credit, fresh).success
    assert days_of(fresh) == [1, 2, 3]
    assert materialised() == {"2026-11-01", "2026-11-02", "2026-11-03"}
    log(fresh, *many("late", 1, 3), *many("d", 4))
    job = build_definitions(fresh, portfolios=[german_credit]).resolve_job_def("german_credit_monitoring")
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("german_credit_days", ["2026-11-04"])
        tags = {"dagster/asset_partition_range_start": "2026-11-01", "dagster/asset_partition_range_end": "2026-11-04"}
        assert job.execute_in_process(instance=instance, tags=tags).success
    assert Lakehouse(fresh.lakehouse_root).read(KEY).version.rows == 123
    assert "2026-11-04" in materialised()
    before = Lakehouse(fresh.lakehouse_root).latest(KEY)
    assert run(german_credit, fresh, "2026-11-01").success
    assert Lakehouse(fresh.lakehouse_root).latest(KEY) == before, "the same day twice"


def test_a_broken_feed_is_refused_and_its_days_come_in_when_it_is_mended(
    german_credit: Portfolio, fresh: Settings
) -> None:
    log(fresh, *many("a", 1), *many("b", 2))
    assert run(german_credit, fresh).success
    log(fresh, *many("broken", 3, without=True))
    for _ in range(2):
        report = run(german_credit, fresh)
        assert not report.success
        assert f"1 features that had values have none on 2026-11-03: {DECLARED[0]}" in report.errors[0]
    lakehouse = Lakehouse(fresh.lakehouse_root)
    assert days_of(fresh) == [1, 2]
    assert "2026-11-03" not in materialised(), "what was refused was not made"
    assert len(lakehouse.versions(f"{KEY}__refused")) == 1, "refused once however often it comes"
    assert asked(fresh).failing == (KEY,), "whether to train is asked all the same"
    log(fresh, *many("mended", 4))
    assert run(german_credit, fresh).success
    assert days_of(fresh) == [1, 2, 3, 4]
    assert "2026-11-03" in materialised()
    assert asked(fresh).failing == ()
    folder = outcome_folder(fresh, german_credit)
    folder.mkdir(parents=True)
    (folder / "broken.csv").write_text("who,what\n1,2\n", encoding="utf-8")
    assert not run(german_credit, fresh).success
    assert asked(fresh).unmade == ("monitoring/outcomes",), "also where a table could not be made at all"


def test_a_person_answers_for_a_feed_that_ended_and_the_next_day_goes_on(
    german_credit: Portfolio, fresh: Settings
) -> None:
    log(fresh, *many("a", 1), *many("b", 2))
    assert run(german_credit, fresh).success
    log(fresh, *many("ended", 3, without=True))
    assert not run(german_credit, fresh).success
    accept(Lakehouse(fresh.lakehouse_root), KEY, by="K. Auditor", reason="the bureau does not tell it any more")
    assert days_of(fresh) == [1, 2, 3]
    assert run(german_credit, fresh).success
    log(fresh, *many("ended", 4, without=True))
    assert run(german_credit, fresh).success
    assert days_of(fresh) == [1, 2, 3, 4]


def test_the_command_erases_from_the_whole_home_also_what_dagster_keeps(
    german_credit: Portfolio, fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = fresh
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(settings.home))
    log(settings, *many("a", 1), record("theirs", moment(2), "P-1", **{DECLARED[0]: NUMBER}))
    assert run(german_credit, settings).success
    log(settings, *many("b", 3))
    assert run(german_credit, settings).success
    lakehouse = Lakehouse(settings.lakehouse_root)
    before = found_in(settings.home, [NUMBER])
    assert {path.suffix for path in before} >= {".parquet"}
    assert any(path.name.startswith("decisions.db") for path in before)
    assert not any("dagster" in path.parts for path in before), "rows are not kept in Dagster's records"
    erased = CliRunner().invoke(
        app, ["decisions", "erase", "--applicant", "P-1", "--by", "K", "--reason", "asked for it", "--yes"]
    )
    assert erased.exit_code == 0, erased.output
    assert f"{KEY}: 1 rows went" in erased.output
    assert found_in(settings.home, [NUMBER]) == []
    assert lakehouse.read(KEY).version.rows == 60
    again = CliRunner().invoke(
        app, ["decisions", "erase", "--applicant", "P-1", "--by", "K", "--reason", "asked for it", "--yes"]
    )
    assert again.exit_code == 0, again.output
    assert KEY not in again.output
    assert run(german_credit, settings).success
    verified = CliRunner().invoke(app, ["verify", KEY])
    assert verified.exit_code == 0, verified.output
    assert "gone because they were erased" in verified.output


def test_retention_of_decisions_and_of_versions_reach_the_table(
    german_credit: Portfolio, fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(fresh.home))
    old = datetime(2020, 1, 1, 12, tzinfo=moment(1).tzinfo)
    log(fresh, record("old", old, "P-1", **{DECLARED[0]: NUMBER}), *many("a", 1))
    assert run(german_credit, fresh).success
    assert found_in(Path(fresh.lakehouse_root), [NUMBER])
    job = build_definitions(fresh, portfolios=[german_credit]).resolve_job_def("german_credit_retention")
    assert job.execute_in_process().success
    assert found_in(fresh.home, [NUMBER]) == []
    for day in (2, 3):
        log(fresh, *many("b", day))
        assert run(german_credit, fresh).success
    lakehouse = Lakehouse(fresh.lakehouse_root)
    results = {one.key: one for one in retain(lakehouse, ["german_credit"], 1, pins={}, dry_run=False)}
    assert len(results[KEY].removed_versions) == 2
    assert lakehouse.read(KEY).frame.collect().height == 90
    assert run(german_credit, fresh).success


def test_a_partition_that_is_no_day_is_told(german_credit: Portfolio, fresh: Settings) -> None:
    report = run(german_credit, fresh, "yesterday")
    assert not report.success
    assert "A partition is no day" in report.errors[0]


WRITER = """
import sys, time
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform_tests.unit.monitoring.decisions.conftest import moment, record
store = DecisionStore(sys.argv[1])
for i in range(300):
    store.append([record(f"beside-{i}", moment(1 + i % 3, 11, i % 60), f"W-{i}")])
    if i == 20:
        print("writing", flush=True)
store.close()
"""


def test_a_service_writes_beside_the_runs_and_each_decision_is_there_once(
    german_credit: Portfolio, fresh: Settings
) -> None:
    command = [sys.executable, "-c", WRITER, fresh.decision_log]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        while writer.poll() is None:
            assert run(german_credit, fresh).success
    assert writer.returncode == 0
    assert run(german_credit, fresh).success
    rows = Lakehouse(fresh.lakehouse_root).scan(KEY).collect()
    assert sorted(rows["row"].to_list()) == list(range(1, 301))


def test_the_logs_of_all_services_and_one_that_is_named_no_more(german_credit: Portfolio, fresh: Settings) -> None:
    other = f"sqlite:///{fresh.home / 'other' / 'decisions.db'}"
    both = fresh.model_copy(update={"decision_logs": {"home": fresh.decision_log, "paris": other}})
    log(fresh, *many("a", 1))
    log(fresh, *many("b", 1), url=other)
    assert run(german_credit, both).success
    rows = Lakehouse(fresh.lakehouse_root).scan(KEY).collect()
    assert rows.group_by("log").len().sort("log").rows() == [("home", 30), ("paris", 30)]
    assert rows.select("log", "row").n_unique() == 60
    report = run(german_credit, fresh)
    assert not report.success
    assert "does not name the log paris any more, of which 30 decisions" in report.errors[0]
    assert Lakehouse(fresh.lakehouse_root).scan(KEY).collect().height == 60


def looking(instance: dg.DagsterInstance) -> dg.SensorEvaluationContext:
    return dg.build_sensor_context(instance=instance, resources={"clock": ClockResource()})


def test_days_begin_with_the_first_promotion_also_for_a_daemon_that_runs_already(
    german_credit: Portfolio, fresh: Settings
) -> None:
    sensor = build_definitions(fresh, portfolios=[german_credit]).resolve_sensor_def("german_credit_days")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    with dg.DagsterInstance.get() as instance:
        before = sensor(looking(instance))
        assert isinstance(before, dg.SkipReason)
        assert "No model of german_credit was promoted yet" in (before.skip_message or "")
        lakehouse = Lakehouse(fresh.lakehouse_root)
        promoted = lakehouse.write("german_credit/serving/promoted_model", pl.DataFrame({"probability": [0.5]}))
        result = sensor(looking(instance))
        assert isinstance(result, dg.SensorResult)
        (request,) = result.dynamic_partitions_requests or ()
        assert request.partition_keys[0] == str(promoted.timestamp.astimezone(german_credit.monitoring.zone).date())
        assert date.fromisoformat(request.partition_keys[-1]) >= date.fromisoformat(request.partition_keys[0])
        instance.add_dynamic_partitions("german_credit_days", list(request.partition_keys))
        assert isinstance(sensor(looking(instance)), dg.SkipReason)
