"""Page 4: what happens now: decisions, service, incidents, scores, drift, outcomes; it refreshes itself.

What is here: when it refreshes, the figures at its top, incidents, the newest decisions; the other parts are in
`monitoring_decisions.py` and `monitoring_drift.py`.
What to add here: another part of the page.
What must not be here: whom a decision is about; computing figures (`monitoring/overview`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from credit_platform.console.context import Context
from credit_platform.console.service_metrics import ask_metrics
from credit_platform.console.texts import Texts
from credit_platform.console.views.figures import part, show_figures
from credit_platform.console.views.monitoring_decisions import Look, looked, show_over_time, show_recent, show_scores
from credit_platform.console.views.monitoring_drift import show_drift, show_outcomes
from credit_platform.console.views.parts import escaped
from credit_platform.errors import NoticeError, ServiceError
from credit_platform.monitoring.overview.decisions import totals_of
from credit_platform.monitoring.overview.incidents import OpenIncident, incident_frame, open_incidents
from credit_platform.monitoring.overview.service import ServiceFigures
from credit_platform.serving.service_problems import NoAnswerError, Problem

INTERVALS = (0, 10, 30, 60, 300)
"""Seconds between two refreshes; 0: only when asked."""
WINDOWS = (1, 7, 28, 90)
"""Days whose decisions are shown."""
_MINUTE = 60
_MODEL_DECIMALS = 2
_TWO_DIGITS = 10
"""Milliseconds of which hundredths would not fit, and say nothing."""
_TOLD_WHOLE = 5
"""Incidents whose message is shown whole; all are in the table."""


def show(context: Context, *, every: int = _MINUTE) -> None:
    """Draw the page; `every` is the interval in seconds that it begins with."""
    texts = context.texts
    st.title(texts("page_monitoring"), anchor=False)
    st.write(texts("monitoring_intro"))
    window, interval = st.columns(2)
    days = _chosen(
        window, "monitoring_days", WINDOWS, first=7, label=texts("window"), said=lambda one: _window(one, texts)
    )
    intervals = tuple(sorted({*INTERVALS, every}))
    seconds = _chosen(
        interval,
        "monitoring_seconds",
        intervals,
        first=every,
        label=texts("refresh_every"),
        said=lambda one: _interval(one, texts),
    )

    @st.fragment(run_every=seconds or None)
    def body() -> None:
        # A service may have come or gone since the page was opened.
        _draw(context.found_again(), days, seconds)

    body()


def _chosen(
    place: st.delta_generator.DeltaGenerator,
    name: str,
    options: tuple[int, ...],
    *,
    first: int,
    label: str,
    said: Callable[[int], str],
) -> int:
    """What is chosen, also on another visit of the page, in whichever language."""
    kept = st.session_state.get(name, first)
    chosen = place.selectbox(
        label,
        options,
        index=options.index(kept) if kept in options else options.index(first),
        format_func=said,
        # A widget in another language is another widget; what was chosen stays.
        key=f"{name}-{label}",
    )
    st.session_state[name] = chosen
    return int(chosen)


def _window(days: int, texts: Texts) -> str:
    return texts("window_1") if days == 1 else texts("window_days", count=days)


def _interval(seconds: int, texts: Texts) -> str:
    if seconds == 0:
        return texts("refresh_never")
    if seconds % _MINUTE:
        return texts("refresh_seconds", count=seconds)
    minutes = seconds // _MINUTE
    return texts("refresh_minute") if minutes == 1 else texts("refresh_minutes", count=minutes)


def _draw(context: Context, days: int, seconds: int) -> None:
    """Everything that refreshes; each part says by itself why there is nothing, or what failed."""
    texts, now = context.texts, datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(texts("refresh_now"), icon=":material/refresh:", key="refresh_now")
        key = "refreshed" if seconds else "refreshed_only"
        st.caption(texts(key, moment=texts.clock(now), every=_interval(seconds, texts)))
    look = looked(context, days, now)
    service, why = _service(context, look)
    _show_totals(context, look, service)
    with part(texts):
        _show_incidents(context, now)
    with part(texts):
        show_over_time(context, look)
    _show_service(context, service, why)
    with part(texts):
        show_scores(context, look)
    with part(texts):
        show_drift(context, look)
    with part(texts):
        show_outcomes(context, look)
    with part(texts):
        show_recent(context, look)


def _service(context: Context, look: Look) -> tuple[ServiceFigures | None, str]:
    """What the service tells, or why it tells nothing."""
    texts, name = context.texts, context.portfolio.name
    if context.access is None:
        key = "service_none" if look.champion is not None else "service_none_no_model"
        return None, texts(key, portfolio=name)
    try:
        return ask_metrics(context.settings, context.access), ""
    except NoAnswerError as problem:
        if problem.kind in (Problem.SCOPE, Problem.KEY):
            return None, texts("service_scope")
        return None, texts("service_silent", why=escaped(str(problem)))
    except ServiceError as error:
        return None, texts("service_silent", why=escaped(str(error)))


def _show_totals(context: Context, look: Look, service: ServiceFigures | None) -> None:
    texts = context.texts
    if look.nothing:
        (st.error if look.failed else st.info)(look.nothing)
    if look.decisions.is_empty() and service is None:
        return
    totals = totals_of(look.decisions)
    decisions, accepted, middle, slow, errors = st.columns(5)
    unknown = texts("unknown")
    decisions.metric(texts("mon_decisions"), texts.number(totals.decisions), border=True)
    holdout = None if look.champion is None else look.champion.acceptance
    known = {"holdout": texts.percent(holdout)} if holdout is not None else {}
    accepted.metric(
        texts("mon_acceptance"),
        unknown if totals.acceptance is None else texts.percent(totals.acceptance),
        help=texts("mon_acceptance_help" if known else "mon_acceptance_help_alone", **known),
        border=True,
    )
    for column, key, value in ((middle, "mon_time_p50", totals.p50_ms), (slow, "mon_time_p95", totals.p95_ms)):
        column.metric(texts(key), milliseconds(value, texts, 1), help=texts("mon_latency_help"), border=True)
    rate = None if service is None else service.error_rate
    errors.metric(
        texts("mon_errors"),
        unknown if rate is None else texts.percent(rate, 2),
        help=texts("mon_errors_help"),
        border=True,
    )
    st.caption(texts("mon_simulated"))
    if look.since > look.asked:
        st.warning(texts("mon_cut" if look.full else "mon_reading", moment=texts.clock(look.since)))


def milliseconds(value: float | None, texts: Texts, decimals: int) -> str:
    """A time, or that it is not known."""
    if value is None:
        return texts("unknown")
    shown = decimals if value < _TWO_DIGITS else min(decimals, 1)
    return texts("milliseconds", value=texts.number(value, shown))


def _show_service(context: Context, service: ServiceFigures | None, why: str) -> None:
    texts = context.texts
    st.header(texts("mon_service"), anchor=False)
    if service is None:
        st.info(why)
        return
    if service.since is None:
        st.caption(texts("mon_service_since_unknown"))
    else:
        st.caption(texts("mon_service_since", moment=texts.moment(service.since)))
    if not service.requests:
        st.info(texts("mon_no_request"))
        return
    requests, *times = st.columns(5)
    requests.metric(
        texts("mon_requests"),
        texts.number(service.requests),
        help=texts("mon_requests_help", refused=service.refused),
        border=True,
    )
    told = {
        "mon_answer_p50": service.request_p50,
        "mon_answer_p95": service.request_p95,
        "mon_model_p50": service.model_p50,
        "mon_model_p95": service.model_p95,
    }
    for column, (key, seconds) in zip(times, told.items(), strict=True):
        said = milliseconds(None if seconds is None else 1000 * seconds, texts, _MODEL_DECIMALS)
        column.metric(texts(key), said, help=texts(f"{key.rpartition('_')[0]}_help"), border=True)


def _show_incidents(context: Context, now: datetime) -> None:
    texts = context.texts
    st.header(texts("mon_incidents"), anchor=False)
    try:
        found = open_incidents(context.settings)
    except NoticeError as error:
        st.error(texts("incidents_unreadable", why=escaped(str(error))))
        return
    if not found:
        # Nothing was ever noted: who would note it is worth a word.
        st.info(texts("incidents_never")) if found is None else st.success(texts("incidents_none"))
        return
    st.caption(texts("incidents_caption"))
    for one in found[:_TOLD_WHOLE]:
        box = st.error if one.severity == "error" else st.warning
        since = texts("incident_since", moment=texts.moment(one.opened), times=one.times)
        box(f"**{escaped(one.title)}** · {since}\n\n{escaped(one.message)}")
    rows = [_incident_row(one, texts) for one in found]
    show_figures(context, "incidents", rows, incident_frame(found), now, title=texts("mon_incidents"))


def _incident_row(one: OpenIncident, texts: Texts) -> dict[str, str]:
    return {
        texts("column_severity"): texts(f"severity_{one.severity}"),
        texts("column_title"): one.title,
        texts("column_message"): one.message,
        texts("column_opened"): texts.moment(one.opened),
        texts("column_seen"): texts.moment(one.seen),
        texts("column_times"): texts.number(one.times),
        texts("column_owner"): one.owner,
        texts("column_link"): one.link,
    }
