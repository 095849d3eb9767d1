from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from bento.errors import ApiError, ErrorCode
from bento.runtime.engine import Engine, load_engine
from bento.runtime.micro_batcher import MOST_AT_ONCE, MicroBatcher
from bento.runtime.recorder import Scored
from credit_platform.scoring import Request
from credit_platform_tests.small_scorer import save_small_scorer


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("scorer") / "scorer"
    save_small_scorer(folder, "xgboost")
    return load_engine(folder)


def example(engine: Engine, **changes: object) -> dict[str, Any]:
    return {**engine.portfolio.examples["refused"], **changes}


def test_requests_that_come_together_get_the_answers_they_get_alone(engine: Engine) -> None:
    bodies = [json.dumps({"application": example(engine, amount=1000 + n)}).encode() for n in range(40)]
    bodies[3] = json.dumps({"application": example(engine, amount=-1)}).encode()

    async def together() -> list[Any]:
        asked = (engine.predict(body, str(n)) for n, body in enumerate(bodies))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    for n, (body, scored) in enumerate(zip(bodies, asyncio.run(together()), strict=True)):
        if n == 3:
            assert isinstance(scored, ApiError)
        else:
            assert [scored] == engine.score_many([engine.reader.read(body, str(n))])


def test_a_failure_reaches_everybody_who_waits() -> None:
    def broken(_: Sequence[Request]) -> list[Scored | ApiError]:
        raise ValueError("broken")

    async def together() -> list[object]:
        micro_batcher = MicroBatcher(broken)
        asked = (micro_batcher.score(Request(application={})) for _ in range(2))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    assert [type(one) for one in asyncio.run(together())] == [ValueError, ValueError]


def test_what_comes_in_one_turn_is_scored_in_groups_and_a_single_one_at_once() -> None:
    sizes: list[int] = []

    def count(requests: Sequence[Request]) -> list[Scored | ApiError]:
        sizes.append(len(requests))
        return [ApiError(ErrorCode.NOT_SCORABLE, "no") for _ in requests]

    async def ask(number: int) -> None:
        micro_batcher = MicroBatcher(count)
        asked = (micro_batcher.score(Request(application={})) for _ in range(number))
        await asyncio.gather(*asked, return_exceptions=True)

    asyncio.run(ask(1))
    asyncio.run(ask(MOST_AT_ONCE + 3))
    assert sizes == [1, MOST_AT_ONCE, 3]
