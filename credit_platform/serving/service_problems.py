"""Why a scoring service gave no answer: as a kind that a page can put into its own words, and as what and cure.

What is here: `Problem`, and `NoAnswerError` with what helps against each.
What to add here: a kind that whoever asks can do something else about.
What must not be here: asking (`service_client.py`), sentences of pages (`console.texts`).
"""

from __future__ import annotations

from enum import StrEnum

from credit_platform.errors import ServiceError


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
