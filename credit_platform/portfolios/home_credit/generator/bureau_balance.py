"""Monthly statuses of the bureau's loans of one chunk.

What is here: which loans are reported month by month, for how long, and their status in each month.
What to add here: a state that the bureau reports.
What must not be here: the loans themselves (see `bureau`).

A loan is reported from the month it was opened; once paid back it is reported as closed (C) for a while, then no more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.portfolios.home_credit.generator.bureau import BureauLoans
from credit_platform.portfolios.home_credit.generator.facts import normal_score
from credit_platform.portfolios.home_credit.generator.latent import Population
from credit_platform.portfolios.home_credit.generator.sampling import IntArray, chance, expand, fit_total, words

STATUSES = ("C", "0", "X", "1", "2", "3", "4", "5")
ORPHAN_SHARE = 0.11
"""Share of rows whose loan is not in `bureau.csv`; so in the real files."""
REPORTED_TRAINING, REPORTED_SCORING = 0.345, 0.985
"""Share of applicants whose bureau loans are reported monthly, by file; so in the real files."""
ORPHANS_CLOSED = 0.85
"""Share of those loans that have been paid back."""
ORPHAN_SPACING = 600
"""Rows of the file per loan that is not in `bureau.csv`."""
_MOST_MONTHS = 97
_MONTH = 30.4375


def draw_statuses(population: Population, loans: BureauLoans, rows: int, first_orphan: int) -> pl.DataFrame:
    """Exactly `rows` statuses; `first_orphan` is the first loan id that `bureau.csv` does not use.

    At most one orphan loan per `ORPHAN_SPACING` rows, and one more, is made; their ids follow `first_orphan`.
    """
    rng = population.chunk.stream("bureau_balance")
    reported = chance(rng, len(population), np.where(population.scoring, REPORTED_SCORING, REPORTED_TRAINING))
    chosen = np.flatnonzero(reported[loans.applicant])
    orphan_rows = round(rows * ORPHAN_SHARE)
    orphans = rows // ORPHAN_SPACING + 1
    picked = rng.integers(0, len(loans.loan), orphans)

    source = np.concatenate([chosen, picked])
    oldest = np.clip(np.ceil(-loans.opened[source] / _MONTH), 0, _MOST_MONTHS - 1).astype(np.int64)
    oldest[len(chosen) :] = rng.integers(24, _MOST_MONTHS, orphans)
    closing = np.clip(np.floor(-loans.closed[source] / _MONTH), -1, _MOST_MONTHS).astype(np.int64)
    fate = rng.random(orphans)
    closing[len(chosen) :] = np.where(fate < ORPHANS_CLOSED, oldest[len(chosen) :] * rng.random(orphans), -1)
    stop = np.floor(np.maximum(closing, 0) * rng.beta(0.35, 1.0, len(source))).astype(np.int64)
    stop = np.minimum(stop, oldest)
    months = oldest - stop + 1
    own = fit_total(rng, months[: len(chosen)], rows - orphan_rows, 1, _MOST_MONTHS)
    strange = fit_total(rng, months[len(chosen) :], orphan_rows, 1, _MOST_MONTHS)
    months = np.concatenate([own, strange])
    # Where the history had to be shortened or lengthened it is its oldest part that changes, as far as the window goes.
    newest = np.minimum(stop, _MOST_MONTHS - months)

    parent, position = expand(months)
    month = newest[parent] + position
    status = _status(rng, loans, source=source, month=month, closing=closing, parent=parent)
    ids = np.concatenate([loans.loan[chosen], first_orphan + np.arange(orphans)])
    return pl.DataFrame(
        {
            "SK_ID_BUREAU": ids[parent].astype(np.int32),
            "MONTHS_BALANCE": (-month).astype(np.int8),
            "STATUS": words(status, STATUSES),
        }
    )


def _status(
    rng: np.random.Generator,
    loans: BureauLoans,
    *,
    source: IntArray,
    month: IntArray,
    closing: IntArray,
    parent: IntArray,
) -> npt.NDArray[np.uint8]:
    """Code of the status of each row: closed, unknown, or one of the classes of delay."""
    silent = chance(rng, len(source), 0.30)
    unknown_rate = np.where(silent, 0.93, 0.16).astype(np.float32)
    trouble = loans.trouble[source]
    late_rate = 0.017 * np.exp(0.8 * trouble - 0.32)
    hopeless = trouble > normal_score(1.0 - 0.0025)
    luck = rng.random(len(month), dtype=np.float32)
    late = np.flatnonzero(chance(rng, len(month), late_rate.astype(np.float32)[parent]))
    status = np.where(luck < unknown_rate[parent], np.uint8(2), np.uint8(1))
    depth = rng.random(len(late))
    status[late] = np.searchsorted((0.93, 0.975, 0.99), depth).astype(np.uint8) + 3
    since = np.maximum(closing, 0)
    lost = hopeless[parent] & (month < since[parent] + 12)
    status[month <= closing[parent]] = 0
    status[lost] = 7
    return np.asarray(status)
