"""A day's applicants: read, scored and recorded as the service does it, by the champion in force."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bento.errors import ApiError
from bento.runtime.engine import Engine
from bento.runtime.metrics import ServiceMetrics
from bento.runtime.recorder import Recorder, Scored
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.subject import load_scorer
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.decision_log import DecisionStore, DecisionWriter
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Request
from credit_platform.settings import Settings
from credit_platform.simulation.applicants import PREFIX, requests, stored_applicants
from credit_platform.simulation.drifts import find_drift
from credit_platform_tests.year.plan import OPENING, SEED, Plan


@dataclass(frozen=True)
class Standing:
    """A clock that stands still."""

    moment: datetime

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self.moment.astimezone(UTC)


def apply(settings: Settings, plan: Plan, number: int) -> None:
    """Decide about the applicants of a day; who was decided about already is answered as before."""
    portfolio = plan.declared()
    promoted = champion_table(Lakehouse(settings.lakehouse_root), portfolio.name)
    assert promoted is not None
    engine = Engine(load_scorer(promoted, portfolio, Shelf.of(settings)))
    found = engine.score_many(asked(engine, bodies(settings, plan, number)))
    scored = [one for one in found if not isinstance(one, ApiError)]
    assert len(scored) == len(found), [one for one in found if isinstance(one, ApiError)][:1]
    asyncio.run(_record(settings, engine, scored, Standing(plan.at(number, OPENING))))


def bodies(
    settings: Settings, plan: Plan, number: int, *, count: int | None = None, called: str = ""
) -> list[dict[str, Any]]:
    """What clients send on a day: drawn by its number, drifted from its day on, as a broken feed has it."""
    portfolio: Portfolio = plan.declared()
    shifts = find_drift(portfolio, plan.drift).shifts if number >= plan.drifts_after else ()
    chance = random.Random(f"{SEED} {number} {called}")
    run = f"{PREFIX}{called}{number}-"
    drawn = requests(stored_applicants(portfolio, settings), portfolio, shifts, chance, run)
    made = list(islice(drawn, plan.daily if count is None else count))
    if number in plan.broken:
        for body in made:
            if plan.stuck is None:
                body["application"].pop(plan.lost, None)
            else:
                body["application"][plan.lost] = plan.stuck
    return made


def asked(engine: Engine, sent: Sequence[dict[str, Any]]) -> list[Request]:
    """Bodies as the service reads them, under request ids of their own."""
    return [engine.reader.read(json.dumps(body).encode(), f"r-{body['applicant_id']}") for body in sent]


async def _record(settings: Settings, engine: Engine, scored: Sequence[Scored], clock: Standing) -> None:
    store = DecisionStore(settings.decision_log)
    writer = DecisionWriter(store)
    writer.start()
    try:
        recorder = Recorder(writer, ServiceMetrics(), engine.scorer, clock=clock)
        await recorder.record(scored, started=time.perf_counter())
    finally:
        writer.stop()
        store.close()
