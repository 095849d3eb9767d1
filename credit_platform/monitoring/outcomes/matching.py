"""Which decision each outcome belongs to, and which rows cannot count, with the reason.

What is here: `match`, `Reason`.
What to add here: a reason for which a row cannot count; it must be told, as all of them are.
What must not be here: reading (`reading.py`), judging the model.

Every row of the files ends in one place: it is an observation behind an outcome, or it is set aside with one reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl

from credit_platform.monitoring.outcomes.contract import SYNTHETIC
from credit_platform.monitoring.outcomes.reading import REJECTED
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import REFUSED
from credit_platform.values import canonical_keys, has_number_as_key, key_column

MONTH = "month"
"""Column by which the table is laid out: month of the decision, `2026-11`, in the portfolio's timezone."""


class Reason(StrEnum):
    """Why a row that keeps the contract does not count."""

    UNKNOWN = "no such decision"
    REFUSED = "was refused"
    AMBIGUOUS = "several decisions on that day"
    ANOTHER = "its request is about another applicant or day"
    BEFORE = "observed before its decision"
    LATER = "observed later than today"
    TWICE = "told twice"
    CONTRADICTING = "contradicts another row of its loan"


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Outcomes by decision, and the rows that do not count."""

    outcomes: pl.DataFrame
    """Columns of `OUTCOME`: one row per decision."""
    rejected: pl.DataFrame
    """Columns of `reading.REJECTED`."""
    observations: int
    """Rows behind the outcomes."""
    too_old: int
    """Of them, rows with more months on book than have passed since the decision."""


def match(rows: pl.DataFrame, index: pl.DataFrame, portfolio: Portfolio, today: date) -> Matched:
    """Give each row to the decision it is about.

    Args:
        rows: as from `reading.read_outcomes`.
        index: the decisions, as from `log_index.log_index`, of all logs.
        portfolio: whose key and timezone they are.
        today: rows of later days wait until then; synthetic ones need not: a simulation may pretend that time passed.
    """
    zone = portfolio.monitoring.timezone
    decisions = _named(index, portfolio).with_columns(
        pl.col("decided_at").dt.convert_time_zone(zone).dt.date().alias("day")
    )
    judged = _found(_named(rows.with_row_index("_row_of_file"), portfolio), decisions)
    judged = judged.with_columns(
        pl.when(pl.col("reason").is_not_null())
        .then("reason")
        .when(pl.col("observed_at") < pl.col("day"))
        .then(pl.lit(Reason.BEFORE.value))
        .when((pl.col("observed_at") > today) & ~pl.col(SYNTHETIC).fill_null(value=False))
        .then(pl.lit(Reason.LATER.value))
        .alias("reason")
    )
    judged = _contradictions(_repeated(judged)).sort("_row_of_file")
    used, aside = judged.filter(pl.col("reason").is_null()), judged.filter(pl.col("reason").is_not_null())
    return Matched(
        outcomes=_outcomes(used),
        rejected=aside.with_columns(pl.col("defaulted", SYNTHETIC).cast(pl.Int8)).select(
            pl.col(name).cast(kind) for name, kind in REJECTED.items()
        ),
        observations=used.height,
        too_old=used.filter(pl.col("months_on_book") > _months_since(pl.col("day"), pl.col("observed_at"))).height,
    )


def _named(frame: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """With applicants under their one name, where the portfolio's key is a number."""
    if not has_number_as_key(portfolio):
        return frame
    names, _ = canonical_keys(key_column(portfolio), frame["applicant_id"])
    return frame.with_columns(names.alias("applicant_id"))


def _found(rows: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Each row with `log`, `row`, `day` of its decision, or with the `reason` why it has none."""
    theirs = decisions.select(
        "log", "row", "day", "decided_at", "decision", "request_id", pl.col("applicant_id").alias("whose")
    )
    by_request = rows.filter(pl.col("request_id").is_not_null()).join(theirs, on="request_id")
    by_day = rows.filter(pl.col("request_id").is_null()).join(
        theirs.drop("request_id"), left_on=["applicant_id", "decided_on"], right_on=["whose", "day"], coalesce=False
    )
    both = pl.concat([part.select(_CANDIDATE) for part in (by_request, by_day)])
    other = (pl.col("applicant_id") != pl.col("whose").fill_null("")) | (pl.col("decided_on") != pl.col("day"))
    both = both.with_columns(
        other.fill_null(value=False).alias("other"), (pl.col("decision") == REFUSED).alias("refused")
    )
    able = ~pl.col("other") & ~pl.col("refused")
    told = both.group_by("_row_of_file").agg(
        pl.len().alias("candidates"),
        (~pl.col("other")).sum().alias("right"),
        able.sum().alias("able"),
        *(pl.col(name).filter(able).first() for name in ("log", "row", "day", "decided_at")),
    )
    joined = rows.join(told, on="_row_of_file", how="left", maintain_order="left")
    reason = (
        pl.when(pl.col("candidates").is_null())
        .then(pl.lit(Reason.UNKNOWN.value))
        .when(pl.col("right") == 0)
        .then(pl.lit(Reason.ANOTHER.value))
        .when(pl.col("able") == 0)
        .then(pl.lit(Reason.REFUSED.value))
        .when(pl.col("able") > 1)
        .then(pl.lit(Reason.AMBIGUOUS.value))
    )
    return joined.with_columns(reason.alias("reason"))


def _repeated(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that say what an earlier one of the same loan says are told twice."""
    # A row that does not know the loss does not contradict one of the same day that does.
    known = pl.col("loss").max().over("log", "row", *_SAYS[:-1])
    rows = rows.with_columns(pl.col("loss").fill_null(known))
    same = ["log", "row", *_SAYS]
    again = pl.col("reason").is_null() & (pl.int_range(pl.len()).over([*same, pl.col("reason").is_null()]) > 0)
    return rows.with_columns(pl.when(again).then(pl.lit(Reason.TWICE.value)).otherwise("reason").alias("reason"))


def _contradictions(rows: pl.DataFrame) -> pl.DataFrame:
    """Loans whose rows cannot all be true lose all of them: which one is wrong is not for the platform to guess.

    In the order of observation the age never falls and a default stays one, and one day has one truth.
    """
    loan = ["log", "row"]
    used = rows.filter(pl.col("reason").is_null()).sort(*loan, "observed_at", "months_on_book", "defaulted")
    before = {name: pl.col(name).shift(1).over(loan) for name in _SAYS}
    told_otherwise = (pl.col("observed_at") == before["observed_at"]).fill_null(value=False)
    falls = (pl.col("months_on_book") < before["months_on_book"]) | (~pl.col("defaulted") & before["defaulted"])
    wrong = used.filter(told_otherwise | falls.fill_null(value=False)).select(loan).unique()
    hit = rows.join(wrong.with_columns(pl.lit(value=True).alias("_wrong")), on=loan, how="left", maintain_order="left")
    told = pl.when(pl.col("_wrong") & pl.col("reason").is_null()).then(pl.lit(Reason.CONTRADICTING.value))
    return hit.with_columns(told.otherwise("reason").alias("reason")).drop("_wrong")


def _outcomes(used: pl.DataFrame) -> pl.DataFrame:
    latest = used.sort("observed_at", "months_on_book")
    age = pl.col("months_on_book")
    grouped = latest.group_by("log", "row").agg(
        pl.col("decided_at").first(),
        pl.col("day").first().dt.strftime("%Y-%m").alias(MONTH),
        age.max(),
        pl.col("defaulted").any(),
        age.filter(pl.col("defaulted")).min().alias("default_month"),
        pl.col("observed_at").max(),
        pl.col("loss").drop_nulls().last(),
        pl.col(SYNTHETIC).fill_null(value=False).any(),
        pl.len().alias("observations"),
    )
    return grouped.select(pl.col(name).cast(kind) for name, kind in OUTCOME.items()).sort("log", "row")


def _months_since(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Calendar months between two days, the one that has begun included."""
    return 12 * (end.dt.year() - start.dt.year()) + end.dt.month().cast(pl.Int32) - start.dt.month().cast(pl.Int32)


_SAYS = ("observed_at", "months_on_book", "defaulted", "loss")
_CANDIDATE = ("_row_of_file", "applicant_id", "decided_on", "log", "row", "day", "decided_at", "decision", "whose")
OUTCOME: dict[str, Any] = {
    "log": pl.String,
    "row": pl.Int64,
    "decided_at": pl.Datetime("us", "UTC"),
    MONTH: pl.String,
    "months_on_book": pl.Int64,
    "defaulted": pl.Boolean,
    "default_month": pl.Int64,
    "observed_at": pl.Date,
    "loss": pl.Float64,
    SYNTHETIC: pl.Boolean,
    "observations": pl.Int64,
}
"""Columns of outcomes: `default_month` is the least age at which the loan was told to have defaulted."""
