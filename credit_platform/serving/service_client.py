"""The one HTTP client of the scoring service: console, simulator, smoke test and whoever started a service ask by it.

What is here: `ServiceClient`, `Asked` (what it is asked about), `named_service`, and `NoAnswerError`: why there is no
answer, as a kind that a page can put into its own words and as what and cure for a terminal.
What to add here: an endpoint that a program of the platform asks.
What must not be here: sentences of pages (`console.texts`), anything that logs what was sent. The clients of `bench
serving` (`benchmarks/load.py`) stand apart on purpose: they must cost less than the service that they load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from credit_platform.errors import ServiceError
from credit_platform.serving.certificates import certificates
from credit_platform.serving.running_services import ServiceAccess

TIMEOUT_SECONDS = 15.0
_PREDICT = "/predict"


class Problem(StrEnum):
    """Kinds of failure that whoever asks can tell apart and do something about."""

    DOWN = "down"
    """Nothing listens there: the request was not sent."""
    SLOW = "slow"
    """No answer in time; what was asked may have been done."""
    CUT = "cut"
    """The connection ended before the answer; what was asked may have been done."""
    KEY = "key"
    SCOPE = "scope"
    INVALID = "invalid"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    FAULT = "fault"
    FOREIGN = "foreign"
    """Something answers that is no scoring service: not JSON, a redirect, another program."""


_KINDS = {401: Problem.KEY, 403: Problem.SCOPE, 422: Problem.INVALID, 429: Problem.BUSY, 503: Problem.UNAVAILABLE}
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_CURES = {
    Problem.DOWN: "Start it (make up), or name one that runs, as http://host:3001.",
    Problem.KEY: "Give a key that it knows and that has not expired: the console and `simulate` read "
    "CREDIT_PLATFORM_CONSOLE_API_KEY, `credit-platform keys create` makes one.",
    Problem.SCOPE: "Use a key with the scopes score and explain: `credit-platform keys create`.",
    Problem.INVALID: "Mend the request; its page /docs says what it takes.",
    Problem.UNAVAILABLE: "Try again in a moment; its /health says why it is not ready.",
    Problem.FAULT: "Look at the log of the service.",
    Problem.FOREIGN: "Name the address of a scoring service, as http://host:3001.",
}


class NoAnswerError(ServiceError):
    """The service gave no answer that can be used."""

    def __init__(
        self,
        kind: Problem,
        message: str = "",
        *,
        field: str | None = None,
        wait: int | None = None,
        status: int | None = None,
        code: str | None = None,
        what: str | None = None,
        cure: str | None = None,
    ) -> None:
        """Say why.

        Args:
            kind: what went wrong.
            message: what the service said, in English; it never quotes a value.
            field: column of the application at fault.
            wait: seconds after which to ask again.
            status: HTTP status, where there was one.
            code: the service's own code of the failure.
            what: who was asked and what came of it, as a sentence.
            cure: what to do; by default what helps against this kind.
        """
        super().__init__(
            what or f"The scoring service gave no answer ({kind}). {message}".strip(),
            cure or (f"Ask again in {wait} s." if wait is not None else _CURES.get(kind, "Ask again in a moment.")),
        )
        self.kind = kind
        self.message = message
        self.field = field
        self.wait = wait
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Asked:
    """What the service is asked about."""

    application: Mapping[str, object]
    """Column to value; None where nothing was given."""
    reference: str | None = None
    """The applicant's identifier."""
    histories: Mapping[str, Sequence[Mapping[str, object]]] | None = None
    """Raw rows of the other tables."""

    def body(self, language: str) -> dict[str, object]:
        """Body of `POST /predict` and `POST /explain`; nothing is sent for what was not given."""
        given = {name: value for name, value in self.application.items() if value is not None}
        body: dict[str, object] = {"application": given, "language": language}
        if self.reference is not None:
            body["applicant_id"] = self.reference
        if self.histories is not None:
            body["histories"] = self.histories
        return body


class ServiceClient:
    """One scoring service; keeps its connections, follows no redirect, and knows no proxy. May be used by threads."""

    transport: ClassVar[httpx.BaseTransport | None] = None
    """How requests travel; None for the network. Tests put a service of their own process here."""

    def __init__(self, access: ServiceAccess, *, timeout: float = TIMEOUT_SECONDS, log: Path | None = None) -> None:
        """Ask the service at `access`; nothing is sent yet.

        Args:
            access: address and key.
            timeout: longest time to wait for an answer, in seconds.
            log: the service's log, where whoever asks can read it: it is named when the service fails.

        Raises:
            NoAnswerError: the address is none, or the key cannot be one.
        """
        self._url, self._timeout, self._log = access.url, timeout, log
        if access.key is not None and not (access.key.isascii() and access.key.isprintable()):
            raise NoAnswerError(Problem.KEY, what="The API key has characters that no key has.")
        try:
            self._http = httpx.Client(
                base_url=access.url,
                headers=access.headers,
                timeout=timeout,
                # A proxy of the environment must not see applications, least of all those that stay on this machine.
                trust_env=False,
                # What is sent is for this host, and for no other that an answer may name.
                follow_redirects=False,
                verify=certificates(),
                transport=self.transport,
            )
        except httpx.InvalidURL:
            raise NoAnswerError(Problem.DOWN, what=f"{access.url!r} is no address.") from None

    def predict(self, asked: Asked, language: str = "en") -> dict[str, Any]:
        """Decide about an applicant; the decision is in the log when this returns.

        Raises:
            NoAnswerError: there is no decision.
        """
        return self._known(_PREDICT, self.post(_PREDICT, asked.body(language)), "decision")

    def explain(self, asked: Asked, language: str = "en") -> dict[str, Any]:
        """Why, and what would have to change; nothing is decided and nothing is logged.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._known("/explain", self.post("/explain", asked.body(language)), "decision")

    def model_info(self) -> dict[str, Any]:
        """The model behind the service.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._known("/model-info", self.get("/model-info"), "portfolio")

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._known("/openapi.json", self.get("/openapi.json"), "paths")

    def health(self) -> dict[str, Any]:
        """Whether it is `ready`, and else the `reason`; a service that is not ready says so here, it is no error.

        Raises:
            NoAnswerError: there is no answer.
        """
        response = self._send("GET", "/health", None)
        content = _object(response)
        if content is None or "error" in content:
            raise self._refused("GET", "/health", response)
        return self._known("/health", content, "ready")

    def get(self, path: str) -> dict[str, Any]:
        """Answer of a GET route that speaks JSON.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._answer("GET", path, None)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Answer of a POST route that speaks JSON to a body as it stands.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._answer("POST", path, body)

    def close(self) -> None:
        """Close the connections. Safe to call twice."""
        self._http.close()

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def _answer(self, method: str, path: str, body: object) -> dict[str, Any]:
        response = self._send(method, path, body)
        content = _object(response)
        if not response.is_success or content is None:
            raise self._refused(method, path, response)
        return content

    def _send(self, method: str, path: str, body: object) -> httpx.Response:
        # Only a decision can have been made without our hearing of it.
        cure = "Look for the decision before asking again: it may have been made." if path == _PREDICT else None
        try:
            return self._http.request(method, path, json=body)
        except _UNSENT:
            what = f"The service at {self._url} does not answer."
            raise NoAnswerError(Problem.DOWN, what=what, cure=self._see_log()) from None
        except httpx.TimeoutException:
            what = f"The service at {self._url} did not answer within {self._timeout:g} s."
            raise NoAnswerError(Problem.SLOW, what=what, cure=cure or self._see_log()) from None
        except httpx.DecodingError:
            what = f"What answers at {self._url} cannot be read."
            raise NoAnswerError(Problem.FOREIGN, what=what) from None
        except httpx.TransportError:
            what = f"The connection to {self._url} ended before an answer came."
            raise NoAnswerError(Problem.CUT, what=what, cure=cure or self._see_log()) from None

    def _refused(self, method: str, path: str, response: httpx.Response) -> NoAnswerError:
        """What an answer that is none means."""
        status, error = response.status_code, _error(response)
        kind = _KINDS.get(status, Problem.FAULT if error else Problem.FOREIGN)
        message = str(error.get("message", f"HTTP {status}"))
        if kind is Problem.FOREIGN:
            return self._foreign(f"{method} {path}", message, status)
        field, wait = error.get("field"), response.headers.get("Retry-After", "")
        code = error.get("code")
        named = "".join(f" ({each})" for each in (code, field) if each is not None)
        return NoAnswerError(
            kind,
            message,
            field=None if field is None else str(field).removeprefix("application."),
            wait=int(wait) if wait.isdecimal() else None,
            status=status,
            code=code,
            what=f"{method} {path} of {self._url} was answered with {status}{named}: {message}",
            cure=self._cure(kind, status),
        )

    def _foreign(self, asked: str, message: str, status: int) -> NoAnswerError:
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            what = f"Something in front of the service at {self._url} answered {asked} with {status}."
            cure = "Try again in a moment; if it lasts, look at the gateway and at the service behind it."
            return NoAnswerError(Problem.FOREIGN, message, status=status, what=what, cure=cure)
        what = f"What answers at {self._url} is no scoring service: it answers {asked} with HTTP {status}, in no form "
        return NoAnswerError(Problem.FOREIGN, message, status=status, what=f"{what}of ours.")

    def _known(self, path: str, content: dict[str, Any], name: str) -> dict[str, Any]:
        if name not in content:
            what = f"What answers at {self._url} is no scoring service: {path} has no {name!r}."
            raise NoAnswerError(Problem.FOREIGN, f"{path}: {name}", what=what)
        return content

    def _cure(self, kind: Problem, status: int) -> str | None:
        if kind is not Problem.FAULT:
            return None
        return self._see_log() if status >= httpx.codes.INTERNAL_SERVER_ERROR else "Its page /docs says what it takes."

    def _see_log(self) -> str | None:
        return None if self._log is None else f"Look at {self._log}."


def named_service(url: str, key: str | None) -> ServiceAccess:
    """The service at `url`, whichever portfolio it scores.

    Raises:
        NoAnswerError: it does not answer, does not know the key, or is no scoring service.
    """
    access = ServiceAccess("", url.rstrip("/"), key)
    with ServiceClient(access) as client:
        return ServiceAccess(str(client.model_info()["portfolio"]), access.url, key)


def _object(response: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer; None where it has none."""
    try:
        content = response.json()
    except ValueError:  # not JSON, or not UTF-8
        return None
    return content if isinstance(content, dict) else None


def _error(response: httpx.Response) -> dict[str, Any]:
    """What our service says of a failure; empty for anything in between, such as a gateway's page."""
    error = (_object(response) or {}).get("error")
    return error if isinstance(error, dict) and "message" in error else {}
