"""Passes over the log: exactly once, late rows, any order, any day, and nothing where there is nothing."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.passes import read_logs
from credit_platform.monitoring.decisions.schema import FIXED, DecisionsRecord
from credit_platform_tests.unit.monitoring.decisions.conftest import DECLARED, KEY, PORTFOLIO, Home, moment, record


def test_a_home_without_decisions_has_an_empty_table_that_says_so(home: Home) -> None:
    version = home.run()
    stored = home.lakehouse.read(KEY)
    assert version.rows == 0
    assert stored.frame.collect_schema() == pl.Schema(FIXED)
    said = DecisionsRecord.of(stored).message
    assert "No model of german_credit was promoted yet" in said
    assert "nothing to watch" in said
    assert home.run() == version, "nothing new: no version"
    assert not (home.settings.home / "decisions").exists(), "reading makes no log"


def test_every_decision_is_there_once_by_its_day_in_paris(home: Home) -> None:
    late_evening = moment(2, 23, 30)  # 00:30 of the third in Paris
    home.log(record("a", moment(1)), record("b", moment(2)), record("c", late_evening))
    version = home.run()
    rows = home.rows()
    assert rows["day"].dt.day().to_list() == [1, 2, 3]
    assert rows["row"].to_list() == [1, 2, 3]
    assert rows["log"].to_list() == ["home"] * 3
    assert rows[DECLARED[0]].to_list() == [1.5] * 3
    assert rows["histories"].to_list() == ["none"] * 3
    assert not {"applicant_id", "request_id", "client"} & set(rows.columns)
    assert home.run() == version


def test_late_rows_days_in_any_order_and_one_by_one_give_the_same_table(home: Home, tmp_path: object) -> None:
    home.log(*(record(f"a{day}", moment(day)) for day in (1, 2, 3)))
    home.run(3)
    assert home.rows()["day"].dt.day().to_list() == [3]
    home.run(1)
    home.run(2)
    home.log(record("late", moment(1, 8)))
    once = home.run(1)
    assert home.run(1) == once, "the same day twice is no new version"
    one_by_one = home.rows()
    home.lakehouse.replace(
        "german_credit/monitoring/other",
        read_logs_afresh(home),
    )
    assert_frame_equal(home.lakehouse.scan("german_credit/monitoring/other").sort("log", "row").collect(), one_by_one)
    assert one_by_one["row"].to_list() == [1, 2, 3, 4]


def read_logs_afresh(home: Home):  # type: ignore[no-untyped-def]  # a replacement
    from credit_platform.lakehouse import Lakehouse

    other = Lakehouse(str(home.settings.home / "elsewhere"))
    return read_logs(other, PORTFOLIO, open_logs(home.settings)).replacement
