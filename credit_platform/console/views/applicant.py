"""Page 1: an application, its decision, and why.

What is here: asking for the decision and drawing it; the tabs below it are in `explanation.py` and `what_if.py`.
What to add here: what belongs to the decision about one applicant.
What must not be here: the form (`application_form.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from credit_platform.console.client import Asked, NoAnswerError, ScoringClient
from credit_platform.console.context import Context, service_documents
from credit_platform.console.form import Field, read_fields
from credit_platform.console.views import explanation, what_if
from credit_platform.console.views.application_form import ask_application, reference_key
from credit_platform.console.views.parts import show_decision, show_problem, show_reasons, show_synthetic
from credit_platform.console.views.rights import show_rights
from credit_platform.orchestration.running_services import ServiceAccess

_NAMED = 8
"""Inputs that were not given and are named; of more, only the number is told."""
_REFERENCE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def show(context: Context, decisions_page: Any = None) -> None:
    """Draw the page; `decisions_page` is where a recorded decision can be opened."""
    texts = context.texts
    st.title(texts("page_applicant"))
    if context.access is None:
        st.warning(texts("no_service"))
        return
    try:
        document, info = service_documents(context.access)
    except NoAnswerError as problem:
        show_problem(problem, texts)
        return
    st.write(texts("applicant_intro"))
    show_synthetic(texts, synthetic=bool(info["metadata"].get("synthetic")))
    fields = read_fields(document, reduced=bool(info["accepts_reduced_applications"]))
    application = ask_application(context, fields)
    reference = _ask_reference(context)
    if st.button(texts("score_button"), type="primary"):
        _decide(context, context.access, fields, application, reference)
    result = st.session_state.get("result")
    if result is not None and result["portfolio"] == context.portfolio.name:
        changed = dict(application) != result["asked"].application
        _show_result(context, context.access, fields, result, changed=changed, decisions_page=decisions_page)


def _ask_reference(context: Context) -> str | None:
    state, texts, key = st.session_state, context.texts, reference_key()
    if key not in state:
        state[key] = state.get("draft_reference") or ""
    typed = st.text_input(texts("reference"), key=key, help=texts("reference_help"), max_chars=64)
    state["draft_reference"] = typed
    return typed.strip() or None


def _decide(
    context: Context,
    access: ServiceAccess,
    fields: Sequence[Field],
    application: Mapping[str, object],
    reference: str | None,
) -> None:
    """Ask for the decision; the answer, or nothing, is in the state afterwards."""
    texts = context.texts
    st.session_state.pop("result", None)
    missing = [texts.field(field.name) for field in fields if field.required and application[field.name] is None]
    if missing:
        st.warning(texts("missing_fields", fields=", ".join(missing)))
        return
    if reference is not None and not _REFERENCE.fullmatch(reference):
        st.warning(texts("reference_help"))
        return
    try:
        with st.spinner(texts("scoring")), ScoringClient(access) as client:
            asked = Asked(dict(application), reference, st.session_state.get("draft_histories"))
            answer = client.predict(asked, texts.language)
    except NoAnswerError as problem:
        show_problem(problem, texts)
        return
    st.session_state["result"] = {
        "portfolio": context.portfolio.name,
        "asked": asked,
        "answer": answer,
        "explanations": {},
    }


def _show_result(
    context: Context,
    access: ServiceAccess,
    fields: Sequence[Field],
    result: dict[str, Any],
    *,
    changed: bool,
    decisions_page: Any,
) -> None:
    texts, answer = context.texts, result["answer"]
    st.divider()
    if changed:
        st.info(texts("changed"), icon=":material/edit:")
    show_decision(answer, texts)
    try:
        explained = _explanation(context, access, result)
    except NoAnswerError as problem:
        show_reasons(answer["reasons"], texts)
        show_rights(answer, answer["request_id"], texts)
        show_problem(problem, texts)
        return
    show_reasons(explained["reasons"], texts)
    show_rights(explained, answer["request_id"], texts)
    _show_notes(answer, context)
    if decisions_page is not None and st.button(texts("open_decision"), icon=":material/folder_open:"):
        st.session_state["open_request"] = answer["request_id"]
        st.switch_page(decisions_page)
    why, similar, whatif = st.tabs([texts("tab_why"), texts("tab_similar"), texts("tab_what_if")])
    with why:
        explanation.show_why(explained, texts)
    with similar:
        explanation.show_similar(context, result["asked"].application, explained)
    with whatif:
        what_if.show(context, access, fields, result, explained)


def _explanation(context: Context, access: ServiceAccess, result: dict[str, Any]) -> dict[str, Any]:
    """The explanation in the language of the page: reasons are worded by the service.

    Raises:
        NoAnswerError: there is no answer.
    """
    known: dict[str, dict[str, Any]] = result["explanations"]
    language = context.texts.language
    if language not in known:
        with ScoringClient(access) as client:
            known[language] = client.explain(result["asked"], language)
    return known[language]


def _show_notes(answer: Mapping[str, Any], context: Context) -> None:
    texts = context.texts
    missing = answer["missing_inputs"]
    if missing:
        names = ", ".join(texts.field(name) for name in missing[:_NAMED])
        more = texts("and_more", count=len(missing) - _NAMED) if len(missing) > _NAMED else ""
        st.caption(texts("missing_inputs", fields=names + more))
    if answer["histories"] == "stored":
        st.caption(texts("stored_histories"))
    st.caption(texts("recorded", request_id=answer["request_id"], version=answer["model"]["version"]))
