"""The form of an application: where its values come from, its widgets, and the values that were typed.

What is here: `ask_application`.
What to add here: another way to fill the form in.
What must not be here: the name of a column; asking the service.

Typed values live in `st.session_state["draft"]`, because Streamlit forgets widgets that a page does not draw. The keys
of the widgets carry a generation: when the form is filled in anew or the language changes, they are new widgets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import streamlit as st

from credit_platform.console.context import Context
from credit_platform.console.form import Field, as_typed
from credit_platform.console.sections import sections_of
from credit_platform.console.tables import find_application
from credit_platform.console.texts import Texts
from credit_platform.console.typed import Fault, fault_of, read, written
from credit_platform.console.wanted import exact, fault_sentence, wanted

_COLUMNS = 3
_OPEN_UP_TO = 20
"""Optional fields that are shown at once; more are behind a heading to open."""


@dataclass(frozen=True)
class Filled:
    """What stands in the form."""

    values: Mapping[str, object]
    """A value for each field: None where nothing was given, `Invalid` where no value was."""
    faults: Mapping[str, Fault]
    """Fields with which nothing can be decided, required ones that are empty among them."""


def ask_application(context: Context, fields: Sequence[Field]) -> Filled:
    """Draw the form; returns what stands in it."""
    state, texts = st.session_state, context.texts
    if state.get("draft_of") != context.portfolio.name:
        _fill({}, None)
        state["draft_of"] = context.portfolio.name
        state["source"] = "empty"
        if context.portfolio.examples:
            state["source"] = "example"
            _fill_example(context, next(iter(context.portfolio.examples)))
    _choose_source(context, fields)
    draft: dict[str, Any] = state["draft"]
    loan = [field for field in fields if field.influenceable]
    person = [field for field in fields if field.required and not field.influenceable]
    optional = [field for field in fields if not field.required and not field.influenceable]
    st.header(texts("section_loan"), help=texts("section_loan_help"), anchor=False)
    _draw(loan, draft, texts)
    st.header(texts("section_person"), anchor=False)
    _draw(person, draft, texts)
    if optional:
        st.header(texts("section_optional"), anchor=False)
        st.caption(texts("section_optional_help"))
    for section, members in sections_of(context.portfolio.name, optional):
        given = sum(draft.get(field.name) is not None for field in members)
        heading = texts("section_given", name=texts(f"group_{section}"), given=given, count=len(members))
        wrong = any(shown_fault(field, draft.get(field.name)) for field in members)
        with st.expander(heading, expanded=wrong or len(optional) <= _OPEN_UP_TO):
            _draw(members, draft, texts)
    st.caption(texts("required_mark"))
    values = {field.name: as_typed(field, draft.get(field.name)) for field in fields}
    found = {field.name: fault_of(field, values[field.name]) for field in fields}
    return Filled(values, {name: fault for name, fault in found.items() if fault is not None})


def new_generation() -> None:
    """Make the widgets of the form new ones that take their values from the draft."""
    st.session_state["generation"] = st.session_state.get("generation", 0) + 1


def reference_key() -> str:
    """Key of the field for the applicant's reference, which is another field only when there is another reference.

    With the generation, what somebody types there while an example fills the rest of the form in would be lost.
    """
    return f"reference-{st.session_state.get('reference_generation', 0)}"


def _fill(values: Mapping[str, object], reference: str | None) -> None:
    state = st.session_state
    if (state.get(reference_key(), state.get("draft_reference")) or "") != (reference or ""):
        state["reference_generation"] = state.get("reference_generation", 0) + 1
    state["draft"] = dict(values)
    state["draft_reference"] = reference
    state["draft_histories"] = None
    state["complain"] = False
    state.pop("refusal", None)
    new_generation()


def _fill_example(context: Context, name: str) -> None:
    st.session_state["example"] = name
    _fill(context.portfolio.examples[name], None)
    st.session_state["draft_histories"] = context.portfolio.example_histories.get(name)


def _choose_source(context: Context, fields: Sequence[Field]) -> None:
    """Where the values come from; the choice outlives its widgets, so that it is true of the values below."""
    state, texts, examples = st.session_state, context.texts, context.portfolio.examples
    sources = [*(["example"] if examples else []), "known", "empty"]
    left, right = st.columns([2, 3], vertical_alignment="top")
    key = f"source-{texts.language}"
    if key not in state:
        state[key] = state["source"]
    chosen = left.radio(
        texts("start_from"),
        sources,
        format_func=lambda source: texts(f"start_{source}"),
        key=key,
        on_change=lambda: _on_source(context, key),
    )
    with right:
        if chosen == "example":
            _choose_example(context)
        elif chosen == "known":
            _choose_known(context, fields)
        if state.get("draft_histories"):
            st.caption(texts("with_histories"))


def _choose_example(context: Context) -> None:
    state, texts = st.session_state, context.texts
    key = f"example-{texts.language}"
    if key not in state:
        state[key] = state["example"]
    st.selectbox(
        texts("example"),
        list(context.portfolio.examples),
        format_func=lambda name: _example_name(name, texts),
        key=key,
        on_change=lambda: _on_example(context, key),
    )


def _on_example(context: Context, key: str) -> None:
    # A browser that has not yet heard that the language changed sends what it showed before, and Streamlit takes that
    # for a choice: what has been typed since would be lost.
    if st.session_state[key] != st.session_state["example"]:
        _fill_example(context, st.session_state[key])


def _on_source(context: Context, key: str) -> None:
    source = st.session_state[key]
    if source == st.session_state["source"]:  # no choice either, see above
        return
    st.session_state["source"] = source
    if source == "empty":
        _fill({}, None)
    elif source == "example":
        _fill_example(context, next(iter(context.portfolio.examples)))


def _example_name(name: str, texts: Texts) -> str:
    known = name in ("accepted", "refused")
    return texts(f"example_{name}") if known else texts("example_other", name=name.replace("_", " "))


def _choose_known(context: Context, fields: Sequence[Field]) -> None:
    texts, stored = context.texts, context.applications()
    if stored is None:
        st.info(texts("known_none"))
        return
    count = stored.select(context.portfolio.applicant_key).count().collect().item()
    number = st.text_input(texts("known_id"), key="known_id", help=texts("known_help", count=count))
    if st.button(texts("known_load"), disabled=not number):
        found = find_application(stored, context.portfolio, number)
        if found is None:
            st.warning(texts("known_missing"))
            return
        names = {field.name for field in fields}
        _fill({name: value for name, value in found.items() if name in names}, number.strip())
        st.rerun()


def _draw(fields: Sequence[Field], draft: dict[str, Any], texts: Texts) -> None:
    for start in range(0, len(fields), _COLUMNS):
        members = fields[start : start + _COLUMNS]
        # Long labels take two lines, so fields stand on one line at the bottom; with something under one, at the top.
        notes = any(field.is_day or _note(field, draft.get(field.name), texts) for field in members)
        alignment: Literal["top", "bottom"] = "top" if notes else "bottom"
        columns = st.columns(_COLUMNS, vertical_alignment=alignment)
        for column, field in zip(columns, members, strict=False):
            with column:
                draft[field.name] = _ask(field, draft.get(field.name), texts)
                _show_note(field, draft[field.name], texts)


def _ask(field: Field, value: Any, texts: Texts) -> Any:
    key = f"field-{st.session_state['generation']}-{field.name}"
    if field.allowed:
        if key not in st.session_state:
            st.session_state[key] = value if value in field.allowed else None
        return st.selectbox(
            field_label(field, texts),
            field.allowed,
            index=None,
            format_func=lambda option: texts.value(field.name, option),
            key=key,
            placeholder=texts("choose"),
            help=_help(field, texts),
        )
    return _ask_typed(field, value, texts, key)


def _ask_typed(field: Field, value: Any, texts: Texts, key: str) -> Any:
    """Ask for a number, a date or a text; a day is a date counted from today, or the sentinel where that is ticked."""
    state, absent = st.session_state, f"{key}-absent"
    box = field.is_day and field.sentinel is not None
    if key not in state:
        state[absent] = box and value == field.sentinel
        state[key] = "" if state[absent] else written(field, value, texts.language, today())
    text = st.text_input(
        field_label(field, texts),
        key=key,
        disabled=state[absent],
        placeholder=texts("date_pattern") if field.is_day else None,
        help=_help(field, texts),
    )
    if box and st.checkbox(texts.value(field.name, field.sentinel).capitalize(), key=absent):
        return field.sentinel
    return read(field, text, texts.language, today())


def shown_fault(field: Field, value: object) -> Fault | None:
    """The fault to show beside a field: that it is empty only once somebody has asked for a decision."""
    state = st.session_state
    fault = fault_of(field, value)
    if fault == "missing" and not state.get("complain"):
        return None
    refusal = state.get("refusal")
    refused = refusal is not None and refusal[0] == field.name and as_typed(field, value) == refusal[1]
    return fault or ("refused" if refused else None)


def _note(field: Field, value: object, texts: Texts) -> tuple[bool, str] | None:
    """What stands under a field, and whether it is a fault: how it was read where that is not what was typed."""
    fault = shown_fault(field, value)
    if fault is not None:
        return True, fault_sentence(field, fault, texts, today())
    text = st.session_state.get(f"field-{st.session_state['generation']}-{field.name}")
    if field.is_number and not field.is_day and isinstance(value, int | float) and isinstance(text, str):
        plain = text.strip().isdigit() or text.strip() == written(field, value, texts.language, today())
        if text.strip() and not plain:
            return False, texts("read_as", value=exact(value, texts))
    return None


def _show_note(field: Field, value: object, texts: Texts) -> None:
    note = _note(field, value, texts)
    if note is not None:
        is_fault, sentence = note
        if is_fault:
            st.error(sentence, icon=":material/error:")
        else:
            st.caption(sentence)


def today() -> date:
    """The day from which dates are counted."""
    return datetime.now(UTC).date()


def field_label(field: Field, texts: Texts) -> str:
    """Name of a field with its unit, and a star when it must be filled in."""
    unit = "" if field.is_day else texts.unit(field.unit)
    return f"{texts.field(field.name)}{f' ({unit})' if unit else ''}{' *' if field.required else ''}"


def _help(field: Field, texts: Texts) -> str | None:
    """In English the contract's description; in every language what the field takes."""
    parts = [field.description] if texts.language == "en" else []
    if not field.allowed:
        parts.append(wanted(field, texts, today()))
    return " · ".join(parts) or None
