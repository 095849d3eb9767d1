"""Page 1: an application, its decision, and why.

What is here: asking for the decision and drawing it; the tabs below it are in `explanation.py` and `what_if.py`.
What to add here: what belongs to the decision about one applicant.
What must not be here: the form (`application_form.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from credit_platform.console.context import Context, service_documents
from credit_platform.console.form import Field, read_fields
from credit_platform.console.texts import Texts
from credit_platform.console.views import explanation, what_if
from credit_platform.console.views.application_form import (
    Filled,
    ask_application,
    reference_key,
    shown_fault,
    today,
)
from credit_platform.console.views.parts import escaped, show_decision, show_problem, show_reasons, show_synthetic
from credit_platform.console.views.rights import show_rights
from credit_platform.console.wanted import said
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import Asked, ServiceClient
from credit_platform.serving.service_problems import NoAnswerError, Problem

_NAMED = 8
"""Inputs that were not given and are named; of more, only the number is told."""
_REFERENCE_FIELD = "applicant_id"
"""What the service calls the reference."""
_REFERENCE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def show(context: Context, decisions_page: Any = None) -> None:
    """Draw the page; `decisions_page` is where a recorded decision can be opened."""
    texts = context.texts
    st.title(texts("page_applicant"), anchor=False)
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
    filled = ask_application(context, fields)
    reference = _ask_reference(context)
    _name_faults(fields, filled, texts)
    if st.button(texts("score_button"), type="primary"):
        _decide(context, context.access, filled, reference)
    result = st.session_state.get("result")
    if result is not None and result["portfolio"] == context.portfolio.name:
        asked = result["asked"]
        now = (dict(filled.values), reference, st.session_state.get("draft_histories"))
        changed = now != (asked.application, asked.reference, asked.histories)
        _show_result(context, context.access, fields, result, changed=changed, decisions_page=decisions_page)


def _ask_reference(context: Context) -> str | None:
    state, texts, key = st.session_state, context.texts, reference_key()
    if key not in state:
        state[key] = state.get("draft_reference") or ""
    # No limit of length here: a browser would cut off what is pasted, and the rest is somebody else's reference.
    typed = st.text_input(texts("reference"), key=key, help=texts("reference_help"))
    state["draft_reference"] = typed
    reference = typed.strip() or None
    if reference is not None and not _REFERENCE.fullmatch(reference):
        st.error(texts("reference_help"), icon=":material/error:")
    elif reference is not None and state.get("refusal") == (_REFERENCE_FIELD, reference):
        st.error(texts("fault_refused"), icon=":material/error:")
    return reference


def _name_faults(fields: Sequence[Field], filled: Filled, texts: Texts) -> None:
    """Beside the button, the fields whose faults stand beside them: on a phone they are far up."""
    values = filled.values
    names = [texts.field(field.name) for field in fields if shown_fault(field, values[field.name]) is not None]
    if names:
        st.warning(texts("faulty_fields", fields=", ".join(names)))


def _decide(context: Context, access: ServiceAccess, filled: Filled, reference: str | None) -> None:
    """Ask for the decision about what stands in the form; the answer, or nothing, is in the state afterwards."""
    state, texts = st.session_state, context.texts
    state.pop("result", None)
    state.pop("refusal", None)
    if filled.faults:
        state["complain"] = True
        st.rerun()  # the fields are above, and are drawn again with what is wrong
    if reference is not None and not _REFERENCE.fullmatch(reference):
        st.warning(texts("faulty_reference"))
        return
    try:
        with st.spinner(texts("scoring")), ServiceClient(access) as client:
            asked = Asked(dict(filled.values), reference, state.get("draft_histories"))
            answer = client.predict(asked, texts.language)
    except NoAnswerError as problem:
        sent = {**filled.values, _REFERENCE_FIELD: reference}
        if problem.kind is not Problem.INVALID or problem.field not in sent:
            show_problem(problem, texts)
            return
        state["refusal"] = (problem.field, sent[problem.field])
        st.rerun()
    state["result"] = {
        "portfolio": context.portfolio.name,
        "asked": asked,
        "answer": answer,
        "explanations": {},
        "day": today(),
        "language": texts.language,
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
    _show_inputs(fields, result["asked"], result["day"], texts)
    try:
        explained = _explanation(context, access, result)
    except NoAnswerError as problem:
        show_reasons(answer["reasons"], result["language"], texts)
        show_rights(answer, answer["request_id"], result["language"], texts)
        show_problem(problem, texts)
        return
    # Another model may be in use by now: what it would say is no reason for this decision.
    same = explained["model"] == answer["model"]
    shown, language = (explained, texts.language) if same else (answer, result["language"])
    show_reasons(shown["reasons"], language, texts)
    show_rights(shown, answer["request_id"], language, texts)
    if not same:
        st.info(texts("other_model", version=explained["model"]["version"]))
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
        with ServiceClient(access) as client:
            known[language] = client.explain(result["asked"], language)
    return known[language]


def _show_inputs(fields: Sequence[Field], asked: Asked, day: date, texts: Texts) -> None:
    """What was decided on, as it was sent on `day`: the service takes values as they are, or not at all."""
    given = [field for field in fields if asked.application.get(field.name) is not None]
    main = [field for field in given if field.required or field.influenceable]
    more = [field for field in given if field not in main]

    def line(shown: Sequence[Field]) -> str:
        items = ((texts.field(f.name), said(f, asked.application[f.name], texts, day)) for f in shown)
        return " · ".join(texts("named_value", name=escaped(name), value=escaped(value)) for name, value in items)

    if asked.reference is not None:
        st.markdown(texts("named_value", name=texts("decided_reference"), value=escaped(asked.reference)))

    st.markdown(f"{texts('decided_on')} {line(main or more)}")
    if main and more:
        with st.expander(texts("decided_on_more", count=len(more))):
            st.markdown(line(more))


def _show_notes(answer: Mapping[str, Any], context: Context) -> None:
    texts = context.texts
    missing = answer["missing_inputs"]
    if missing:
        names = ", ".join(texts.field(name) for name in missing[:_NAMED])
        more = texts("and_more", count=len(missing) - _NAMED) if len(missing) > _NAMED else ""
        st.caption(texts("missing_inputs", fields=names + more))
    if any(group.history for group in context.portfolio.feature_groups):
        st.caption(texts(f"{answer['histories']}_histories"))
    st.caption(texts("recorded", request_id=answer["request_id"], version=answer["model"]["version"]))
