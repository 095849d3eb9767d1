"""The tables of drift: twice, out of order, after an erasure, without any decision: the same rows, and a plain word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.drift.days import COUNTS
from credit_platform.monitoring.drift.evidently_report import write_report
from credit_platform.monitoring.drift.freezing import freeze_references
from credit_platform.monitoring.drift.page import render_drift_page
from credit_platform.monitoring.drift.population_shift import measure_shift
from credit_platform.monitoring.drift.records import DRIFT
from credit_platform.monitoring.drift.reference import NONE
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.unit.monitoring.drift.home import PORTFOLIO, Home

FIRST = date(2026, 11, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home.made(tmp_path / "mon été")
    yield made
    made.store.close()


def of(home: Home, seed: int, n: int = 400) -> pl.DataFrame:
    return home.rows.sample(n, seed=seed)


def test_a_home_without_decisions_has_nothing_to_compare_and_says_so(home: Home) -> None:
    assert home.all() is None
    assert "no decision about german_credit yet: there is nothing to count" in home.counts_record().message
    assert "nothing to count" in home.drift_record().message
    assert (home.table(COUNTS).height, home.table(DRIFT).height, home.drift_record().newest) == (0, 0, None)
    again = home.count(), home.judge()[0]
    assert (home.count(), home.judge()[0]) == again, "nothing new: no version"


def test_a_home_without_a_model_has_nothing_to_freeze(tmp_path: Path, home: Home) -> None:
    bare = Lakehouse(str(tmp_path / "bare"))
    frozen = freeze_references(bare, PORTFOLIO)
    assert (frozen.frame.height, frozen.record.models) == (0, {})
    assert "no model yet" in frozen.record.message
    assert "nothing to compare" in measure_shift(bare, PORTFOLIO).record.message
    assert "no model yet" in measure_shift(bare, get_portfolio("home_credit")).record.message
    told = write_report(bare, PORTFOLIO, tmp_path / "page.html").record
    assert told.page is None
    assert "nobody to compare" in told.message


def test_a_reference_is_frozen_once(home: Home) -> None:
    version = home.freeze()
    assert home.reference_record().models == {home.scorer.digest: {NONE: 803}}
    home.lakehouse.write("german_credit/features/applicants", home.rows.head(500))
    assert home.freeze() == version


def test_a_stable_day_and_one_that_moved(home: Home) -> None:
    home.log(of(home, 1), day(0), "a")
    stable = home.all()
    assert stable is not None
    assert (stable.drift.level.value, stable.drift.drifted, stable.drift.incidents) == ("stable", 0, ())
    numbers = [c.name for c in stable.reference.cells if c.role.value == "feature" and c.kind.value == "number"]
    moved = of(home, 2).with_columns(pl.col(name) * 2 + 5 for name in numbers[:4])
    home.log(moved, day(1), "b")
    newest = home.all()
    assert newest is not None
    assert newest.drift.level.value == "retrain"
    record = home.drift_record()
    assert [record.days[key][0].level for key in sorted(record.days)] == ["stable", "retrain"]
    assert record.newest == record.days[day(1).isoformat()][0]
    html = render_drift_page(PORTFOLIO, newest.drift, newest.reference)
    assert "Retrain" in html
    assert all(feature in html for feature in newest.drift.features.filter("drifted")["feature"])


def test_twice_out_of_order_and_late_rows_give_the_same_tables(home: Home, tmp_path: Path) -> None:
    for number in range(3):
        home.log(of(home, number), day(number), "a")
    home.freeze()
    home.read()
    home.count([day(2)])
    home.judge([day(2)])
    home.count([day(0)])
    home.count([day(1)])
    home.log(of(home, 9, 50), day(0), "late")
    home.read()
    counted = home.count()
    judged = home.judge()[0]
    assert (home.count(), home.judge()[0]) == (counted, judged), "nothing new: no version"
    assert_frame_equal(home.table(COUNTS), once(home, tmp_path, COUNTS))
    assert_frame_equal(home.table(DRIFT), once(home, tmp_path, DRIFT))
    assert home.counts_record().decisions[day(0).isoformat()] == {home.scorer.digest: 450}


def once(home: Home, folder: Path, name: str) -> pl.DataFrame:
    """The table, made at once in another home."""
    other = Home.made(folder / f"once {name}")
    for number in range(3):
        other.log(of(home, number), day(number), "a")
    other.log(of(home, 9, 50), day(0), "late")
    other.all()
    other.store.close()
    return other.table(name)


def test_whoever_is_erased_is_not_counted_any_more(home: Home) -> None:
    home.log(of(home, 1), day(0), "a")
    home.log(of(home, 2, 1), day(1), "b")
    home.all()
    home.erase("a-7")
    home.erase("b-0")
    home.all()
    record = home.counts_record()
    assert record.decisions == {day(0).isoformat(): {home.scorer.digest: 399}}
    assert home.table(COUNTS).group_by("feature").agg(pl.col("count").sum())["count"].unique().to_list() == [399]
    assert list(home.drift_record().days) == [day(0).isoformat()]
    assert home.table(DRIFT)["day"].unique().to_list() == [day(0)]


def test_decisions_of_a_model_without_reference_are_counted_when_there_is_one(home: Home) -> None:
    home.log(of(home, 1), day(0), "a")
    home.log(of(home, 2, 30), day(0), "old", model="f" * 64)
    home.read()
    home.count()
    assert home.counts_record().decisions == {day(0).isoformat(): {}}
    assert "nothing was frozen" in home.counts_record().message
    home.freeze()
    home.count()
    assert home.counts_record().decisions == {day(0).isoformat(): {home.scorer.digest: 400}}
    assert home.counts_record().not_counted == {"f" * 64: 30}
    assert home.judge()[1] is not None
