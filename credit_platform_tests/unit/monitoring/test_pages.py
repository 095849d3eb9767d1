"""Where the newest pages of monitoring open: the copy for people where it is the newest, else what is stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import polars as pl
import pytest

from credit_platform.errors import RecordError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.reports import reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.decisions.schema import FIXED
from credit_platform.monitoring.drift.evidently_report import EvidentlyRecord
from credit_platform.monitoring.drift.records import DriftRecord, PopulationShiftRecord
from credit_platform.monitoring.outcomes.matching import OUTCOME
from credit_platform.monitoring.pages import PAGES, newest_pages
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.performance.report import measure_performance
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.settings import Settings

PORTFOLIO = get_portfolio("german_credit")
PLACE = reports_key(PORTFOLIO.name)
DRIFT = DriftRecord(message="m", based_on={}, days={}, page=f"{PLACE}/drift.html")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "mon été", artefact_cache=tmp_path / "cache")


def store(settings: Settings, name: str, record: DriftRecord | EvidentlyRecord | PopulationShiftRecord) -> None:
    key = monitoring_key(PORTFOLIO.name, name)
    Lakehouse(settings.lakehouse_root).write(key, pl.DataFrame({"a": [1]}), summary=record.to_summary())


def test_a_home_without_monitoring_has_no_page(settings: Settings) -> None:
    assert newest_pages(settings, PORTFOLIO) == {}
    store(settings, "drift", replace(DRIFT, page=None))
    assert newest_pages(settings, PORTFOLIO) == {}


def test_each_page_opens_in_a_browser(settings: Settings) -> None:
    pages = {name: f"{PLACE}/{name}.html" for name in ("drift", "evidently_report", "population_shift")}
    store(settings, "drift", replace(DRIFT, page=pages["drift"]))
    shift = PopulationShiftRecord(message="m", model=None, applicants=0, shift=None, page=pages["population_shift"])
    store(settings, "population_shift", shift)
    evidently = EvidentlyRecord(message="m", model=None, rows=(0, 0), drifted=0, page=pages["evidently_report"])
    store(settings, "evidently_report", evidently)
    performance = PerformanceRecord.made(
        measure_performance(PORTFOLIO, *_nothing(), None), None, synthetic=False, place=f"{PLACE}/monitoring", files=()
    )
    key = monitoring_key(PORTFOLIO.name, "performance")
    Lakehouse(settings.lakehouse_root).write(key, pl.DataFrame({"a": [1]}), summary=performance.to_summary())
    shelf = Shelf.of(settings)
    write_reports(shelf, PLACE, {f"{name}.html": name for name in pages})
    write_reports(shelf, f"{PLACE}/monitoring", {"performance.html": "performance"})
    found = newest_pages(settings, PORTFOLIO)
    assert list(found) == list(PAGES)
    for name, page in found.items():
        with urlopen(page.url) as opened:
            assert opened.read().decode() == name == shelf.store.get(page.key).decode()
        assert settings.reports_folder(PORTFOLIO.name) in page.file.parents


def test_a_copy_that_another_host_has_overtaken_is_not_shown(settings: Settings) -> None:
    store(settings, "drift", DRIFT)
    shelf = Shelf.of(settings)
    write_reports(shelf, PLACE, {"drift.html": "old"})
    shelf.store.put(f"{PLACE}/drift.html", b"new")
    assert newest_pages(settings, PORTFOLIO)["drift"].file.read_text(encoding="utf-8") == "new"
    shelf.store.delete(f"{PLACE}/drift.html")
    assert newest_pages(settings, PORTFOLIO) == {}, "retention took it away"


def test_a_record_that_does_not_fit_is_named(settings: Settings) -> None:
    key = monitoring_key(PORTFOLIO.name, "drift")
    Lakehouse(settings.lakehouse_root).write(key, pl.DataFrame({"a": [1]}), summary={"page": 7})
    with pytest.raises(RecordError, match="monitoring/drift"):
        newest_pages(settings, PORTFOLIO)


def _nothing() -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.DataFrame(schema=FIXED), pl.DataFrame(schema=OUTCOME)
