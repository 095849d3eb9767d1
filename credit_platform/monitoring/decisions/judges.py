"""What is wrong with a table of decisions: rows that are not the log's, a feed that broke, nothing that comes any more.

What is here: `rows_equal_log`, `feed_whole`, `values_fit`, `fresh`; each gives a verdict, whatever the table holds.
What to add here: another fault of the table that can be told from its rows and its record.
What must not be here: whether applicants changed (that is drift), Dagster.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.monitoring.decisions.schema import DAY, DecisionsRecord, feature_columns

LEAST_ROWS: Final = 10
"""Decisions of a day below which nothing is said of its features."""
DAYS_BEFORE: Final = 28
"""Days that the newest one is held against."""
CHANCE: Final = 1e-6
"""How improbable a day without a single value must be, over all features together, to be called a broken feed."""
SILENCE: Final = 3
"""How many times the longest pause of the days before a log may be silent, while others go on."""
SHOWN: Final = 5
"""Features named in a sentence; all of them are listed beside it."""
NOTHING: Final = "There is no decision yet: nothing to judge."


def rows_equal_log(rows: pl.LazyFrame, record: DecisionsRecord) -> Verdict:
    """Whether each day holds as many rows of each log as the log holds decisions, none twice."""
    counted = rows.group_by(DAY, "log").agg(pl.len().alias("n"), pl.col("row").n_unique().alias("different")).collect()
    found = {(day.isoformat(), log): (n, different) for day, log, n, different in counted.iter_rows()}
    expected = {(day, log): n for day, logs in record.days.items() for log, n in logs.items()}
    # Days that nobody asked for yet are told of, and are no fault: a backfill fills day by day.
    waiting = {place: n for place, n in expected.items() if place not in found}
    wrong = [
        {"day": day, "log": log, "rows": f"{found[day, log][0]:,}", "decisions": f"{expected.get((day, log), 0):,}"}
        for day, log in sorted(found)
        if found[day, log] != (expected.get((day, log), 0),) * 2
    ]
    total, logged = sum(n for n, _ in found.values()), sum(expected.values())
    numbers = {"rows": total, "decisions": logged, "days": len(record.days)}
    if wrong:
        message = f"{len(wrong)} days and logs do not hold the rows of their log: {_first(wrong)}."
        return Verdict(check="rows_equal_log", passed=False, message=message, numbers=numbers, listed=wrong, final=True)
    message = f"{total:,} rows are the {total:,} decisions of their days in the logs, each once."
    if waiting:
        days = len({day for day, _ in waiting})
        message += f" {sum(waiting.values()):,} decisions of {days} other days are not read yet."
    return Verdict(check="rows_equal_log", passed=True, message=message if logged else NOTHING, numbers=numbers)


def _first(wrong: list[dict[str, str]]) -> str:
    first = wrong[0]
    return f"{first['day']}, log {first['log']}: {first['rows']} rows for {first['decisions']} decisions"


def feed_whole(
    rows: pl.LazyFrame, record: DecisionsRecord, before: tuple[pl.LazyFrame, DecisionsRecord] | None
) -> Verdict:
    """Whether every feature that had values still has some on the newest day, and every log still speaks.

    Args:
        rows: the table.
        record: its record.
        before: rows and record of the version in force, which the newest day is held against; None where there is none:
            then against the days before it. A feature that had no value on the newest day in force broke earlier, and
            somebody let that pass.
    """
    columns = feature_columns(rows.collect_schema().names())
    judged = _newest_day(rows)
    silent = [*_unnamed(record, before[1] if before else None), *_silent(rows)]
    empty: list[tuple[str, float]] = []
    if judged and columns:
        then = before[0] if before else rows.filter(pl.col(DAY) < judged)
        empty = _emptied(rows.filter(pl.col(DAY) == judged), then, judged, columns)
    numbers = {"features": len(columns), "without_values": len(empty), "silent_logs": len(silent)}
    listed = [{"feature": name, "before": f"{share:.1%}", "now": "0.0%"} for name, share in empty]
    if not silent and not empty:
        message = NOTHING if not record.days else f"Every log speaks; {_judged_sentence(judged)}"
        return Verdict(check="feed_whole", passed=True, message=message, numbers=numbers)
    told = list(silent)
    if empty and judged:
        names = ", ".join(name for name, _ in empty[:SHOWN]) + (" and others" if len(empty) > SHOWN else "")
        told.append(f"{len(empty)} features that had values have none on {judged}: {names}.")
    message = " ".join(
        [*told, "This is a broken feed, not a change of applicants: mend it; nothing is lost meanwhile."]
    )
    return Verdict(check="feed_whole", passed=False, message=message, numbers=numbers, listed=listed)


def _judged_sentence(day: date | None) -> str:
    if day is None:
        return f"no day has {LEAST_ROWS} decisions yet, from which on features are judged."
    return f"every feature that had values has some on {day}."


def _newest_day(rows: pl.LazyFrame) -> date | None:
    """The newest day with decisions enough to judge it; None where there is none."""
    counts = rows.group_by(DAY).len().filter(pl.col("len") >= LEAST_ROWS).collect()
    return max(counts[DAY].to_list(), default=None)


def _emptied(today: pl.LazyFrame, then: pl.LazyFrame, day: date, columns: list[str]) -> list[tuple[str, float]]:
    """Features without a value today that had some before, more often than chance explains, with their share."""
    there = then.collect_schema().names()
    known = [name for name in columns if name in there]
    reference = _newest_day(then)
    if reference is None or not known:
        return []
    since = day - timedelta(days=DAYS_BEFORE)
    now, last, had = (
        frame.select(pl.len(), pl.col(known).count()).collect().row(0, named=True)
        for frame in (
            today,
            then.filter(pl.col(DAY) == reference),
            then.filter((pl.col(DAY) >= since) & (pl.col(DAY) <= day)),
        )
    )
    found = []
    for name in known:
        # One more row without a value: of few rows no share is certain.
        share = had[name] / (had["len"] + 1)
        improbable = share and now["len"] * math.log1p(-share) < math.log(CHANCE / len(columns))
        if now[name] == 0 and last[name] and improbable:
            found.append((name, had[name] / had["len"]))
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _unnamed(record: DecisionsRecord, before: DecisionsRecord | None) -> list[str]:
    """Logs of which decisions were there and that the settings do not name any more."""
    gone = {name: n for name, n in (before.logs if before else {}).items() if n and name not in record.logs}
    return [
        f"CREDIT_PLATFORM_DECISION_LOGS does not name the log {name} any more, of which {n:,} decisions are in force."
        for name, n in sorted(gone.items())
    ]


def _silent(rows: pl.LazyFrame) -> list[str]:
    """Logs that have been silent for long while another one goes on."""
    moments = rows.select("log", "decided_at").sort("log", "decided_at").collect()
    newest = {log: frame["decided_at"].max() for (log,), frame in moments.partition_by("log", as_dict=True).items()}
    if len(newest) < 2:  # noqa: PLR2004  # with one log there is no other that goes on
        return []
    last = max(moment for moment in newest.values() if isinstance(moment, datetime))
    found = []
    for log, moment in sorted(newest.items()):
        own = moments.filter(pl.col("log") == log)["decided_at"].tail(1000)
        pause = own.diff().max()
        if own.len() < LEAST_ROWS or not isinstance(pause, timedelta) or not isinstance(moment, datetime):
            continue
        if last - moment > max(pause * SILENCE, timedelta(days=1)):
            found.append(f"The log {log} has been silent since {moment:%Y-%m-%d %H:%M} UTC while others go on.")
    return found


def values_fit(record: DecisionsRecord) -> Verdict:
    """Whether every value of a feature is of the type of its column; one that is not is null there, and told."""
    unfit = Counter(record.unfit)
    listed = [{"feature": name, "values": f"{count:,}"} for name, count in unfit.most_common()]
    if not unfit:
        return Verdict(check="values_fit", passed=True, message="Every value is of the type of its column.")
    message = (
        f"{unfit.total():,} values of {len(unfit)} features are not of the type of their column; they are null here."
    )
    return Verdict(check="values_fit", passed=False, message=message, listed=listed, warns=True)


def fresh(rows: pl.LazyFrame, now: datetime) -> Verdict:
    """Whether the newest decision is as new as the pauses of the days before let expect."""
    moments = rows.select("decided_at").sort("decided_at").collect()["decided_at"].tail(5000)
    newest = moments.max()
    if not isinstance(newest, datetime):
        return Verdict(check="fresh", passed=True, message=NOTHING)
    age = now - newest
    pause = moments.diff().max()
    bound = max(2 * pause if isinstance(pause, timedelta) else timedelta(0), timedelta(days=2))
    hours = {"hours": round(age / timedelta(hours=1), 1), "bound": round(bound / timedelta(hours=1), 1)}
    said = f"The newest decision is of {newest:%Y-%m-%d %H:%M} UTC, {hours['hours']:g} hours ago"
    if age <= bound:
        return Verdict(check="fresh", passed=True, message=f"{said}.", numbers=hours)
    message = f"{said}: longer than {hours['bound']:g} hours, twice the longest pause before. Does the service answer?"
    return Verdict(check="fresh", passed=False, message=message, numbers=hours)
