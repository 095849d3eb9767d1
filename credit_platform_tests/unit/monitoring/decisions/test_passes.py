"""Passes over the log: exactly once, late rows, any order, any day, and nothing where there is nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.errors import DecisionLogError, SettingError, TableMovedOnError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.passes import read_logs
from credit_platform.monitoring.decisions.schema import FIXED, DecisionsRecord
from credit_platform.settings import Settings
from credit_platform.tables.column_descriptions import column_descriptions
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


def test_late_rows_days_in_any_order_and_one_by_one_give_the_same_table(home: Home) -> None:
    home.log(*(record(f"a{day}", moment(day)) for day in (1, 2, 3)))
    home.run(3)
    assert home.rows()["day"].dt.day().to_list() == [3]
    home.run(1)
    home.run(2)
    home.log(record("late", moment(1, 8)))
    once = home.run(1)
    assert home.run(1) == once, "the same day twice is no new version"
    one_by_one = home.rows()
    other = Lakehouse(str(home.settings.home / "elsewhere"))
    other.replace(KEY, read_logs(other, PORTFOLIO, open_logs(home.settings)).replacement)
    assert_frame_equal(other.scan(KEY).sort("log", "row").collect(), one_by_one)
    assert one_by_one["row"].to_list() == [1, 2, 3, 4]


def test_a_model_with_other_features_adds_columns(home: Home) -> None:
    home.log(record("a", moment(1)))
    home.run()
    home.log(record("b", moment(2), unheard_of=7.5, word="x", points=3.0))
    home.run()
    rows = home.rows()
    assert rows["unheard_of"].to_list() == [None, 7.5]
    assert rows["word"].to_list() == [None, "x"]
    assert rows["points"].to_list() == [500, 500], "a column of every portfolio is its own"
    assert rows["points__feature"].to_list() == [None, 3.0]
    assert rows.columns[-3:] == ["points__feature", "unheard_of", "word"]


def test_what_is_no_number_is_null_and_what_does_not_fit_is_counted(home: Home) -> None:
    odd = replace(
        record("a", moment(1)), features=f'{{"{DECLARED[0]}": NaN, "{DECLARED[1]}": "text", "{DECLARED[2]}": true}}'
    )
    home.log(odd)
    home.run()
    assert home.rows().select(DECLARED[:3]).row(0) == (None, None, 1.0)
    assert DecisionsRecord.of(home.lakehouse.read(KEY)).unfit == {DECLARED[1]: 1}


def test_where_histories_came_from_is_read_out_of_the_answer(home: Home) -> None:
    answers = ['{"histories":"request"}', '{"histories":"stored"}', '{"histories":"none"}', "{}", '{"histories":"odd"}']
    home.log(*(replace(record(f"a{i}", moment(1)), answer=answer) for i, answer in enumerate(answers)))
    home.run()
    assert home.rows()["histories"].to_list() == ["request", "stored", "none", "none", "none"]


def test_a_damaged_table_is_made_again_out_of_the_log(home: Home) -> None:
    home.log(record("a", moment(1)), record("b", moment(2)))
    home.run()
    whole = home.rows()
    for file in home.lakehouse.read(KEY).files:
        Path(file).write_bytes(b"nothing")
    found = read_logs(home.lakehouse, PORTFOLIO, open_logs(home.settings))
    home.lakehouse.replace(KEY, found.replacement, summary=found.record.to_summary())
    assert_frame_equal(home.rows(), whole)


def test_other_portfolios_are_not_there(home: Home) -> None:
    home.log(record("a", moment(1)), replace(record("b", moment(1)), portfolio="home_credit"))
    home.run()
    assert home.rows()["row"].to_list() == [1]


def test_another_timezone_moves_rows_to_their_day(home: Home) -> None:
    home.log(record("a", moment(2, 23, 30)), record("b", moment(3)))
    home.run()
    moved = replace(PORTFOLIO, monitoring=replace(PORTFOLIO.monitoring, timezone="America/New_York"))
    found = read_logs(home.lakehouse, moved, open_logs(home.settings))
    home.lakehouse.replace(KEY, found.replacement, summary=found.record.to_summary())
    assert home.rows()["day"].dt.day().to_list() == [2, 3]


def test_two_runs_at_once_cannot_both_commit(home: Home) -> None:
    home.log(record("a", moment(1)))
    first, second = (read_logs(home.lakehouse, PORTFOLIO, open_logs(home.settings)) for _ in range(2))
    home.lakehouse.replace(KEY, first.replacement, summary=first.record.to_summary())
    with pytest.raises(TableMovedOnError):
        home.lakehouse.replace(KEY, second.replacement, summary=second.record.to_summary())
    home.run()
    assert home.rows().height == 1


def test_a_log_that_is_named_twice_is_refused(home: Home) -> None:
    url = home.settings.decision_log
    with pytest.raises(SettingError, match="names one decision log twice"):
        open_logs(Settings(home=home.settings.home, decision_logs={"a": url, "b": url}))


def test_logs_by_list_are_called_by_their_address_without_login(home: Home) -> None:
    listed = ("postgresql+psycopg://user:secret@db.example/decisions?sslmode=require", home.settings.decision_log)
    named = Settings(home=home.settings.home, decision_logs=listed).decision_logs_by_name
    assert [*named] == ["db.example/decisions", "home"]


def test_a_log_that_cannot_be_reached_changes_nothing(home: Home) -> None:
    home.log(record("a", moment(1)))
    home.run()
    away = Settings(
        home=home.settings.home,
        decision_logs={"home": home.settings.decision_log, "paris": "postgresql+psycopg://x@127.0.0.1:9/none"},
    )
    with pytest.raises(DecisionLogError):
        read_logs(home.lakehouse, PORTFOLIO, open_logs(away))
    assert home.rows().height == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from credit_platform.lakehouse import Lakehouse, commits, replacing
from credit_platform.monitoring.decisions.logs import open_logs
from credit_platform.monitoring.decisions.passes import read_logs
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.tables.column_descriptions import column_descriptions
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "before the commit":
    replacing.commit_parts = die
else:
    commits._sync_commit = die
settings = Settings(home=Path(sys.argv[2]))
lakehouse = Lakehouse(settings.lakehouse_root)
found = read_logs(lakehouse, get_portfolio("german_credit"), open_logs(settings))
lakehouse.replace("german_credit/monitoring/decisions", found.replacement, summary=found.record.to_summary())
"""


@pytest.mark.parametrize("when", ["before the commit", "after the commit"])
def test_a_run_that_was_killed_is_ended_by_the_next(home: Home, when: str) -> None:
    home.log(record("a", moment(1)))
    home.run()
    home.log(record("b", moment(1)), record("c", moment(2)))
    killed = subprocess.run([sys.executable, "-c", KILLED, when, str(home.settings.home)], check=False)
    assert killed.returncode == -signal.SIGKILL
    home.run()
    assert home.rows()["row"].to_list() == [1, 2, 3]
    assert not home.lakehouse.left_over(KEY), "nor is a file of the killed one left with somebody's rows"


def test_every_column_is_described(home: Home) -> None:
    home.log(record("a", moment(1)))
    home.run()
    describe = column_descriptions(KEY)
    assert [name for name in home.rows().columns if describe(name) is None] == []
