"""Who gets through the guard: rules on hosts, origins, methods and forms, and how often one may try to log in.

What is here: `RefusedError`, `check_sender`, `check_use`, `Tries`. What to add here: a rule for all pages.
What must not be here: HTTP servers, pages.

A page of another site can make a browser send requests here, with its cookies: by links, forms, images, scripts (CSRF),
by websockets, and, where it gives its own name this machine's address, as if it were us (DNS rebinding). So the name
that was asked for (Host) must be this machine's, and who asks (Origin, Sec-Fetch-Site) must be a page of that same name
and port. See docs/adr/0020.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS: Final = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
_HOST: Final = re.compile(r"(?i)(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?")
_FORMS: Final = frozenset({"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
"""What any page may send anywhere without asking first (Fetch standard: CORS-safelisted content types)."""
_GRAPHQL: Final = re.compile(r"(?i)/graphql/*")
_LABELS: Final = frozenset({"op"})
_FOREIGN: Final = frozenset({"cross-site", "same-site"})
_TRIES, _REFILL_SECONDS = 10, 6.0


@dataclass
class RefusedError(Exception):
    """A request that goes no further."""

    status: int
    why: str
    """For people, with the cure."""


def check_sender(method: str, headers: Mapping[str, str], *, websocket: bool = False) -> None:
    """Refuse what another site may have made a browser send, before anything is compared or counted.

    Raises:
        RefusedError: the host is not this machine, or another origin asks.
    """
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise RefusedError(
            421, "This address is not of this machine. Open http://127.0.0.1 with the port that `up` printed."
        )
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host}".lower(), f"https://{host}".lower()):
        raise RefusedError(
            403, "A page of another origin asked. Open the address that `up` printed in a window of its own."
        )
    opened = method == "GET" and headers.get("sec-fetch-mode") == "navigate" and not websocket
    # A link may lead here: nothing is done by opening a page. A frame of another page is no such thing.
    if headers.get("sec-fetch-site") in _FOREIGN and not (opened and headers.get("sec-fetch-dest") == "document"):
        raise RefusedError(
            403, "A page of another site asked. Open the address that `up` printed in a window of its own."
        )
    if method not in METHODS:
        raise RefusedError(405, f"The method {method[:20]} is not used here.")


def check_use(method: str, path: str, query: str, headers: Mapping[str, str], *, by_cookie: bool, forms: bool) -> None:
    """Refuse what a browser could be made to send although its user is logged in, and GraphQL by anything but JSON.

    Args:
        method: of HTTP.
        path: decoded.
        query: after the question mark, not decoded.
        headers: by lower-case name.
        by_cookie: whether a cookie proved who asks, which a browser sends by itself.
        forms: whether the program behind takes forms (Streamlit's upload of files, which has a token of its own).

    Raises:
        RefusedError: it is such a request.
    """
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if _GRAPHQL.fullmatch("/" + path.strip("/").rpartition("/")[2]):
        if method not in SAFE_METHODS and content_type != "application/json":
            raise RefusedError(415, "GraphQL is taken as application/json only.")
        # Dagster's page adds the name of its operation to the address of a POST, for logs.
        allowed = _LABELS if method == "POST" else frozenset[str]()
        if any(name not in allowed for name, _ in parse_qsl(query, keep_blank_values=True)):
            raise RefusedError(405, "GraphQL is taken in the body of a POST only, never in the address.")
    if method in SAFE_METHODS or not by_cookie:
        return
    if headers.get("origin") is None and headers.get("sec-fetch-site") != "same-origin":
        raise RefusedError(
            403, "Nothing says which page asked. Programs show the token: Authorization: Bearer <token>."
        )
    if method == "POST" and content_type in _FORMS and not forms:
        raise RefusedError(
            415, f"A form ({content_type or 'no content type'}) is not taken here; send application/json."
        )


class Tries:
    """How often a wrong token may be shown: ten at once, then one in six seconds, whoever it is.

    All clients have this machine's address, so there is one count. Who is logged in, or shows the right token in a
    header, is not asked for a try, so that nobody can be locked out of what is open.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with all tries left."""
        self._clock = clock
        self._left = float(_TRIES)
        self._counted_at = clock()

    def take(self) -> bool:
        """Use a try; False when none is left."""
        now = self._clock()
        self._left = min(_TRIES, self._left + (now - self._counted_at) / _REFILL_SECONDS)
        self._counted_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def give_back(self) -> None:
        """It was the right token."""
        self._left = min(_TRIES, self._left + 1)
