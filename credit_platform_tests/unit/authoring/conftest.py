"""Files of loans that nobody here has seen, and portfolios that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from credit_platform import portfolios
from credit_platform.authoring.making import Made, make_portfolio

Maker = Callable[[str], Made]


def loans_of_nobody(rows: int, *, seed: int = 3) -> pl.DataFrame:
    """Loans in the manner of GiveMeSomeCredit: a first column without a name, `NA` for unknown, dashes in names."""
    draw = np.random.default_rng(seed)
    used, late = draw.gamma(0.8, 0.4, rows), draw.poisson(0.3, rows)
    age = draw.integers(21, 90, rows)
    debt, earned = draw.gamma(1.2, 0.5, rows), draw.lognormal(8.6, 0.6, rows)
    income = [
        str(round(value)) if known else "NA" for value, known in zip(earned, draw.random(rows) > 0.2, strict=True)
    ]
    told = 1.2 * used + 0.9 * late - 0.04 * (age - 45) + 1.1 * debt - 1.2 * np.log(earned / 5_400)
    risk = 1.3 * told - 3.2 + draw.logistic(0, 1, rows)
    return pl.DataFrame(
        {
            "": np.arange(1, rows + 1),
            "SeriousDlqin2yrs": (risk > 0).astype(np.int8),
            "RevolvingUtilization": np.round(used, 4),
            "age": age,
            "NumberOfTime30-59DaysPastDue": late,
            "DebtRatio": np.round(debt, 4),
            "MonthlyIncome": income,
            "Region": draw.choice(["north", "south", "overseas, far"], rows),
            "Sex": draw.choice(["f", "m"], rows),
            "Note": [f"client {number}" for number in range(rows)],
        }
    )


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[Maker]:
    """Makes a portfolio of such a file in a folder that belongs to the package while the test runs."""
    outside, caches = tmp_path / "mes portefeuilles é", (portfolios.portfolio_names, portfolios.get_portfolio)
    outside.mkdir()
    file = tmp_path / "prêts 1.csv"
    loans_of_nobody(400).write_csv(file)
    portfolios.__path__.append(str(outside))

    def make(name: str) -> Made:
        made = make_portfolio(name, file, to=outside, raw=tmp_path / "raw" / name)
        for cached in caches:
            cached.cache_clear()
        return made

    yield make
    portfolios.__path__.remove(str(outside))
    for cached in caches:
        cached.cache_clear()
