"""The assets of drift on a small home: nothing where there is nothing, a page and checks where there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.assets.drift import build_drift_assets
from credit_platform.orchestration.checks.drift import build_drift_checks
from credit_platform.orchestration.checks.together import build_table_checks
from credit_platform.orchestration.io_manager import DeltaIOManager
from credit_platform.orchestration.resources import ClockResource, LakehouseResource
from credit_platform_tests.unit.monitoring.drift.home import PORTFOLIO, Home

NAMES = ("reference", "cell_counts", "drift", "population_shift")
DAY = date(2026, 11, 2)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home.made(tmp_path / "mon été")
    yield made
    made.store.close()


def run(home: Home) -> dg.ExecuteInProcessResult:
    """The assets but for Evidently's page, which has a test of its own, with their checks."""
    assets = [one for one in build_drift_assets(PORTFOLIO, home.settings) if one.key.path[-1] in NAMES]
    keys = [one.key for one in assets]
    root = home.settings.lakehouse_root
    return dg.materialize(
        [*assets, *build_table_checks(keys), *build_drift_checks(PORTFOLIO)],
        resources={
            "clock": ClockResource(),
            "io_manager": DeltaIOManager(root=root),
            "lakehouse": LakehouseResource(root=root),
        },
        raise_on_error=False,
    )


def results(done: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {one.check_name: one.passed for one in done.get_asset_check_evaluations()}


def test_where_nobody_was_decided_about_the_tables_say_so(home: Home) -> None:
    home.read()
    done = run(home)
    assert done.success
    assert all(results(done).values())
    lakehouse = Lakehouse(home.settings.lakehouse_root)
    said = {name: lakehouse.read(f"german_credit/monitoring/{name}").summary["message"] for name in NAMES}
    assert "nothing to count" in said["drift"]
    assert "no table of applicants without an outcome: there is nothing to compare" in said["population_shift"]
    assert not (home.settings.reports_folder("german_credit") / "drift.html").exists()


def test_a_stable_day_has_a_page_and_a_broken_feed_holds_up_what_follows(home: Home) -> None:
    home.log(home.rows.sample(400, seed=1), DAY, "a")
    home.read()
    done = run(home)
    assert done.success
    assert results(done) == dict.fromkeys(
        ("frozen_whole", "everybody_counted", "one_verdict_each", "feeds_whole", "drift_level"), True
    ) | {"drift_level": True}
    page = home.settings.reports_folder("german_credit") / "drift.html"
    assert "Stable" in page.read_text(encoding="utf-8")
    number = next(f.name for f in PORTFOLIO.features if f.kind == "numeric" and f.name in home.scorer.fitted.features)
    lost = home.rows.sample(400, seed=2).with_columns(pl.lit(None, dtype=pl.Float64).alias(number))
    home.log(lost, date(2026, 11, 3), "b")
    home.read()
    done = run(home)
    assert not done.success
    assert not results(done)["feeds_whole"]
    assert results(done)["one_verdict_each"]
    assert "data incident" in page.read_text(encoding="utf-8")
    assert home.drift_record().days["2026-11-03"][0].incidents == (number,)
