"""Drift as a page shows it: of a real small home, whose applicants ask for more from one day on."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.drift.days import COUNTS
from credit_platform.monitoring.drift.freezing import NAME as REFERENCE
from credit_platform.monitoring.drift.records import DRIFT, CountsRecord, DriftRecord
from credit_platform.monitoring.overview.drift import (
    FEATURE_COLUMNS,
    DriftOverview,
    NoDrift,
    drift_overview,
    drift_version,
    feature_bins,
)
from credit_platform.portfolios.keys import monitoring_key
from credit_platform_tests.unit.monitoring.drift.home import PORTFOLIO, Home
from credit_platform_tests.watched_home import MOVED, make_watched_home

LAST = date(2026, 3, 2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_watched_home(tmp_path_factory.mktemp("overview") / "home", LAST)


@pytest.fixture(scope="module")
def found(home: Home) -> DriftOverview:
    found = drift_overview(home.lakehouse, PORTFOLIO)
    assert isinstance(found, DriftOverview)
    return found


def test_the_newest_day_and_those_before(found: DriftOverview, home: Home) -> None:
    assert found.day == LAST
    assert found.newest == home.drift_record().newest
    assert found.days["day"].to_list() == [LAST - timedelta(days=1), LAST]
    assert found.days["decisions"].to_list() == [1000, 1000]
    assert found.days["drifted"].to_list() == [0, found.newest.drifted]
    assert drift_version(home.lakehouse, PORTFOLIO) == 0


def test_features_are_those_of_the_day_what_broke_or_drifted_first(found: DriftOverview) -> None:
    features = found.features
    assert tuple(features.columns) == FEATURE_COLUMNS
    assert features.height == found.newest.features
    # Everybody with one value: that is a broken feed, no drift.
    assert features["feature"][0] == MOVED
    assert features["incident"].to_list() == sorted(features["incident"], reverse=True)
    rest = features.filter(~pl.col("drifted") & ~pl.col("incident"))
    assert rest["importance"].to_list() == sorted(rest["importance"], reverse=True)


def test_a_feature_in_the_bins_of_its_index(found: DriftOverview, home: Home) -> None:
    bins = feature_bins(home.lakehouse, PORTFOLIO, found.day, found.newest.model)
    assert set(bins) == set(found.features["feature"])
    moved = bins[MOVED]
    assert moved["kind"].to_list()[0] == "missing"
    assert moved["kind"].to_list()[-1] == "unseen"
    assert moved["before"].sum() == pytest.approx(1)
    # All of them are in the highest bin of training's values.
    assert moved["now"].to_list()[-2:] == [1.0, 0.0]
    values = moved.filter(pl.col("kind") == "values")
    assert values["low"].to_list()[1:] == values["high"].to_list()[:-1]
    named = next(one for one in bins.values() if one["categories"].list.len().sum())
    assert named.filter(pl.col("kind") == "values")["categories"].null_count() == 0


def test_without_its_reference_a_model_has_no_bins(found: DriftOverview, home: Home) -> None:
    assert feature_bins(home.lakehouse, PORTFOLIO, found.day, "another model") == {}


def test_why_there_is_none(lakehouse: Lakehouse) -> None:
    assert drift_overview(lakehouse, PORTFOLIO) is NoDrift.NEVER_RUN
    assert drift_version(lakehouse, PORTFOLIO) is None
    record = DriftRecord(message="m", based_on={}, days={}, page=None)
    frame = pl.DataFrame({"feature": ["a"]})
    lakehouse.write(monitoring_key(PORTFOLIO.name, DRIFT), frame, summary=record.to_summary())
    assert drift_overview(lakehouse, PORTFOLIO) is NoDrift.NEVER_RUN
    for left, why in (({}, NoDrift.NOBODY), ({"d" * 64: 3}, NoDrift.NOT_COUNTED)):
        counts = CountsRecord(message="m", days={}, decisions={}, not_counted=left)
        lakehouse.write(monitoring_key(PORTFOLIO.name, COUNTS), frame, summary=counts.to_summary())
        assert drift_overview(lakehouse, PORTFOLIO) is why
    assert not lakehouse.exists(monitoring_key(PORTFOLIO.name, REFERENCE))


@pytest.fixture
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    return Lakehouse(str(tmp_path_factory.mktemp("empty")))
