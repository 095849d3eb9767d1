"""Decisions on the page Monitoring: what was read, over time, scores against the holdout, the newest.

What is here: `Look` (what one drawing of the page reads once), and the parts that it feeds.
What to add here: another part about decisions.
What must not be here: whom a decision is about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from credit_platform.console import charts, monitoring_charts
from credit_platform.console.chart_parts import period_labels
from credit_platform.console.context import Context
from credit_platform.console.texts import Texts
from credit_platform.console.views.figures import show_figures
from credit_platform.console.views.parts import escaped, show_chart
from credit_platform.errors import CreditPlatformError, DecisionLogError, SettingError
from credit_platform.monitoring.decisions.logs import existing_logs
from credit_platform.monitoring.overview.decisions import HOURLY_UP_TO, by_period, recent, window_start
from credit_platform.monitoring.overview.log import LOG_COLUMNS, newest_decision
from credit_platform.monitoring.overview.scores import Champion, ScoreComparison, champion, compare_scores

MOST_RECENT = 50
_DIGITS = 12
"""Of a digest: so the decision log names models."""
_LONGEST_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one drawing of the page has read."""

    now: datetime
    days: int
    asked: datetime
    """From when on decisions were asked for."""
    since: datetime
    """From when on they are all there."""
    full: bool = False
    """Whether as many decisions are kept as may be."""
    decisions: pl.DataFrame
    champion: Champion | None
    nothing: str = ""
    """Why there is no decision, as a sentence; empty where there are some."""
    ever: bool = True
    """Whether there may be a decision about the portfolio, of whatever time."""
    failed: bool = False
    """Whether the log could not be read."""


def looked(context: Context, days: int, now: datetime) -> Look:
    """Read the decisions of some days, and the model in use."""
    texts = context.texts
    asked = window_start(days, context.portfolio.monitoring.zone, now)
    empty, using = pl.DataFrame(schema=LOG_COLUMNS), None
    try:
        using = champion(context.lakehouse, context.portfolio)
    except CreditPlatformError as error:
        st.error(texts("part_unreadable", why=escaped(str(error))))
    look = Look(now=now, days=days, asked=asked, since=asked, decisions=empty, champion=using)
    try:
        logs = existing_logs(context.settings)
        found = context.decisions(logs, asked)
        newest = newest_decision(logs, context.portfolio.name) if found.frame.is_empty() else now
    except DecisionLogError:
        return replace(look, nothing=texts("log_unreachable"), failed=True)
    except SettingError as error:
        return replace(look, nothing=texts("part_unreadable", why=escaped(str(error))), failed=True)
    if found.frame.is_empty():
        return replace(look, nothing=_why_none(context, newest, using, days), ever=newest is not None)
    return replace(look, since=found.since, full=found.full, decisions=found.frame)


def _why_none(context: Context, newest: datetime | None, using: Champion | None, days: int) -> str:
    texts, name = context.texts, context.portfolio.name
    if newest is not None:
        longest = window_start(_LONGEST_DAYS, context.portfolio.monitoring.zone, datetime.now(UTC))
        key = "none_in_window" if newest >= longest and days < _LONGEST_DAYS else "none_in_window_old"
        return texts(key, moment=texts.moment(newest))
    if using is None:
        return texts("none_no_model", portfolio=name)
    return texts("none_no_service" if context.access is None else "none_yet", portfolio=name)


def show_over_time(context: Context, look: Look) -> None:
    """Charts of decisions, acceptance and time, with their figures; nothing where there is no decision."""
    texts, decisions = context.texts, look.decisions
    if decisions.is_empty():
        return
    hourly = look.days < HOURLY_UP_TO
    zone = context.portfolio.monitoring.zone
    periods = by_period(decisions, look.since, look.now, zone, hourly=hourly)
    by = texts("by_hour" if hourly else "by_day")
    rates, slow = periods["acceptance"].drop_nulls(), periods["p95_ms"].drop_nulls()
    st.header(texts("mon_over_time"), anchor=False)
    show_chart(
        monitoring_charts.decisions_over_time(periods, texts),
        height=charts.HEIGHT,
        alt=texts("mon_over_time_alt", by=by, count=decisions.height),
    )
    rate, latency = st.columns(2)
    with rate:
        st.subheader(texts("mon_rate_over_time"), anchor=False)
        low, high = (texts.percent(float(one)) for one in (rates.min(), rates.max()))  # type: ignore[arg-type]  # of floats
        holdout = None if look.champion is None else look.champion.acceptance
        show_chart(
            monitoring_charts.acceptance_over_time(periods, holdout, texts),
            height=charts.HEIGHT,
            alt=texts("mon_rate_alt", by=by, low=low, high=high),
        )
    with latency:
        st.subheader(texts("mon_latency_over_time"), anchor=False)
        longest = texts("milliseconds", value=texts.number(float(slow.max()), 1))  # type: ignore[arg-type]  # of floats
        show_chart(
            monitoring_charts.latency_over_time(periods, texts),
            height=charts.HEIGHT,
            alt=texts("mon_latency_alt", by=by, high=longest),
        )
    rows = _period_rows(periods, texts)
    show_figures(context, "decisions_over_time", rows, periods, look.now, title=texts("mon_over_time"))


def _period_rows(periods: pl.DataFrame, texts: Texts) -> list[dict[str, str]]:
    labels = period_labels(periods["period"], texts)
    return [
        {
            texts("column_period"): label,
            texts("column_decisions"): texts.number(row["decisions"]),
            texts("column_accepted"): texts.number(row["accepted"]),
            texts("column_refused"): texts.number(row["refused"]),
            texts("column_review"): texts.number(row["review"]),
            texts("column_acceptance"): _known(row["acceptance"], texts.percent, texts),
            texts("column_p50"): _decimal(row["p50_ms"], texts),
            texts("column_p95"): _decimal(row["p95_ms"], texts),
        }
        for label, row in zip(labels, periods.iter_rows(named=True), strict=True)
    ]


def show_scores(context: Context, look: Look) -> None:
    """Scores in production against those of the holdout."""
    texts = context.texts
    st.header(texts("mon_scores"), anchor=False)
    if look.champion is None:
        st.info(texts("mon_scores_no_model", portfolio=context.portfolio.name))
        return
    found, version = compare_scores(look.champion, look.decisions), look.champion.model.digest[:_DIGITS]
    if not found.holdout or found.holdout_mean is None:
        st.info(texts("mon_scores_no_holdout"))
        return
    if not found.decisions or found.production_mean is None:
        st.info(texts("mon_scores_none", version=version))
        return
    show_chart(monitoring_charts.scores(found.bins, texts), height=charts.HEIGHT, alt=texts("mon_scores_alt"))
    said = texts(
        "mon_scores_caption",
        decisions=found.decisions,
        version=version,
        production_mean=texts.percent(found.production_mean),
        holdout=found.holdout,
        holdout_mean=texts.percent(found.holdout_mean),
    )
    others = texts("mon_scores_others", count=found.others) if found.others else ""
    st.caption(f"{said} {others}".strip())
    show_figures(context, "scores", _score_rows(found, texts), found.bins, look.now, title=texts("mon_scores"))


def _score_rows(found: ScoreComparison, texts: Texts) -> list[dict[str, str]]:
    return [
        {
            texts("column_range"): monitoring_charts.range_of(row["low"], row["high"], texts),
            texts("column_holdout"): texts(
                "live_share", count=row["holdout_applicants"], share=_percent(row, "holdout", texts)
            ),
            texts("column_production"): texts(
                "live_share", count=row["decisions"], share=_percent(row, "production", texts)
            ),
        }
        for row in found.bins.iter_rows(named=True)
    ]


def _percent(row: dict[str, Any], name: str, texts: Texts) -> str:
    return texts.percent(row[name])


def show_recent(context: Context, look: Look) -> None:
    """The newest decisions of the time that is shown."""
    texts = context.texts
    st.header(texts("mon_recent"), anchor=False)
    newest = recent(look.decisions, MOST_RECENT)
    if newest.is_empty():
        st.info(look.nothing)
        return
    st.caption(texts("mon_recent_caption", count=newest.height))
    rows = [_recent_row(row, texts) for row in newest.iter_rows(named=True)]
    show_figures(context, "recent_decisions", rows, newest, look.now, title=texts("mon_recent"), folded=False)


def _recent_row(row: dict[str, Any], texts: Texts) -> dict[str, str]:
    return {
        texts("column_time"): texts.clock(row["decided_at"]),
        texts("column_request"): row["request_id"],
        texts("column_decision"): texts(row["decision"]),
        texts("column_probability"): texts.percent(row["probability"]),
        texts("column_points"): texts.number(row["points"]),
        texts("column_latency"): _decimal(row["latency_ms"], texts),
        texts("column_model"): row["model_version"],
    }


def _decimal(value: float | None, texts: Texts) -> str:
    return "–" if value is None else texts.number(value, 1)


def _known(value: float | None, said: Any, texts: Texts) -> str:
    return texts("unknown") if value is None else str(said(value))
