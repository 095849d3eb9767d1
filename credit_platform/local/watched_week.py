"""The week at the end of the demonstration: simulated applicants over seven days, and what became of their loans.

What is here: `WATCHED`, `week_of`, which finds or makes it, and `Week`.
What to add here: another thing that happens in that week.
What must not be here: words (`cli/demo.py`, `cli/demo_summary.py`), running what watches (`side_by_side.py`).

Applicants ask the service, which decides as for everybody, into a log of its own for the time being: it would date all
of them today. From there they go into the log of the home, each at a moment of the seven days before. They are called
`SIM-week-…`, and every row of what became of their loans says that it is synthetic. Whoever has decisions of their own
in the log, with an id of the applicant or without, or keeps it elsewhere, gets no made-up ones among them.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.local.demonstration import EXAMPLE
from credit_platform.monitoring.decision_log import DecisionRecord, DecisionStore, Filter, StoredDecision
from credit_platform.monitoring.pages import PAGES, newest_pages
from credit_platform.portfolios.keys import bento_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.local.service_process import start_service
from credit_platform.serving.records import BentoRecord
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.settings import Settings
from credit_platform.simulation.applicants import PREFIX, requests, stored_applicants
from credit_platform.simulation.drifts import find_drift
from credit_platform.simulation.sending import send
from credit_platform.simulation.truth import make_world, outcome_rows, write_outcomes

WATCHED: Final = "german_credit"
"""The portfolio with a week: its graph is the quicker one to watch."""
APPLICANTS: Final = 490
DRIFT: Final = "poorer"
"""How those of the last `DRIFTED` of the days differ, so that there is something to be seen."""
DAYS, DRIFTED = 7, 3
MONTHS: Final = 12
"""So old the loans are made out to be, for their outcomes to count."""
_RATE = 150.0
_SEED = 7


@dataclass(frozen=True, kw_only=True)
class Week:
    """Simulated decisions of one model in the log of a home."""

    applicants: int
    accepted: int
    new: bool
    """Whether they were made just now."""
    watched: bool
    """Whether every page about them is there already."""


def week_of(portfolio: Portfolio, lakehouse: Lakehouse, settings: Settings) -> Week | str:
    """The simulated week of the promoted model, made where the log holds none yet; a sentence where there can be none.

    Raises:
        ServiceError: the service does not start.
        DecisionLogError: the log cannot be read or written.
    """
    given = (settings.raw, settings.decision_log_url, settings.database_url, settings.decision_logs)
    if any(one is not None for one in given):
        return "No week is simulated: raw files or the decision log of this home lie elsewhere, and are left alone."
    store = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    try:
        known = list(store.each(Filter(portfolio=portfolio.name)))
        if any(not (one.applicant_id or "").startswith((PREFIX, EXAMPLE)) for one in known):
            return "No week is simulated: the decision log of this home holds others than simulated applicants."
        bento = BentoRecord.of(lakehouse.read(bento_key(portfolio.name)))
        run = f"{PREFIX}week-{bento.digest[:8]}-"
        found = [one for one in known if (one.applicant_id or "").startswith(run)]
        new = not found
        if new:
            found = _decided(portfolio, bento.brought(Shelf.of(settings)), settings, run)
            store.append([_at_its_time(one, run) for one in found])
            _tell_outcomes(portfolio, store, settings)
    finally:
        store.close()
    return Week(
        applicants=len(found),
        accepted=sum(one.decision == "accepted" for one in found),
        new=new,
        watched=not new and PAGES.keys() - newest_pages(settings, portfolio).keys() <= _WITHOUT_PAGE,
    )


_WITHOUT_PAGE: Final = {"population_shift"}
"""Of a portfolio without a scoring table there is nothing to compare, and no page."""


def _decided(portfolio: Portfolio, bento: Path, settings: Settings, run: str) -> list[StoredDecision]:
    """What a service with a log of its own answers."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        own = settings.model_copy(
            update={
                "decision_log_url": f"sqlite:///{scratch / 'decisions.db'}",
                "decision_checkpoints": scratch / "checkpoints",
            }
        )
        with start_service(bento, settings=own) as service:
            access = ServiceAccess(portfolio.name, service.url, service.key)
            send(access, _bodies(portfolio, settings, run), rate=_RATE, seconds=APPLICANTS / _RATE)
        store = DecisionStore(own.decision_log, own.decision_checkpoints)
        try:
            return list(store.each())
        finally:
            store.close()


def _bodies(portfolio: Portfolio, settings: Settings, run: str) -> Iterator[dict[str, Any]]:
    """As ever on the first days, shifted on the last ones; the same applicants each time."""
    applicants = stored_applicants(portfolio, settings)
    as_ever = APPLICANTS * (DAYS - DRIFTED) // DAYS
    chance = random.Random(_SEED)  # noqa: S311  # a simulation, no secret
    first = requests(applicants, portfolio, (), chance, run)
    later = requests(applicants, portfolio, find_drift(portfolio, DRIFT).shifts, chance, run)
    numbered = enumerate(chain(islice(first, as_ever), later), start=1)
    return ({**body, "applicant_id": f"{run}{number}"} for number, body in numbered)


def _at_its_time(decision: StoredDecision, run: str) -> DecisionRecord:
    """The decision as if it had been made in its turn of the week that ends now."""
    values: Mapping[str, Any] = {one.name: getattr(decision, one.name) for one in fields(DecisionRecord)}
    number = int(str(decision.applicant_id).removeprefix(run))
    ago = timedelta(days=DAYS) * (1 - number / APPLICANTS)
    return replace(DecisionRecord(**values), decided_at=datetime.now(UTC) - ago)


def _tell_outcomes(portfolio: Portfolio, store: DecisionStore, settings: Settings) -> None:
    """What became of the loans of all simulated applicants, as if they were a year old."""
    simulated = (
        one for one in store.each(Filter(portfolio=portfolio.name)) if (one.applicant_id or "").startswith(PREFIX)
    )
    today = datetime.now(portfolio.monitoring.zone).date()
    rows = outcome_rows(simulated, make_world(portfolio, seed=_SEED), portfolio, today, MONTHS)
    if not rows.is_empty():
        write_outcomes(rows, settings, portfolio)
