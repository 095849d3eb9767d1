"""Simulated applicants and what they bring along: stored ones, shipped ones or generated ones.

What is here: `stored_applicants`, and `requests`, which draws from
them, shifts them and marks them as simulated.
What to add here: another source of applicants.
What must not be here: rows of histories (`histories.py`), sending (`sending.py`), the shifts themselves (`drifts.py`).
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import GenerationError
from credit_platform.features.inputs import used_columns
from credit_platform.files import literal
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_generator
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.settings import Settings
from credit_platform.simulation.drifts import Shift, shifted
from credit_platform.simulation.histories import Histories, history_tables

Read = Callable[[SourceTable], pl.LazyFrame | None]
"""Gives a raw table; None where it is not there."""

PREFIX = "SIM-"
"""Every simulated applicant is called SIM-<run>-<number>."""
_MOST = 5_000
"""Applicants who are drawn from, at most."""
_GENERATED_SCALE = 0.002


@dataclass(frozen=True, kw_only=True)
class Applicants:
    """Applicants to draw from."""

    applications: list[dict[str, Any]]
    keys: list[Any]
    """Who each of them is in the tables; nobody is told."""
    histories: Histories | None
    """Rows of the other tables; None for a portfolio without any."""

    def body(self, number: int, application: dict[str, Any]) -> dict[str, Any]:
        """What a client sends of applicant `number`, whose application may have been shifted."""
        rows = self.histories.of(self.keys[number]) if self.histories is not None else {}
        return {"application": application, **({"histories": rows} if rows else {})}


def stored_applicants(portfolio: Portfolio, settings: Settings) -> Applicants:
    """Applicants to draw from: stored ones, else those that ship with the package, else generated ones.

    Their histories come from where they come from themselves.

    Raises:
        GenerationError: there are none, and nothing generates them.
    """
    with _source(portfolio, settings) as read:
        applications, keys = _applications(portfolio, read)
        histories = Histories(portfolio, read, keys) if history_tables(portfolio) else None
    return Applicants(applications=applications, keys=keys, histories=histories)


def _applications(portfolio: Portfolio, read: Read) -> tuple[list[dict[str, Any]], list[Any]]:
    """Applications without what is null or nobody reads, and the key of each."""
    used = used_columns(portfolio)  # what nobody reads is not asked of simulated applicants either
    names = [c.name for c in portfolio.application_columns if c.name in used]
    tables = (portfolio.scoring_table, portfolio.training_table)
    frames = (read(portfolio.table(name)) for name in tables if name is not None)
    frame = next(frame for frame in frames if frame is not None).head(_MOST).collect()
    applications = [{name: v for name, v in row.items() if v is not None} for row in frame.select(names).to_dicts()]
    if not applications:
        raise GenerationError(f"{portfolio.name} has no applications.", f"credit-platform run {portfolio.name}")
    key = portfolio.applicant_key
    return applications, frame[key].to_list() if key in frame.columns else [None] * len(applications)


@contextmanager
def _source(portfolio: Portfolio, settings: Settings) -> Iterator[Read]:
    """Gives raw tables, valid inside: stored ones where applications are stored, else shipped or generated files."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    applications = (portfolio.scoring_table, portfolio.training_table)
    if any(name is not None and lakehouse.exists(raw_key(portfolio.name, name)) for name in applications):
        yield lambda table: _stored(lakehouse, portfolio, table)
    elif portfolio.bundled_raw is not None:
        folder = portfolio.bundled_raw
        yield lambda table: _read(folder, table)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            files = Path(scratch) / "raw"
            get_generator(portfolio.name).generate(
                files, scale=_GENERATED_SCALE, seed=settings.seed, drift=(), defects=(), progress=None
            )
            # More were drawn for training than for scoring: the sample has more people to draw from.
            yield lambda table: None if table.name == portfolio.scoring_table else _read(files, table)


def _stored(lakehouse: Lakehouse, portfolio: Portfolio, table: SourceTable) -> pl.LazyFrame | None:
    key = raw_key(portfolio.name, table.name)
    return lakehouse.scan(key) if lakehouse.exists(key) else None


def _read(folder: Path, table: SourceTable) -> pl.LazyFrame | None:
    path = folder / table.file_name
    types = {column.name: getattr(pl, column.type.value.capitalize()) for column in table.columns}
    return literal.read_csv(path, schema_overrides=types).lazy() if path.is_file() else None


def requests(
    applicants: Applicants,
    portfolio: Portfolio,
    shifts: Sequence[Shift],
    chance: random.Random,
    run: str,
) -> Iterator[dict[str, Any]]:
    """Bodies of `POST /predict` without end: applicants drawn by `chance`, shifted, called `run` and their number."""
    number = 0
    # A stream of its own: the same seed draws the same people, with a drift and without.
    chance_of_shift = random.Random(chance.random())  # noqa: S311  # a simulation, no secret
    while True:
        number += 1
        drawn = chance.randrange(len(applicants.applications))
        application = shifted(applicants.applications[drawn], shifts, portfolio, chance_of_shift)
        yield {"applicant_id": f"{run}{number}", **applicants.body(drawn, application)}
