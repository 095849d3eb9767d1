"""Signing in with a key of one's own, and out again.

What is here: the form, which is all that is drawn before somebody has signed in, and who it is with the way out.
What to add here: another way to show who somebody is.
What must not be here: what a key may do.
"""

from __future__ import annotations

import streamlit as st

from credit_platform.console.officer import Officer, recognise, sign_in, sign_out, signed_in
from credit_platform.console.settings import ConsoleSettings, service_address
from credit_platform.console.texts import Texts
from credit_platform.console.views.parts import escaped, show_problem
from credit_platform.errors import ServiceError
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform.settings import Settings


def ask_who(console: ConsoleSettings, settings: Settings, texts: Texts) -> Officer | None:
    """Who uses the console, whose key is still good; None while nobody has signed in, and then the form is drawn."""
    try:
        url = service_address(console, settings)
    except ServiceError as error:
        st.error(str(error))
        return None
    if url is None:
        st.warning(texts("no_service"))
        return None
    known = signed_in()
    if known is not None:
        try:
            recognise(url, known.key)
        except NoAnswerError as problem:
            if problem.kind not in (Problem.KEY, Problem.SCOPE):
                return known  # the service is away: the pages say so, and each request is judged anew
            sign_out()
            st.warning(texts("sign_in_over"), icon=":material/key_off:")
        else:
            return known
    return _form(url, texts)


def show_who(officer: Officer, texts: Texts) -> None:
    """Name who signed in, with the way out."""
    st.markdown(texts("named_value", name=texts("officer"), value=escaped(officer.name)), width="content")
    if st.button(texts("sign_out"), icon=":material/logout:", key="sign_out"):
        sign_out()
        st.rerun()


def _form(url: str, texts: Texts) -> Officer | None:
    st.title(texts("sign_in"), anchor=False)
    st.write(texts("sign_in_intro"))
    with st.form("sign_in", border=False):
        key = st.text_input(texts("sign_in_key"), type="password", autocomplete="off", key="officer_key")
        pressed = st.form_submit_button(texts("sign_in"), type="primary")
    if not pressed or not key.strip():
        return None
    try:
        officer = recognise(url, key.strip())
    except NoAnswerError as problem:
        own = {Problem.KEY: "sign_in_unknown", Problem.SCOPE: "sign_in_scope"}.get(problem.kind)
        if own is None:
            show_problem(problem, texts)
        else:
            st.error(texts(own), icon=":material/error:")
        return None
    sign_in(officer)
    st.rerun()
