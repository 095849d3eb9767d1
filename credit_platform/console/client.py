"""Asking the scoring service over HTTP.

What is here: `ScoringClient`, and `NoAnswerError`: why there is no answer, in a form that a page can put into words.
What to add here: an endpoint that a page needs.
What must not be here: sentences for people (`console.texts`), and anything that logs what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from credit_platform.errors import ServiceError
from credit_platform.serving.certificates import certificates
from credit_platform.serving.running_services import ServiceAccess

TIMEOUT_SECONDS = 15.0


class Problem(StrEnum):
    """Kinds of failure that a loan officer can tell apart and do something about."""

    DOWN = "down"
    SLOW = "slow"
    KEY = "key"
    SCOPE = "scope"
    INVALID = "invalid"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    FAULT = "fault"


_KINDS = {401: Problem.KEY, 403: Problem.SCOPE, 422: Problem.INVALID, 429: Problem.BUSY, 503: Problem.UNAVAILABLE}


class NoAnswerError(ServiceError):
    """The service gave no decision."""

    def __init__(self, kind: Problem, message: str = "", *, field: str | None = None, wait: int | None = None) -> None:
        """Say why.

        Args:
            kind: what went wrong.
            message: what the service said, in English; it never quotes a value.
            field: column of the application at fault.
            wait: seconds after which to ask again.
        """
        super().__init__(f"The scoring service gave no decision ({kind}). {message}".strip(), "Look at its log.")
        self.kind = kind
        self.message = message
        self.field = field
        self.wait = wait


@dataclass(frozen=True)
class Asked:
    """What the service is asked about."""

    application: Mapping[str, object]
    """Column to value; None where nothing was given."""
    reference: str | None = None
    """The applicant's identifier."""
    histories: Mapping[str, Sequence[Mapping[str, object]]] | None = None
    """Raw rows of the other tables."""


class ScoringClient:
    """One scoring service."""

    transport: ClassVar[httpx.BaseTransport | None] = None
    """How requests travel; None for the network. Tests put a service of their own process here."""

    def __init__(self, access: ServiceAccess) -> None:
        """Ask the service at `access`."""
        # A proxy of the environment must not see applications that stay on this machine.
        self._http = httpx.Client(
            base_url=access.url,
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            verify=certificates(),
            transport=self.transport,
        )
        self._headers = access.headers

    def predict(self, asked: Asked, language: str) -> dict[str, Any]:
        """Decide about an applicant; the decision is in the log when this returns.

        Raises:
            NoAnswerError: there is no decision.
        """
        return self._ask("POST", "/predict", _body(asked, language))

    def explain(self, asked: Asked, language: str) -> dict[str, Any]:
        """Why, and what would have to change; nothing is decided and nothing is logged.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._ask("POST", "/explain", _body(asked, language))

    def model_info(self) -> dict[str, Any]:
        """The model behind the service.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._ask("GET", "/model-info", None)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document.

        Raises:
            NoAnswerError: there is no answer.
        """
        return self._ask("GET", "/openapi.json", None)

    def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, json=body, headers=self._headers)
        except httpx.TimeoutException:
            raise NoAnswerError(Problem.SLOW) from None
        except httpx.TransportError:
            raise NoAnswerError(Problem.DOWN) from None
        if response.is_error:
            raise _problem(response)
        content: dict[str, Any] = response.json()
        return content

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._http.close()


def _body(asked: Asked, language: str) -> dict[str, object]:
    given = {name: value for name, value in asked.application.items() if value is not None}
    body: dict[str, object] = {"application": given, "language": language}
    if asked.reference is not None:
        body["applicant_id"] = asked.reference
    if asked.histories is not None:
        body["histories"] = asked.histories
    return body


def _problem(response: httpx.Response) -> NoAnswerError:
    try:
        error = response.json()["error"]
        message, path = str(error["message"]), error.get("field")
    except (ValueError, KeyError, TypeError):  # not our service, or something in between
        message, path = f"HTTP {response.status_code}", None
    wait = response.headers.get("Retry-After", "")
    return NoAnswerError(
        _KINDS.get(response.status_code, Problem.FAULT),
        message,
        field=None if path is None else str(path).removeprefix("application."),
        wait=int(wait) if wait.isdigit() else None,
    )
