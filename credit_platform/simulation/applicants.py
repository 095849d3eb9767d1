"""Applications of simulated applicants: stored ones, shipped ones or generated ones.

What is here: `stored_applications`, and `requests`, which draws from them, shifts them and marks them as simulated.
What to add here: another source of applicants.
What must not be here: sending (`sending.py`), the shifts themselves (`drifts.py`).
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
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
from credit_platform.settings import Settings
from credit_platform.simulation.drifts import Shift, shifted

PREFIX = "SIM-"
"""Every simulated applicant is called SIM-<run>-<number>."""
_MOST = 5_000
"""Applicants who are drawn from, at most."""
_GENERATED_SCALE = 0.002


def stored_applications(portfolio: Portfolio, settings: Settings) -> list[dict[str, Any]]:
    """Applications to draw from: stored ones, else those that ship with the package, else generated ones.

    Raises:
        GenerationError: there are none, and nothing generates them.
    """
    used = used_columns(portfolio)  # what nobody reads is not asked of simulated applicants either
    names = [c.name for c in portfolio.application_columns if c.name in used]
    frame = _frame(portfolio, settings).select(names).head(_MOST).collect()
    rows = ({name: value for name, value in row.items() if value is not None} for row in frame.to_dicts())
    applications = list(rows)
    if not applications:
        raise GenerationError(f"{portfolio.name} has no applications.", f"credit-platform run {portfolio.name}")
    return applications


def _frame(portfolio: Portfolio, settings: Settings) -> pl.LazyFrame:
    lakehouse = Lakehouse(settings.lakehouse_root)
    for name in (portfolio.scoring_table, portfolio.training_table):
        if name is not None and lakehouse.exists(key := raw_key(portfolio.name, name)):
            return lakehouse.scan(key)
    if portfolio.bundled_raw is not None:
        return _read(portfolio, portfolio.bundled_raw).lazy()
    generator = get_generator(portfolio.name)
    with tempfile.TemporaryDirectory() as folder:
        generator.generate(
            Path(folder) / "raw", scale=_GENERATED_SCALE, seed=settings.seed, drift=(), defects=(), progress=None
        )
        return _read(portfolio, Path(folder) / "raw").lazy()


def _read(portfolio: Portfolio, folder: Path) -> pl.DataFrame:
    table = portfolio.table(portfolio.training_table)
    types = {column.name: getattr(pl, column.type.value.capitalize()) for column in table.columns}
    return literal.read_csv(folder / table.file_name, schema_overrides=types)


def requests(
    applicants: Sequence[dict[str, Any]],
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
        application = shifted(chance.choice(applicants), shifts, portfolio, chance_of_shift)
        yield {"applicant_id": f"{run}{number}", "application": application}
