"""Judges of decisions: rows that are not the log's, broken feeds, silence; never an exception."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from credit_platform.monitoring.decisions import judges
from credit_platform.monitoring.decisions.schema import FIXED, DecisionsRecord

START = datetime(2026, 11, 1, 9, tzinfo=UTC)


def table(days: dict[int, list[float | None]], log: str = "home") -> pl.DataFrame:
    """A day's decisions each with a value of one feature."""
    rows = [
        {
            "log": log,
            "row": 1000 * day + i,
            "decided_at": START + timedelta(days=day - 1, minutes=i),
            "day": date(2026, 11, day),
            "income": value,
            "age": 40.0,
        }
        for day, values in days.items()
        for i, value in enumerate(values)
    ]
    schema = {
        **{name: FIXED[name] for name in ("log", "row", "decided_at", "day")},
        "income": pl.Float64(),
        "age": pl.Float64(),
    }
    return pl.DataFrame(rows, schema=schema)


def record_of(rows: pl.DataFrame, **changes: object) -> DecisionsRecord:
    days: dict[str, dict[str, int]] = {}
    for day, log, n in rows.group_by("day", "log").len().iter_rows():
        days.setdefault(day.isoformat(), {})[log] = n
    logs = dict(rows.group_by("log").len().iter_rows()) or {"home": 0}
    values: dict[str, object] = {
        "message": "",
        "timezone": "Europe/Paris",
        "logs": logs,
        "days": days,
        "rebuilt": (),
        "unfit": {},
    }
    return DecisionsRecord(**{**values, **changes})  # type: ignore[arg-type]  # of a test


WHOLE = table({1: [1.0] * 30, 2: [2.0] * 30})
EMPTY = table({})


def test_rows_are_those_of_the_log() -> None:
    verdict = judges.rows_equal_log(WHOLE.lazy(), record_of(WHOLE))
    assert verdict.passed
    assert "60 rows are the 60 decisions" in verdict.message


@pytest.mark.parametrize("wrong", [WHOLE[1:], pl.concat([WHOLE, WHOLE[:1]]), pl.concat([WHOLE[1:], WHOLE[1:2]])])
def test_a_row_too_few_too_many_or_twice_is_refused_for_good(wrong: pl.DataFrame) -> None:
    verdict = judges.rows_equal_log(wrong.lazy(), record_of(WHOLE))
    assert verdict.refuses
    assert verdict.final
    assert "2026-11-01, log home" in verdict.message


def test_days_that_nobody_asked_for_yet_are_told() -> None:
    verdict = judges.rows_equal_log(WHOLE.filter(pl.col("day") == date(2026, 11, 2)).lazy(), record_of(WHOLE))
    assert verdict.passed
    assert "30 decisions of 1 other days are not read yet" in verdict.message


def test_a_feature_without_a_value_any_more_is_a_broken_feed() -> None:
    broken = pl.concat([WHOLE, table({3: [None] * 30})])
    in_force = (WHOLE.lazy(), record_of(WHOLE))
    for before in (in_force, None):
        verdict = judges.feed_whole(broken.lazy(), record_of(broken), before)
        assert verdict.refuses
        assert not verdict.final
        assert "1 features that had values have none on 2026-11-03: income." in verdict.message
        assert list(verdict.listed) == [{"feature": "income", "before": "100.0%", "now": "0.0%"}]


def test_a_mended_feed_lets_the_broken_days_in() -> None:
    mended = pl.concat([WHOLE, table({3: [None] * 30, 4: [4.0] * 30})])
    assert judges.feed_whole(mended.lazy(), record_of(mended), (WHOLE.lazy(), record_of(WHOLE))).passed


def test_what_somebody_let_pass_is_not_told_again() -> None:
    accepted = pl.concat([WHOLE, table({3: [None] * 30})])
    later = pl.concat([accepted, table({4: [None] * 30})])
    assert judges.feed_whole(later.lazy(), record_of(later), (accepted.lazy(), record_of(accepted))).passed


@pytest.mark.parametrize(
    "today",
    [
        pytest.param([None] * 9, id="too few decisions to say"),
        pytest.param([None] * 29 + [1.0], id="one value is left"),
        pytest.param([], id="no day"),
    ],
)
def test_what_is_no_broken_feed(today: list[float | None]) -> None:
    rows = pl.concat([WHOLE, table({3: today})])
    assert judges.feed_whole(rows.lazy(), record_of(rows), (WHOLE.lazy(), record_of(WHOLE))).passed


def test_a_rare_value_may_be_absent_for_a_day() -> None:
    rare = table({day: [1.0] + [None] * 29 for day in (1, 2, 3)})
    rows = pl.concat([rare, table({4: [None] * 30})])
    assert judges.feed_whole(rows.lazy(), record_of(rows), (rare.lazy(), record_of(rare))).passed


def test_a_log_that_is_named_no_more_or_fell_silent_is_a_broken_feed() -> None:
    verdict = judges.feed_whole(
        WHOLE.lazy(),
        record_of(WHOLE, logs={"home": 60}),
        (WHOLE.lazy(), record_of(WHOLE, logs={"home": 60, "paris": 7})),
    )
    assert "CREDIT_PLATFORM_DECISION_LOGS does not name the log paris any more, of which 7 decisions" in verdict.message
    both = pl.concat([table({1: [1.0] * 30, 2: [1.0] * 30}, "paris"), table({day: [1.0] * 30 for day in range(1, 9)})])
    verdict = judges.feed_whole(both.lazy(), record_of(both), None)
    assert verdict.refuses
    assert "The log paris has been silent since 2026-11-02" in verdict.message


def test_fresh_means_no_longer_silent_than_usual() -> None:
    newest = START + timedelta(days=1, minutes=29)
    assert judges.fresh(WHOLE.lazy(), newest + timedelta(days=1)).passed
    verdict = judges.fresh(WHOLE.lazy(), newest + timedelta(days=3))
    assert not verdict.passed
    assert "72 hours ago" in verdict.message


def test_nothing_is_nothing_to_judge() -> None:
    record = record_of(EMPTY)
    said = [
        judges.rows_equal_log(EMPTY.lazy(), record),
        judges.feed_whole(EMPTY.lazy(), record, None),
        judges.fresh(EMPTY.lazy(), datetime(2026, 11, 30, tzinfo=UTC)),
    ]
    assert all(verdict.passed for verdict in said)
    assert {verdict.message for verdict in said} == {judges.NOTHING}


def test_values_of_another_type_are_told_and_refuse_nothing() -> None:
    verdict = judges.values_fit(record_of(WHOLE, unfit={"income": 3}))
    assert not verdict.passed
    assert not verdict.refuses
    assert "3 values of 1 features" in verdict.message
