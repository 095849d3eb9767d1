"""Shifts of the applicants to be scored against those learnt from, for the drift checks to find.

What is here: what each name in `options.DRIFTS` does.
What to add here: a further shift, with its name and description in `options`.
What must not be here: damage that makes a file invalid (see `defects`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from credit_platform.portfolios.home_credit.generator.latent import Population

_YOUNGER = 0.75
_RISKIER = 0.6
_INFLATION = 1.33
_LOWER = 0.8
_SILENT_TENTHS = 7


def drifted(population: Population, names: Sequence[str]) -> Population:
    """The population with the shifts of hidden quantities among `names` applied to the applicants to be scored."""
    scoring = population.scoring
    if "younger_applicants" in names:
        age = population.age - _YOUNGER * scoring
        population = replace(population, age=age, pensioner=population.pensioner & ~(scoring & (age < _YOUNGER)))
    if "riskier_applicants" in names:
        more = _RISKIER * scoring
        population = replace(population, risk=population.risk + more, discipline=population.discipline + 0.45 * more)
    return population


def drifted_rows(applications: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The applications to be scored with the shifts of columns among `names` applied."""
    if "income_inflation" in names:
        raised = (pl.col("AMT_INCOME_TOTAL") * (_INFLATION / 450.0)).round(0) * 450.0
        applications = applications.with_columns(raised.alias("AMT_INCOME_TOTAL"))
    if "score_shift" in names:
        applications = applications.with_columns(pl.col("EXT_SOURCE_2", "EXT_SOURCE_3") * _LOWER)
    if "bureau_outage" in names:
        silent = pl.Series(np.arange(len(applications)) % 10 < _SILENT_TENTHS)
        answers = pl.col("EXT_SOURCE_3", "^AMT_REQ_CREDIT_BUREAU_.*$")
        applications = applications.with_columns(pl.when(~silent).then(answers).name.keep())
    return applications
