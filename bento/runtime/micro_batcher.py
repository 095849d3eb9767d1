"""Scoring together what arrives together: encoding and model cost per call, not per applicant.

What is here: `MicroBatcher`.
What must not be here: waiting for more: a request that is alone is scored at once.

A decision goes through two groups, and neither can go without loss. This one saves processor time: one call of the
model for those that the event loop read in one turn, so it lives in the loop and lasts microseconds. The decision log's
writer (`credit_platform.monitoring.decision_log.writer`) saves disk time: one commit, milliseconds long, for all that
came while the last one was written, so it lives in a thread. One group for both would let the processor wait for the
disk; and the rows of a batch, which are scored in a thread of their own, share a commit without having shared a turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bento.errors import ApiError

if TYPE_CHECKING:
    from bento.runtime.recorder import Scored
    from credit_platform.scoring import Request

MOST_AT_ONCE = 32
"""Requests scored in one go; the event loop answers others in between."""


class MicroBatcher:
    """Scores the requests that the event loop has read in one turn with one call of the model."""

    def __init__(self, score_many: Callable[[Sequence[Request]], list[Scored | ApiError]]) -> None:
        """Score with `score_many`, which gives each applicant what it would get alone."""
        self._score_many = score_many
        self._waiting: list[tuple[Request, asyncio.Future[Scored]]] = []

    async def score(self, request: Request) -> Scored:
        """Score one applicant.

        Raises:
            ApiError: the applicant cannot be scored.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Scored] = loop.create_future()
        if not self._waiting:
            # After everything that is ready now: whatever came in the same turn is in the list by then.
            loop.call_soon(self._flush)
        self._waiting.append((request, future))
        return await future

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        try:
            results = self._score_many([request for request, _ in waiting])
        except Exception as error:  # noqa: BLE001  # handed to each of those who wait, none of whom may wait for ever
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(waiting, results, strict=True):
            if future.done():
                continue
            if isinstance(result, ApiError):
                future.set_exception(result)
            else:
                future.set_result(result)
