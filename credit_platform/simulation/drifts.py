"""Named shifts of simulated applicants, so that dashboards and drift reports have something to show.

What is here: `Shift`, `DRIFTS` by portfolio, and `shifted`, which applies one within the limits of the contract.
What to add here: a drift; the drifts of another portfolio.
What must not be here: drifts of generated raw files (`credit-platform generate --drift`): those change whole histories.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credit_platform.errors import GenerationError
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How one column changes: a number by `times` and `plus`, a category to `becomes`."""

    column: str
    times: float = 1.0
    plus: float = 0.0
    becomes: str | int | None = None
    share: float = 1.0
    """Share of the applicants whom it concerns."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A named change of who applies for what."""

    meaning: str
    shifts: tuple[Shift, ...]


DRIFTS: Mapping[str, Mapping[str, Drift]] = {
    "german_credit": {
        "larger_loans": Drift(
            meaning="amounts 60% up, 40% longer",
            shifts=(Shift(column="amount", times=1.6), Shift(column="duration_months", times=1.4)),
        ),
        "younger": Drift(
            meaning="as young people are: half of them new in their job and tenants",
            shifts=(
                Shift(column="employment_since", becomes="below 1 year", share=0.5),
                Shift(column="housing", becomes="rent", share=0.5),
            ),
        ),
        "poorer": Drift(
            meaning="half of them overdrawn, two thirds almost without savings",
            shifts=(
                Shift(column="checking_account", becomes="overdrawn", share=0.5),
                Shift(column="savings", becomes="below 100 DM", share=0.67),
            ),
        ),
    },
    "home_credit": {
        "lower_incomes": Drift(
            meaning="incomes 30% down",
            shifts=(Shift(column="AMT_INCOME_TOTAL", times=0.7),),
        ),
        "younger": Drift(
            meaning="a quarter younger, with jobs half as old",
            shifts=(Shift(column="DAYS_BIRTH", times=0.75), Shift(column="DAYS_EMPLOYED", times=0.5)),
        ),
        "larger_loans": Drift(
            meaning="amounts, goods and instalments 50% up",
            shifts=tuple(Shift(column=name, times=1.5) for name in ("AMT_CREDIT", "AMT_GOODS_PRICE", "AMT_ANNUITY")),
        ),
    },
}


def find_drift(portfolio: Portfolio, name: str) -> Drift:
    """The drift called `name`.

    Raises:
        GenerationError: the portfolio has none of that name.
    """
    known = DRIFTS.get(portfolio.name, {})
    if name not in known:
        names = ", ".join(f"{one} ({drift.meaning})" for one, drift in known.items()) or "none"
        raise GenerationError(f"{portfolio.name} has no drift {name!r} for simulated applicants.", f"Known: {names}.")
    return known[name]


def shifted(
    application: Mapping[str, Any], shifts: Sequence[Shift], portfolio: Portfolio, chance: random.Random
) -> dict[str, Any]:
    """The application after the shifts; what was not given stays so, and numbers stay in the contract's range."""
    columns = {column.name: column for column in portfolio.application_columns}
    changed = dict(application)
    for shift in shifts:
        concerned = chance.random() < shift.share
        value = changed.get(shift.column)
        if not concerned or value is None or value == columns[shift.column].sentinel:
            continue
        changed[shift.column] = (
            shift.becomes
            if shift.becomes is not None
            else _within(value * shift.times + shift.plus, columns[shift.column])
        )
    return changed


def _within(number: float, column: Column) -> float | int:
    if column.minimum is not None:
        number = max(number, column.minimum)
    if column.maximum is not None:
        number = min(number, column.maximum)
    return round(number) if column.type.is_integer else number
