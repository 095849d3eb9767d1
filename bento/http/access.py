"""Who may ask what: scopes of API keys, routes that need them, and the rate at which a key may ask.

What is here: `secured`, which puts a handler behind scopes; `Gatekeeper`, which knows keys and rates.
What to add here: a scope, when a route needs one that no key has yet (and its column in docs/API.md).
What must not be here: how keys are made and stored (`credit_platform.api_keys`), and anything about one route.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from bento.errors import ApiError, ErrorCode
from credit_platform.api_keys import ApiKey, KeyRing, Scope

Handler = Callable[[Request], Awaitable[Response]]
ANY_KEY = frozenset(Scope)
"""For routes that every key may use."""
_MOST_BUCKETS = 10_000
"""Keys whose rates are remembered; more than any bank has."""


class Gatekeeper:
    """Decides whether a request may pass."""

    def __init__(
        self, keys: KeyRing | None, rate: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Let only `keys` pass; with None everyone may.

        Args:
            keys: known keys, or None when authentication is disabled.
            rate: requests a second that a key may send when the key itself names no rate; None for no limit.
            clock: seconds that never go back.
        """
        self._keys = keys
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}

    def admit(self, request: Request, scopes: frozenset[Scope]) -> str | None:
        """Return the id of the request's key; None without authentication.

        Raises:
            ApiError: 401 without a known key, 403 when it has none of `scopes`, 429 above its rate.
        """
        if self._keys is None:
            return None
        key = self._keys.find(_given_key(request))
        if key is None:
            message = "Send a valid API key: the header Authorization: Bearer <key>, or X-API-Key."
            raise ApiError(ErrorCode.UNAUTHENTICATED, message, headers={"WWW-Authenticate": "Bearer"})
        request.state.client, request.state.client_name = key.id, key.client
        self._take(key, 1)
        if scopes.isdisjoint(key.scopes):
            raise ApiError(ErrorCode.FORBIDDEN, "This API key has no scope that this route needs; see /docs.")
        return key.id

    def asks(self, request: Request) -> dict[str, object]:
        """Who asks and what they may do, for programs in which people sign in with a key of their own."""
        key = None if self._keys is None else self._keys.find(_given_key(request))
        if key is None:
            return {"client": None, "scopes": sorted(Scope) if self._keys is None else []}
        return {"client": key.client, "scopes": sorted(key.scopes)}

    def charge(self, request: Request, rows: int) -> None:
        """Count the rows of a batch as that many requests; the request itself is counted already.

        Raises:
            ApiError: 429, above the rate.
        """
        key = None if self._keys is None else self._keys.find(_given_key(request))
        if key is not None and rows > 1:
            self._take(key, rows - 1)

    def _take(self, key: ApiKey, count: int) -> None:
        rate = key.rate if key.rate is not None else self._rate
        if rate is None or key.unlimited:
            return
        bucket = self._buckets.get(key.id)
        if bucket is None or bucket.rate != rate:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[key.id] = TokenBucket(rate, self._clock())
        wait = bucket.take(self._clock(), count)
        if wait > 0:
            message = f"This API key may send {rate:g} requests a second; each row of a batch counts as one."
            raise ApiError(ErrorCode.RATE_LIMITED, message, headers={"Retry-After": str(max(1, math.ceil(wait)))})


class TokenBucket:
    """Allows `rate` requests a second on average, and two seconds' worth (at least one request) at once."""

    def __init__(self, rate: float, now: float) -> None:
        """Start full."""
        self.rate = rate
        self._size = max(1.0, 2 * rate)
        self._tokens = self._size
        self._at = now

    def take(self, now: float, count: int = 1) -> float:
        """Take `count` tokens and return 0, or return the seconds until that is possible.

        More than the bucket holds are lent when it is full, and paid back at the rate before the next one is given.
        """
        self._tokens = min(self._size, self._tokens + (now - self._at) * self.rate)
        self._at = now
        needed = min(count, self._size - 1 if count > 1 else self._size)
        if self._tokens < needed:
            return (needed - self._tokens) / self.rate
        self._tokens -= count
        return 0.0


def secured(handler: Handler, *scopes: Scope) -> Handler:
    """Put `handler` behind the scopes, any one of which is enough; the body is not read before."""
    wanted = frozenset(scopes)

    async def endpoint(request: Request) -> Response:
        gatekeeper: Gatekeeper = request.app.state.service.gatekeeper
        request.state.client = gatekeeper.admit(request, wanted)
        return await handler(request)

    endpoint.scopes = wanted  # type: ignore[attr-defined]  # a test compares every route with docs/API.md
    return endpoint


def _given_key(request: Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return request.headers.get("X-API-Key", "")
