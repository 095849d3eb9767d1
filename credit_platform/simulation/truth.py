"""What becomes of the loans of simulated applicants: who defaults, when, and the file in which a lender would say so.

What is here: `Fate` and `fate_of` one decision, `outcome_rows` of all of them as a lender who looks once a month would
tell, and `write_outcomes`.
What to add here: another habit of a lender who tells outcomes.
What must not be here: a portfolio's features (`portfolios/<name>/truth.py`); anything that watches a model:
`monitoring` sees what the file says, and nothing else.

A fate depends on the seed, the request and the features that the log keeps, not on when it is asked for: the file can
be written again and only grows. Every row is marked as synthetic.
"""

from __future__ import annotations

import hashlib
import json
import math
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import GenerationError
from credit_platform.files.durable import write_synced
from credit_platform.lakehouse.raw_files import outcomes_mirror
from credit_platform.monitoring.decision_log import StoredDecision
from credit_platform.monitoring.outcomes.contract import SYNTHETIC, outcome_folder
from credit_platform.portfolios import get_truth
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.truth import Concept, Truth
from credit_platform.scoring.rule import ACCEPTED
from credit_platform.settings import Settings

FILE = "synthetic_outcomes.csv"
"""Name of the file; it is written anew each time."""
DELAY_DAYS = 10
"""Days from the day on which a loan is looked at to the day on which a lender's file says so."""
_SCALE = 2.0**64


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of one loan."""

    probability: float
    default_month: int | None
    """Months on book at which it defaults; None when it never does."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A truth, with what changed in it."""

    truth: Truth
    seed: int
    concept: Concept | None = None
    since: datetime | None = None
    """Loans decided from here on live under `concept`; all of them by default."""

    def fate_of(self, decision: StoredDecision) -> Fate:
        """What becomes of the loan that `decision` granted."""
        changed = self.concept if self.since is None or decision.decided_at >= self.since else None
        odds = self.truth.log_odds(json.loads(decision.features), changed)
        probability = 1.0 / (1.0 + math.exp(-odds)) if odds > -_FAR else 0.0
        falls, when = _chances(self.seed, decision.portfolio, decision.request_id)
        if falls >= probability:
            return Fate(probability=probability, default_month=None)
        passed = (month for month, share in enumerate(accumulate(self.truth.timing), start=1) if when < share)
        return Fate(probability=probability, default_month=next(passed, len(self.truth.timing)))


_FAR = 700.0
"""Log-odds below which `exp` would overflow."""


def make_world(portfolio: Portfolio, *, seed: int, concept: str | None = None, since: datetime | None = None) -> World:
    """The made-up world of a portfolio.

    Args:
        portfolio: whose truth.
        seed: the same seed gives every loan the same fate.
        concept: name of a change in what applicants do.
        since: loans decided from here on live under it.

    Raises:
        GenerationError: nobody made up a truth for it, or it has no concept of that name.
    """
    truth = get_truth(portfolio.name)
    if concept is not None and concept not in truth.concepts:
        known = ", ".join(f"{name} ({one.meaning})" for name, one in truth.concepts.items()) or "none"
        raise GenerationError(
            f"{portfolio.name} has no drift {concept!r} of what becomes of the loans.", f"Known: {known}."
        )
    return World(truth=truth, seed=seed, concept=truth.concepts[concept] if concept else None, since=since)


def outcome_rows(
    decisions: Iterable[StoredDecision], world: World, portfolio: Portfolio, today: date, months: int | None = None
) -> pl.DataFrame:
    """What a lender who looks at every loan once a month has told by `today`, a row per loan and look.

    Args:
        decisions: of the log; only accepted ones become loans.
        world: what becomes of them.
        portfolio: whose timezone and currency.
        today: the day of writing; what was seen in the last `DELAY_DAYS` is not told yet.
        months: pretend that each loan is so old, whatever its age; by default as old as it is.

    Returns:
        Columns of `ROWS`. After its default a loan is not looked at any more.
    """
    rows = (
        row
        for decision in decisions
        if decision.decision == ACCEPTED and decision.portfolio == portfolio.name
        for row in _told(decision, world, portfolio, today, months)
    )
    return pl.DataFrame(list(rows), schema=ROWS, orient="row")


def write_outcomes(rows: pl.DataFrame, settings: Settings, portfolio: Portfolio) -> Path:
    """Write what `outcome_rows` gave where outcomes are looked for, over what was written before.

    Returns:
        The file; where outcomes lie in an object store, the copy of what was put there.

    Raises:
        StorageError: the object store cannot be written to.
    """
    content = rows.write_csv().encode()
    if (mirror := outcomes_mirror(settings, portfolio)) is not None:
        return mirror.put(FILE, content)
    folder = outcome_folder(settings, portfolio)
    folder.mkdir(parents=True, exist_ok=True)
    write_synced(folder / FILE, content)
    return folder / FILE


def _told(
    decision: StoredDecision, world: World, portfolio: Portfolio, today: date, months: int | None
) -> Iterator[tuple[Any, ...]]:
    start = decision.decided_at.astimezone(portfolio.monitoring.zone).date()
    fate = world.fate_of(decision)
    loss = round(world.truth.loss_share * portfolio.economics.mean_amount, 2)
    age = _age(start, today - timedelta(days=DELAY_DAYS)) if months is None else months
    for month in range(1, age + 1):
        defaulted = fate.default_month is not None and fate.default_month <= month
        seen = _later(start, month).isoformat()
        yield decision.request_id, seen, month, int(defaulted), loss if defaulted else None, 1
        if defaulted:
            return


def _chances(seed: int, portfolio: str, request: str) -> tuple[float, float]:
    """Two numbers from 0 to 1 that belong to a request, and look random."""
    digest = hashlib.sha256(f"{seed}\n{portfolio}\n{request}".encode()).digest()
    first, second = (int.from_bytes(part) / _SCALE for part in (digest[:8], digest[8:16]))
    return first, second


def _age(start: date, end: date) -> int:
    """Whole months from one day to another; 0 when none has passed."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return max(0, months if end >= _later(start, months) else months - 1)


def _later(start: date, months: int) -> date:
    """The same day so many months later, or the last of its month."""
    year, month = divmod(12 * start.year + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


ROWS: dict[str, Any] = {
    "request_id": pl.String,
    "observed_at": pl.String,
    "months_on_book": pl.Int64,
    "defaulted": pl.Int64,
    "loss": pl.Float64,
    SYNTHETIC: pl.Int64,
}
"""Columns of the file."""
