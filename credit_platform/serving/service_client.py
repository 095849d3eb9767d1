"""The one HTTP client of the scoring service: console, simulator, smoke test and whoever started a service ask by it.

What is here: `ServiceClient`, `Asked` (what it is asked about), `named_service`.
What to add here: an endpoint that a program of the platform asks.
What must not be here: why there is no answer (`service_problems.py`), sentences of pages (`console.texts`), anything
that logs what was sent. The clients of `bench serving` (`benchmarks/load.py`) stand apart on purpose: they must cost
less than the service that they load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from credit_platform.serving.certificates import certificates
from credit_platform.serving.connect_to import ConnectTo
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_problems import NoAnswerError, Problem

TIMEOUT_SECONDS = 15.0
_PREDICT, _METRICS = "/predict", "/metrics"
_KINDS = {401: Problem.KEY, 403: Problem.SCOPE, 422: Problem.INVALID, 429: Problem.BUSY, 503: Problem.UNAVAILABLE}
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


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

    def __init__(
        self,
        access: ServiceAccess,
        *,
        timeout: float = TIMEOUT_SECONDS,
        log: Path | None = None,
        connect_to: str | None = None,
    ) -> None:
        """Ask the service at `access`; nothing is sent yet.

        Args:
            access: address and key.
            timeout: longest time to wait for an answer, in seconds.
            log: the service's log, where whoever asks can read it: it is named when the service fails.
            connect_to: host and port that connections go to, where the URL's own do not lead to the service (yet).

        Raises:
            NoAnswerError: the address is none, or the key cannot be one.
            ServiceError: `connect_to` is no address.
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
                transport=self.transport if connect_to is None else ConnectTo(connect_to),
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

    def metrics(self) -> str:
        """Metrics in Prometheus' text format.

        The service itself tells them to keys of the scope admin, its port for metrics alone to anybody who reaches it.

        Raises:
            NoAnswerError: there is no answer.
        """
        response = self._send("GET", _METRICS, None)
        if not response.is_success:
            raise self._refused("GET", _METRICS, response)
        return response.text

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


def named_service(url: str, key: str | None, *, connect_to: str | None = None) -> ServiceAccess:
    """The service at `url`, whichever portfolio it scores; asked at `connect_to` where that is given.

    Raises:
        NoAnswerError: it does not answer, does not know the key, or is no scoring service.
    """
    access = ServiceAccess("", url.rstrip("/"), key)
    with ServiceClient(access, connect_to=connect_to) as client:
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
