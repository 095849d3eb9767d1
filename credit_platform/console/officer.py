"""Who uses the console: an officer who signed in with an API key of their own, and what is noted of their acts.

What is here: `Officer`, `recognise`, `signed_in`, `sign_out`, and `note`, a log line for what leaves the console.
What to add here: another act that must name who.
What must not be here: the form (`views/sign_in.py`); deciding what a key may do: the service does, at each request.

The key is kept in the visit's state in the console's memory: in no cookie, address or file. A page that is loaded anew
is a new visit.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import streamlit as st

from credit_platform.logs.lines import FIELDS
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError, Problem

_LOGGER = logging.getLogger(__name__)
_STATE = "officer"
_SECONDS = 60
_SCOPES = frozenset({"score", "explain"})


@dataclass(frozen=True)
class Officer:
    """Who signed in."""

    name: str
    """Of the key: as the decision log has it."""
    key: str = field(repr=False)


def recognise(url: str, key: str) -> Officer:
    """Whose key it is, as the service at `url` says.

    Raises:
        NoAnswerError: the service does not answer or does not know the key, or the key may neither decide nor explain.
    """
    return Officer(_client_of(url, key), key)


@st.cache_resource(ttl=_SECONDS, show_spinner=False)
def _client_of(url: str, key: str) -> str:
    with ServiceClient(ServiceAccess("", url, key)) as client:
        told = client.model_info()
    if told.get("client") is None:
        raise NoAnswerError(Problem.KEY, what=f"The service at {url} asks for no key, so it knows nobody.")
    if _SCOPES.isdisjoint(told.get("scopes", ())):
        raise NoAnswerError(Problem.SCOPE, what="This key may neither decide nor explain.")
    return str(told["client"])


def sign_in(officer: Officer) -> None:
    """Remember for this visit who it is."""
    st.session_state[_STATE] = officer
    _LOGGER.info("signed in", extra={FIELDS: {"officer": officer.name}})


def sign_out() -> None:
    """Forget who it is, and whatever stands in forms and answers: the next person must not see it."""
    for name in list(st.session_state):
        if name not in ("language", "language_choice"):
            del st.session_state[name]


def signed_in() -> Officer | None:
    """Who signed in on this visit; None when nobody did."""
    found = st.session_state.get(_STATE)
    return found if isinstance(found, Officer) else None


def own_key() -> str | None:
    """The key of whoever signed in, with which services are asked; None for the console's own."""
    officer = signed_in()
    return None if officer is None else officer.key


def note(act: str, what: str, officer: Officer | None, rows: int | None = None) -> None:
    """Write to the console's log who took away what.

    Args:
        act: such as `exported`.
        what: name of a file, or number of a decision; nothing about an applicant.
        officer: who, as `signed_in` said when the page was drawn: what a button saves is made outside of the visit.
        rows: how many rows it has.
    """
    fields: dict[str, object] = {"officer": None if officer is None else officer.name, "what": what}
    if rows is not None:
        fields["rows"] = rows
    _LOGGER.info(act, extra={FIELDS: fields})
