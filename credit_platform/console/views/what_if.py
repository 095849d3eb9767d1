"""What would be if the applicant asked for something else.

What is here: sliders and choices for the fields that an applicant can influence, and what the service says would do.
What to add here: another way to vary them.
What must not be here: fields that an applicant cannot change; a decision: only `POST /explain` is asked, which decides
and logs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from credit_platform.console.context import Context
from credit_platform.console.form import Field, as_typed
from credit_platform.console.texts import Texts
from credit_platform.console.views.application_form import field_label
from credit_platform.console.views.parts import show_problem
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError

_FORMAT = "plain"
"""A slider shows every digit of its value."""
_FEW = 12
"""A range of whole numbers up to this long is offered as it is."""
_COLUMNS = 2


@st.fragment
def show(
    context: Context,
    access: ServiceAccess,
    fields: Sequence[Field],
    result: Mapping[str, Any],
    explanation: Mapping[str, Any],
) -> None:
    """Draw the tab; it is drawn anew by itself when a slider moves."""
    texts, asked = context.texts, result["asked"]
    variable = [field for field in fields if field.influenceable and _can_vary(field, asked.application)]
    st.write(texts("what_if_intro"))
    if not variable:
        st.info(texts("what_if_none"))
        return
    _show_advice(explanation, fields, texts)
    changed = {**asked.application, **_ask(variable, result, texts)}
    if changed == asked.application:
        st.info(texts("what_if_same"))
        return
    try:
        with ServiceClient(access) as client:
            answer = client.explain(replace(asked, application=changed), texts.language)
    except NoAnswerError as problem:
        show_problem(problem, texts)
        return
    before, after = explanation["probability_of_default"], answer["probability_of_default"]
    sentence = texts(f"what_if_{answer['decision']}", probability=texts.percent(after), before=texts.percent(before))
    (st.success if answer["decision"] == "accepted" else st.warning)(f"**{sentence}**")


def _can_vary(field: Field, application: Mapping[str, object]) -> bool:
    return bool(field.allowed) or (field.is_number and application.get(field.name) is not None)


def _ask(fields: Sequence[Field], result: Mapping[str, Any], texts: Texts) -> dict[str, object]:
    """Draw a widget for each field; returns their values."""
    state = st.session_state
    round_ = state.get("what_if_round", 0)
    columns = st.columns(_COLUMNS)
    values: dict[str, object] = {}
    for place, field in enumerate(fields):
        now = result["asked"].application.get(field.name)
        key = f"what-if-{round_}-{texts.language}-{result['answer']['request_id']}-{field.name}"
        with columns[place % _COLUMNS]:
            values[field.name] = as_typed(field, _widget(field, now, key, texts))
    if st.button(texts("reset"), icon=":material/undo:"):
        state["what_if_round"] = round_ + 1
        st.rerun(scope="fragment")
    return values


def _widget(field: Field, now: Any, key: str, texts: Texts) -> Any:
    label = field_label(field, texts).removesuffix(" *")
    if field.allowed:
        options = list(field.allowed) if now is not None else [None, *field.allowed]
        return st.selectbox(
            label, options, index=options.index(now), format_func=lambda one: texts.value(field.name, one), key=key
        )
    low, high, step = slider_range(field, now)
    return st.slider(label, low, high, as_typed(field, now), step, _FORMAT, key=key)


def slider_range(field: Field, now: float) -> tuple[Any, Any, Any]:
    """Least value, greatest value and step of a slider that starts at `now`: a fifth to twice of it, within bounds."""
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    whole = field.kind == "integer"
    if whole and high - low < _FEW:
        return int(low), int(high), 1
    step = 10.0 ** (math.floor(math.log10(abs(now))) - 1) if now else 1.0
    if whole:
        step = max(1.0, round(step))
    start, end = sorted((now * 0.2, now * 2 if now else _FEW * step))
    start, end = max(low, math.floor(start / step) * step), min(high, math.ceil(end / step) * step)
    return (int(start), int(end), int(step)) if whole else (float(start), float(end), float(step))


def _show_advice(explanation: Mapping[str, Any], fields: Sequence[Field], texts: Texts) -> None:
    """What the service found to be enough, or closest to it, for a refused applicant."""
    options = explanation["counterfactuals"]
    if not options:
        return
    units = {field.name: texts.unit(field.unit) for field in fields}
    st.markdown(f"**{texts('advice')}**")
    lines = []
    for option in options:
        changes = "; ".join(_change(change, units, texts) for change in option["changes"])
        key = "advice_enough" if option["accepted"] else "advice_not_enough"
        lines.append("- " + texts(key, changes=changes, probability=texts.percent(option["probability_of_default"])))
    st.markdown("\n".join(lines))


def _change(change: Mapping[str, Any], units: Mapping[str, str], texts: Texts) -> str:
    name = change["field"]
    unit = units.get(name, "") if isinstance(change["to"], int | float) else ""
    if any(letter.isdigit() for letter in unit):  # a scale, which its label explains
        unit = ""
    value = f"{texts.value(name, change['to'])} {unit}".strip()
    return texts("advice_change", field=texts.field(name), value=value, before=texts.value(name, change["from"]))
