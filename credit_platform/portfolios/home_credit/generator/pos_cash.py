"""Monthly balances of earlier point-of-sale and cash loans of one chunk.

What is here: one row per loan and month from signing to completion, with instalments left and days past due.
What to add here: a state that a loan can be in.
What must not be here: the payments (see `installments`), cards (see `credit_card`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.portfolios.home_credit.generator.facts import normal_score
from credit_platform.portfolios.home_credit.generator.latent import Chunk
from credit_platform.portfolios.home_credit.generator.previous_application import EarlierLoans
from credit_platform.portfolios.home_credit.generator.sampling import (
    FloatArray,
    chance,
    expand,
    fit_total,
    frame,
    nulled,
    words,
)
from credit_platform.portfolios.home_credit.tables import POS_CASH_BALANCE

_STATUSES = (
    "Active",
    "Completed",
    "Signed",
    "Demand",
    "Returned to the store",
    "Approved",
    "Amortized debt",
    "Canceled",
)
_ACTIVE, _COMPLETED, _SIGNED, _DEMAND, _RETURNED, _APPROVED, _AMORTIZED, _CANCELED = range(8)
# Shares of first, and of later, months in which a loan is in a rare state.
_SIGNED_FIRST, _APPROVED_FIRST, _CANCELED_FIRST, _RETURNED_LATER = 0.105, 0.0055, 0.0001, 0.00065
_MONTH = 30.4375
_OLDEST = 96


def draw_pos_cash(chunk: Chunk, loans: EarlierLoans, rows: int) -> pl.DataFrame:
    """Exactly `rows` monthly balances of the loans that are not cards."""
    rng = chunk.stream("pos_cash_balance")
    chosen = np.flatnonzero(~loans.card)
    signed = np.clip(np.floor(-(loans.first_due[chosen] - 30.0) / _MONTH), 1, _OLDEST).astype(np.int64)
    full = loans.paid_months[chosen] + 1
    wanted = np.minimum(full, signed)
    # Some histories begin late; only when there are too few rows, some go on after completion.
    longest = wanted if int(wanted.sum()) >= rows else np.full(len(wanted), _OLDEST)
    months = fit_total(rng, wanted, rows, np.zeros(len(wanted), dtype=np.int64), longest)
    signed = np.maximum(signed, months)
    parent, position = expand(months)
    skipped = np.maximum(wanted - months, 0)
    elapsed = position + skipped[parent]
    month = signed[parent] - elapsed
    ended = elapsed >= full[parent] - 1
    term = np.maximum(loans.term[chosen], 1)[parent].astype(np.float64)
    future = np.where(ended, 0.0, np.maximum(term - elapsed, 0.0))
    status = _status(rng, elapsed=elapsed, ended=ended)
    past_due, tolerated = _days_past_due(rng, loans.late[chosen][parent], elapsed=elapsed, status=status)
    unknown = chance(rng, len(parent), 0.0028)
    return frame(
        {
            "SK_ID_PREV": loans.loan[chosen][parent].astype(np.int32),
            "SK_ID_CURR": loans.applicant[chosen][parent].astype(np.int32),
            "MONTHS_BALANCE": (-month).astype(np.int8),
            "CNT_INSTALMENT": nulled(np.where(ended, np.minimum(term, elapsed + 1.0), term), unknown),
            "CNT_INSTALMENT_FUTURE": nulled(future, unknown),
            "NAME_CONTRACT_STATUS": words(status, _STATUSES),
            "SK_DPD": past_due,
            "SK_DPD_DEF": tolerated,
        },
        POS_CASH_BALANCE.column_names,
    )


def _status(
    rng: np.random.Generator, *, elapsed: npt.NDArray[np.int64], ended: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int8]:
    """State of the loan in each row: signed, active, completed, and a few rare ones."""
    status = np.full(len(elapsed), _ACTIVE, dtype=np.int8)
    status[ended] = _COMPLETED
    luck = rng.random(len(elapsed))
    start = (elapsed == 0) & ~ended
    status[start & (luck < _SIGNED_FIRST)] = _SIGNED
    status[start & (luck > 1.0 - _APPROVED_FIRST)] = _APPROVED
    status[start & (luck > 1.0 - _CANCELED_FIRST)] = _CANCELED
    status[~start & ~ended & (luck > 1.0 - _RETURNED_LATER)] = _RETURNED
    return status


def _days_past_due(
    rng: np.random.Generator, late: FloatArray, *, elapsed: npt.NDArray[np.int64], status: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Days past due, all and with small amounts forgiven; marks the loans that were called in."""
    luck = rng.random(len(late), dtype=np.float32)
    open_rows = status == _ACTIVE
    slow = open_rows & (luck < 0.030 * np.exp(0.9 * late - 0.405))
    past_due = np.zeros(len(late), dtype=np.int32)
    rows = np.flatnonzero(slow)
    past_due[rows] = 1 + rng.gamma(0.9, 14.0, len(rows)).astype(np.int32)
    tolerated = np.where(chance(rng, len(late), 0.40), past_due, 0)
    # Loans never paid again: days past due grow by a month each month.
    lost = open_rows & (late > normal_score(1.0 - 0.006)) & (elapsed > 2)  # noqa: PLR2004  # after two instalments
    past_due[lost] = (elapsed[lost] - 2) * 30
    deep = lost & chance(rng, len(late), 0.18)
    tolerated[deep] = past_due[deep]
    called = deep & chance(rng, len(late), 0.9)
    status[called] = np.where(chance(rng, int(called.sum()), 0.76), _DEMAND, _AMORTIZED)
    return past_due, tolerated.astype(np.int32)
