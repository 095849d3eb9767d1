"""The form of an application: where its values come from, its widgets, and the values that were typed.

What is here: `ask_application`.
What to add here: another way to fill the form in.
What must not be here: the name of a column; asking the service.

Typed values live in `st.session_state["draft"]`, because Streamlit forgets widgets that a page does not draw. The keys
of the widgets carry a generation: when the form is filled in anew or the language changes, they are new widgets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

import streamlit as st

from credit_platform.console.context import Context
from credit_platform.console.form import Field, as_date, as_typed
from credit_platform.console.sections import sections_of
from credit_platform.console.tables import find_application
from credit_platform.console.texts import Texts

PLAIN = "%g"
"""How numbers that may have a fraction are shown in a field: 508500, not 508500.00."""
_COLUMNS = 3
_OPEN_UP_TO = 20
"""Optional fields that are shown at once; more are behind a heading to open."""


def ask_application(context: Context, fields: Sequence[Field]) -> dict[str, object]:
    """Draw the form; returns a value for each field, None where nothing was given."""
    state, texts = st.session_state, context.texts
    if state.get("draft_of") != context.portfolio.name:
        _fill({}, None)
        state["draft_of"] = context.portfolio.name
        if context.portfolio.examples:
            _fill_example(context, next(iter(context.portfolio.examples)))
    _choose_source(context, fields)
    draft: dict[str, Any] = state["draft"]
    loan = [field for field in fields if field.influenceable]
    person = [field for field in fields if field.required and not field.influenceable]
    optional = [field for field in fields if not field.required and not field.influenceable]
    st.markdown(f"#### {texts('section_loan')}", help=texts("section_loan_help"))
    _draw(loan, draft, texts)
    st.markdown(f"#### {texts('section_person')}")
    _draw(person, draft, texts)
    if optional:
        st.markdown(f"#### {texts('section_optional')}")
        st.caption(texts("section_optional_help"))
    for section, members in sections_of(context.portfolio.name, optional):
        given = sum(draft.get(field.name) is not None for field in members)
        heading = texts("section_given", name=texts(f"group_{section}"), given=given, count=len(members))
        with st.expander(heading, expanded=len(optional) <= _OPEN_UP_TO):
            _draw(members, draft, texts)
    st.caption(texts("required_mark"))
    return {field.name: as_typed(field, draft.get(field.name)) for field in fields}


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
    new_generation()


def _fill_example(context: Context, name: str) -> None:
    _fill(context.portfolio.examples[name], None)
    st.session_state["draft_histories"] = context.portfolio.example_histories.get(name)


def _choose_source(context: Context, fields: Sequence[Field]) -> None:
    texts, examples = context.texts, context.portfolio.examples
    sources = [*(["example"] if examples else []), "known", "empty"]
    left, right = st.columns([2, 3], vertical_alignment="top")
    chosen = left.radio(
        texts("start_from"),
        sources,
        format_func=lambda source: texts(f"start_{source}"),
        key=f"source-{texts.language}",
        on_change=lambda: _on_source(context, f"source-{texts.language}"),
    )
    with right:
        if chosen == "example":
            key = f"example-{texts.language}"
            st.selectbox(
                texts("example"),
                list(examples),
                format_func=lambda name: _example_name(name, texts),
                key=key,
                on_change=lambda: _fill_example(context, st.session_state[key]),
            )
            if st.session_state.get("draft_histories"):
                st.caption(texts("with_histories"))
        elif chosen == "known":
            _choose_known(context, fields)


def _on_source(context: Context, key: str) -> None:
    source = st.session_state[key]
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
    number = st.text_input(texts("known_id"), key="known_id", help=texts("known_help", count=texts.number(count)))
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
        # Long labels take two lines, so fields stand on one line at the bottom; a box under a date, at the top.
        alignment: Literal["top", "bottom"] = "top" if any(field.is_day for field in members) else "bottom"
        columns = st.columns(_COLUMNS, vertical_alignment=alignment)
        for column, field in zip(columns, members, strict=False):
            with column:
                draft[field.name] = _ask(field, draft.get(field.name), texts)


def _ask(field: Field, value: Any, texts: Texts) -> Any:
    key = f"field-{st.session_state['generation']}-{field.name}"
    if field.is_day:
        return _ask_day(field, value, texts, key)
    if key not in st.session_state:
        st.session_state[key] = _shown(field, value)
    label, description = field_label(field, texts), field.description
    if field.allowed:
        return st.selectbox(
            label,
            field.allowed,
            index=None,
            format_func=lambda option: texts.value(field.name, option),
            key=key,
            placeholder=texts("choose"),
            help=_help(field, texts),
        )
    if field.is_number:
        whole = field.kind == "integer"
        return st.number_input(
            label,
            min_value=_bound(field.minimum, whole=whole),
            max_value=_bound(field.maximum, whole=whole),
            value=None,
            step=1 if whole else None,
            format=None if whole else PLAIN,
            key=key,
            help=_help(field, texts),
        )
    return st.text_input(label, value=None, key=key, help=description)


def _ask_day(field: Field, value: Any, texts: Texts, key: str) -> Any:
    """Ask for a date; returns the days from today to it, less than 0, or the sentinel where that is ticked."""
    today, absent = _today(), f"{key}-absent"
    if key not in st.session_state:
        st.session_state[absent] = field.sentinel is not None and value == field.sentinel
        st.session_state[key] = None if value is None or st.session_state[absent] else as_date(value, today)
    first, last = field.days(today)
    chosen: date | None = st.date_input(
        field_label(field, texts),
        value=None,
        min_value=first,
        max_value=last,
        format="DD/MM/YYYY",
        disabled=st.session_state[absent],
        key=key,
    )
    if field.sentinel is not None and st.checkbox(texts.value(field.name, field.sentinel).capitalize(), key=absent):
        return field.sentinel
    return None if chosen is None else (chosen - today).days


def _today() -> date:
    return datetime.now(UTC).date()


def field_label(field: Field, texts: Texts) -> str:
    """Name of a field with its unit, and a star when it must be filled in."""
    unit = "" if field.is_day else texts.unit(field.unit)
    return f"{texts.field(field.name)}{f' ({unit})' if unit else ''}{' *' if field.required else ''}"


def _help(field: Field, texts: Texts) -> str | None:
    """In English the contract's description; in every language the range."""
    parts = [field.description] if texts.language == "en" else []
    if field.is_number and field.minimum is not None and field.maximum is not None:
        parts.append(texts("range", low=texts.number(field.minimum), high=texts.number(field.maximum)))
    return " · ".join(parts) or None


def _shown(field: Field, value: Any) -> Any:
    """A value that the widget can show; None when it cannot."""
    if value is None or (field.allowed and value not in field.allowed):
        return None
    return as_typed(field, value)


def _bound(bound: float | None, *, whole: bool) -> int | float | None:
    if bound is None:
        return None
    return int(bound) if whole else float(bound)
