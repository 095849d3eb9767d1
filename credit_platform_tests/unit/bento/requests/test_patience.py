"""Work goes on as long as somebody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.requests import Request

from bento.errors import ApiError, ErrorCode
from bento.requests.patience import Patience


def request(*messages: MutableMapping[str, Any]) -> Request:
    """A request whose body was read; afterwards `messages` come, and then nothing."""
    coming = list(messages)

    async def receive() -> MutableMapping[str, Any]:
        if not coming:
            await asyncio.Event().wait()
        return coming.pop(0)

    return Request({"type": "http", "headers": []}, receive)


def check_after_a_turn(asked: Request, seconds: float) -> None:
    async def work() -> None:
        async with Patience(asked, seconds) as patience:
            await asyncio.sleep(0.01)
            await asyncio.to_thread(patience.check)

    asyncio.run(work())


def test_while_the_client_waits_nothing_happens() -> None:
    check_after_a_turn(request({"type": "http.request", "body": b"", "more_body": False}), 60)


@pytest.mark.parametrize(
    ("messages", "seconds", "code"),
    [([{"type": "http.disconnect"}], 60, ErrorCode.REQUEST_TIMEOUT), ([], 0.001, ErrorCode.BODY_TOO_LARGE)],
    ids=["gone", "too long"],
)
def test_work_stops(messages: list[MutableMapping[str, Any]], seconds: float, code: ErrorCode) -> None:
    with pytest.raises(ApiError) as stopped:
        check_after_a_turn(request(*messages), seconds)
    assert stopped.value.code == code
