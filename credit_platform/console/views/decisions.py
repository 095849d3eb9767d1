"""Page 3: the decision log: search, open, replay.

What is here: the search, one decision, and scoring it again.
What to add here: another question to the log.
What must not be here: making decisions; changing the log.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from credit_platform.console.context import Context
from credit_platform.console.form import as_date, is_day
from credit_platform.console.letter import Sender, can_be_written, refusal_letter
from credit_platform.console.officer import note, signed_in
from credit_platform.console.settings import ConsoleSettings
from credit_platform.console.texts import Texts
from credit_platform.console.views.figures import offer_files
from credit_platform.console.views.parts import arrow_rows, escaped, show_decision, show_reasons, show_rows
from credit_platform.console.views.rights import show_rights
from credit_platform.console.wanted import whole
from credit_platform.errors import DecisionLogError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.decision_log import Filter, StoredDecision
from credit_platform.monitoring.decision_log.record import client_of
from credit_platform.monitoring.decision_log.replay import ScorerShelf, replay
from credit_platform.monitoring.stored_scorers import stored_scorer

_MOST = 200
_FEW = 8
"""Decisions whose table is as high as it needs to be; longer ones scroll."""
_DAYS = 30
_DECISIONS = ("accepted", "refused", "review")


def show(context: Context) -> None:
    """Draw the page."""
    texts = context.texts
    st.title(texts("page_decisions"), anchor=False)
    st.write(texts("decisions_intro"))
    try:
        _search(context)
        _open(context)
    except DecisionLogError:
        st.error(texts("log_unreachable"), icon=":material/error:")


def _search(context: Context) -> None:
    texts, store = context.texts, context.store
    wanted = _filter(context)
    found = store.search(wanted, limit=_MOST)
    if not found:
        st.info(texts("found_none"))
        return
    st.caption(texts("found", shown=len(found), count=store.count(wanted)))
    picked = st.dataframe(
        arrow_rows([_row(decision, texts) for decision in found]),
        hide_index=True,
        height="content" if len(found) < _FEW else 320,
        on_select=lambda: _remember_picked(found),
        selection_mode="single-row",
        key="picked",
    )
    del picked  # the callback has remembered it
    offer_files(context, "decisions", _frame(found), datetime.now(UTC), title=texts("found_files"))


def _frame(found: Sequence[StoredDecision]) -> pl.DataFrame:
    """The decisions that are shown, as values; nothing of what was sent."""
    columns = {
        "decided_at": [one.decided_at for one in found],
        "request_id": [one.request_id for one in found],
        "applicant_id": [one.applicant_id for one in found],
        "client": [one.client_name or one.client for one in found],
        "decision": [one.decision for one in found],
        "probability": [one.probability for one in found],
        "threshold": [one.threshold for one in found],
        "points": [one.points for one in found],
        "model_version": [one.model_version for one in found],
    }
    return pl.DataFrame(columns)


def _remember_picked(found: Sequence[StoredDecision]) -> None:
    rows = st.session_state["picked"]["selection"]["rows"]
    if rows:
        st.session_state["open_request"] = found[rows[0]].request_id
        st.session_state["open_number"] = found[rows[0]].id


def _filter(context: Context) -> Filter:
    texts, today = context.texts, datetime.now(context.texts.zone).date()
    since, until, applicant, decision = st.columns(4)
    # With every date allowed: what is beyond a limit never gets here, and the search would be for the date before it.
    every: Any = {"min_value": date(1, 1, 1), "max_value": date(9999, 1, 1), "format": "DD/MM/YYYY"}
    first = since.date_input(texts("from_date"), today - timedelta(days=_DAYS), key="since", **every)
    last = until.date_input(texts("to_date"), today, key="until", **every)
    reference = applicant.text_input(texts("filter_applicant"), key="filter_applicant")
    outcome = decision.selectbox(
        texts("filter_decision"),
        (None, *_DECISIONS),
        format_func=lambda one: texts(one or "all_decisions"),
        key=f"filter-decision-{texts.language}",
    )
    return Filter(
        applicant_id=reference.strip() or None,
        portfolio=context.portfolio.name,
        decision=outcome,
        since=_midnight(first, texts),
        until=_midnight(last + timedelta(days=1), texts),
    )


def _midnight(day: date, texts: Texts) -> datetime:
    return datetime.combine(day, time(), tzinfo=texts.zone)


def _row(decision: StoredDecision, texts: Texts) -> dict[str, str]:
    return {
        texts("column_time"): texts.moment(decision.decided_at),
        texts("column_applicant"): decision.applicant_id or "–",
        texts("column_decision"): texts(decision.decision),
        texts("column_probability"): texts.percent(decision.probability),
        texts("column_points"): texts.number(decision.points),
        texts("column_client"): client_of(decision),
        texts("column_model"): decision.model_version,
        texts("column_request"): decision.request_id,
    }


def _open(context: Context) -> None:
    texts, state = context.texts, st.session_state
    typed = st.text_input(texts("open_by_id"), key="typed_request", on_change=_remember_typed)
    request_id = state.get("open_request") or typed.strip()
    if not request_id:
        return
    found = context.store.find_all(request_id)
    if not found:
        st.warning(texts("no_such_request"))
        return
    _show_record(context, found[0] if len(found) == 1 else _whose(found, texts))


def _whose(found: Sequence[StoredDecision], texts: Texts) -> StoredDecision:
    """The decision that is meant, where several clients gave a request the same id."""
    picked = st.session_state.get("open_number")
    return st.radio(
        texts("whose_request", count=len(found)),
        found,
        index=next((place for place, one in enumerate(found) if one.id == picked), 0),
        format_func=lambda one: f"{client_of(one)}, {texts.moment(one.decided_at)}",
        key=f"whose-{texts.language}-{found[0].request_id}-{picked}",
    )


def _remember_typed() -> None:
    st.session_state.pop("open_number", None)
    st.session_state["open_request"] = st.session_state["typed_request"].strip()


def _show_record(context: Context, decision: StoredDecision) -> None:
    texts = context.texts
    st.divider()
    st.header(texts("record", request_id=decision.request_id), anchor=False)
    st.caption(texts("record_time", moment=texts.moment(decision.decided_at), version=decision.model_version))
    if decision.applicant_id is not None:
        st.write(texts("record_applicant", applicant=escaped(decision.applicant_id)))
    st.write(texts("record_client", client=escaped(client_of(decision))))
    show_decision(json.loads(decision.answer), texts)
    show_reasons(decision.reasons, decision.language, texts)
    show_rights(json.loads(decision.answer), decision.request_id, decision.language, texts)
    if decision.language != texts.language:
        st.caption(texts("reasons_language"))
    _offer_letter(context, decision)
    if st.button(texts("replay"), type="primary", help=texts("replay_help"), icon=":material/replay:"):
        _replay(context, decision)
    st.subheader(texts("inputs"), anchor=False)
    if decision.inputs is None:
        st.info(texts("inputs_digest"))
    else:
        _table(json.loads(decision.inputs)["application"], context, decision.decided_at.date())
    with st.expander(texts("record_features")):
        features: dict[str, Any] = json.loads(decision.features)
        units = {one.name: one.unit for group in context.portfolio.feature_groups for one in group.features}
        show_rows(
            [
                {texts("field"): name, texts("value"): texts.feature_value(name, value, units.get(name))}
                for name, value in features.items()
            ]
        )


def _offer_letter(context: Context, decision: StoredDecision) -> None:
    """The letter of a refusal; who saves it is in the log."""
    texts, officer = context.texts, signed_in()
    if decision.decision != "refused":
        return
    if not can_be_written(decision):
        st.caption(texts("letter_none"))
        return

    def written() -> str:
        note("letter", decision.request_id, officer)
        sender = Sender(ConsoleSettings().lender, None if officer is None else officer.name)
        return refusal_letter(decision, sender, texts, datetime.now(texts.zone).date())

    st.download_button(
        texts("letter_save"),
        written,
        file_name=f"{decision.portfolio}_{decision.request_id}.html".replace(":", "-"),
        mime="text/html",
        icon=":material/mail:",
        on_click="ignore",
        key=f"letter-{decision.request_id}",
    )
    st.caption(texts("letter_caption"))


def _table(application: dict[str, Any], context: Context, day: date) -> None:
    """What was sent; days are shown as dates, counted from `day`."""
    texts = context.texts
    days = {one.name for one in context.portfolio.application_columns if is_day(one.unit, one.minimum)}
    rows = [
        {
            texts("field"): texts.field(name),
            texts("value"): texts.day(as_date(value, day))
            if name in days and value <= 0
            else whole(name, value, texts),
        }
        for name, value in application.items()
        if value is not None
    ]
    show_rows(rows, height="content")


def _replay(context: Context, decision: StoredDecision) -> None:
    """Score the decision again with the scorer that made it, and say what came out; who asked is in the log."""
    texts = context.texts
    note("replayed", decision.request_id, signed_in())
    report = replay(
        [decision], ScorerShelf([context.settings.home], partial(stored_scorer, Shelf.of(context.settings)))
    )
    if report.is_clean:
        st.success(texts("replay_equal"), icon=":material/task_alt:")
    for _, why in report.unknown.values():
        st.warning(texts("replay_impossible", why=why), icon=":material/help:")
    if report.differences:
        st.error(texts("replay_different"), icon=":material/error:")
        show_rows(
            [
                {texts("what"): one.what, texts("logged"): one.logged, texts("again"): one.again}
                for one in report.differences
            ]
        )
