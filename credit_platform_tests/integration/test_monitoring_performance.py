"""Outcomes and performance through real runs: nothing, everything, twice, a broken file, and an erasure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from credit_platform.cli import app
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decision_log import DecisionRecord, DecisionStore
from credit_platform.monitoring.outcomes.contract import outcome_folder
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios.keys import champion_key, monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.points import points
from credit_platform.settings import Settings
from credit_platform.simulation.truth import make_world, outcome_rows, write_outcomes
from credit_platform.tables.column_descriptions import column_descriptions
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.records import promoted_model
from credit_platform_tests.unit.monitoring.decisions.conftest import record

NAME = "german_credit"
OUTCOMES, REJECTED, PERFORMANCE = (
    monitoring_key(NAME, name) for name in ("outcomes", "outcomes__rejected", "performance")
)
THRESHOLD = 0.3
DIGEST = "e" * 64


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(home=tmp_path / "mon été")
    with tool_environment(settings, settings.home / "dagster"):
        yield settings


def run(portfolio: Portfolio, settings: Settings) -> RunReport:
    """From the decisions on: what is frozen of a model needs its scorer, and the champions here have none."""
    return run_job(portfolio, settings, job=f"{NAME}_monitoring", start="monitoring/decisions")


def year(portfolio: Portfolio, count: int = 300) -> list[DecisionRecord]:
    """Decisions of two years, a third of them refused."""
    random, start = np.random.default_rng(1), datetime.now(UTC) - timedelta(days=700)
    made = []
    for number in range(count):
        p = float(random.beta(2, 6))
        made.append(
            replace(
                record(f"r{number}", start + timedelta(days=2 * number), f"A-{number}"),
                probability=p,
                decision="refused" if p >= THRESHOLD else "accepted",
                threshold=THRESHOLD,
                points=points(p, portfolio.points),
                model_digest=DIGEST,
            )
        )
    return made


def promote(settings: Settings) -> None:
    """A champion with a holdout, as serving/promoted_model holds it."""
    random = np.random.default_rng(2)
    p = random.beta(2, 6, 400)
    frame = pl.DataFrame(
        {"applicant_id": np.arange(400), "target": (random.random(400) < p).astype(np.int64), "probability": p}
    )
    said = promoted_model(DIGEST, threshold=THRESHOLD).to_summary()
    Lakehouse(settings.lakehouse_root).write(champion_key(NAME), frame, summary=said)


def told(portfolio: Portfolio, settings: Settings) -> Path:
    store = DecisionStore(settings.decision_log)
    today = datetime.now(UTC).date()
    rows = outcome_rows(store.each(), make_world(portfolio, seed=1), portfolio, today)
    store.close()
    return write_outcomes(rows, settings, portfolio)


def stored(settings: Settings, key: str) -> pl.DataFrame:
    return Lakehouse(settings.lakehouse_root).read(key).frame.collect()


def summary(settings: Settings, key: str) -> dict[str, Any]:
    return dict(Lakehouse(settings.lakehouse_root).read(key).summary)


def log(settings: Settings, records: list[DecisionRecord]) -> None:
    store = DecisionStore(settings.decision_log)
    store.append(records)
    store.close()


def test_a_home_without_anything_says_so_twice(german_credit: Portfolio, fresh: Settings) -> None:
    for _ in range(2):
        report = run(german_credit, fresh)
        assert report.success, report.errors
        assert report.failed_checks == ()
    assert summary(fresh, OUTCOMES)["message"] == "No outcomes yet: no file lies in the folder for them."
    assert summary(fresh, PERFORMANCE)["message"] == "No model was promoted yet: there is nobody to judge."
    page = fresh.reports_folder(NAME) / "monitoring" / "performance.html"
    assert "Nothing to compare yet" in page.read_text(encoding="utf-8")


def test_decisions_without_outcomes_are_measured_by_what_is_expected(german_credit: Portfolio, fresh: Settings) -> None:
    promote(fresh)
    log(fresh, year(german_credit))
    assert run(german_credit, fresh).success
    assert "No outcomes yet: figures are what is to be expected" in summary(fresh, PERFORMANCE)["message"]
    rows = stored(fresh, PERFORMANCE)
    assert rows.filter((pl.col("basis") == "outcomes") & pl.col("value").is_not_null()).is_empty()
    assert rows.filter((pl.col("basis") == "expected") & pl.col("value").is_not_null()).height


def test_outcomes_are_read_measured_shown_and_the_same_again(german_credit: Portfolio, fresh: Settings) -> None:
    promote(fresh)
    log(fresh, year(german_credit))
    file = told(german_credit, fresh)
    file.with_name("more.csv").write_text(
        "request_id,observed_at,months_on_book,defaulted\nnobody,2026-01-01,1,0\n", encoding="utf-8"
    )
    seen = []
    for _ in range(2):
        report = run(german_credit, fresh)
        assert report.success, report.errors
        assert not [check for check in report.failed_checks if check.blocking]
        seen.append([stored(fresh, key) for key in (OUTCOMES, REJECTED, PERFORMANCE)])
    assert all(one.equals(other) for one, other in zip(*seen, strict=True))
    assert seen[0][1]["reason"].to_list() == ["no such decision"]
    said = summary(fresh, PERFORMANCE)
    assert said["mature_outcomes"] > 100
    assert {one["answer"] for one in said["verdicts"].values()} <= {"holds", "does not hold"}
    page = (fresh.reports_folder(NAME) / "monitoring" / "performance.html").read_text(encoding="utf-8")
    assert "SYNTHETIC" in page
    assert "data:image/png" in page
    lakehouse = Lakehouse(fresh.lakehouse_root)
    assert lakehouse.read(PERFORMANCE).version.synthetic
    for key in (OUTCOMES, REJECTED, PERFORMANCE):
        assert all(column_descriptions(key)(column) for column in lakehouse.scan(key).collect_schema().names()), key


def test_a_broken_file_stops_it_and_the_version_before_stays(german_credit: Portfolio, fresh: Settings) -> None:
    log(fresh, year(german_credit))
    file = told(german_credit, fresh)
    assert run(german_credit, fresh).success
    before = stored(fresh, OUTCOMES)
    broken = file.with_name("broken.csv")
    broken.write_text("request_id,observed_at\nr1,2026-01-01\n", encoding="utf-8")
    for _ in range(2):
        report = run(german_credit, fresh)
        assert not report.success
        assert "broken.csv" in report.errors[0]
    broken.write_text("request_id,observed_at,months_on_book,defaulted\n" + "r1,never,1,0\n" * 500, encoding="utf-8")
    report = run(german_credit, fresh)
    assert not report.success
    assert any("break the contract of outcomes" in check.message for check in report.failed_checks)
    assert stored(fresh, OUTCOMES).equals(before)
    assert set(stored(fresh, f"{REJECTED}__refused")["reason"]) == {"date:observed_at"}
    broken.unlink()
    assert run(german_credit, fresh).success


def test_outcomes_do_not_keep_the_shipped_raw_files_from_being_read(german_credit: Portfolio, fresh: Settings) -> None:
    outcome_folder(fresh, german_credit).mkdir(parents=True)
    assert run_job(german_credit, fresh, job=f"{NAME}_ingestion").success


def test_an_erased_person_leaves_no_outcome(german_credit: Portfolio, fresh: Settings) -> None:
    log(fresh, year(german_credit))
    told(german_credit, fresh)
    assert run(german_credit, fresh).success
    row = int(stored(fresh, OUTCOMES)["row"][0])
    person = f"A-{row - 1}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDIT_PLATFORM_HOME", str(fresh.home))
        command = ["decisions", "erase", "--applicant", person, "--by", "K. Auditor", "--reason", "asked", "--yes"]
        result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert row not in stored(fresh, OUTCOMES)["row"].to_list()
    assert run(german_credit, fresh).success
    assert row not in stored(fresh, OUTCOMES)["row"].to_list()
