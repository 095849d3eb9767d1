"""Monthly balances of earlier credit cards of one chunk.

What is here: a card's life month by month: drawings, interest, payments, and the balance that follows from them.
What to add here: another habit of card holders.
What must not be here: other loans (see `pos_cash`).

Each month: balance = balance before + drawings + interest - payment, so a row follows from the row before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.portfolios.home_credit.generator.facts import normal_score, numeric_shape
from credit_platform.portfolios.home_credit.generator.latent import Chunk
from credit_platform.portfolios.home_credit.generator.previous_application import EarlierLoans
from credit_platform.portfolios.home_credit.generator.sampling import (
    FloatArray,
    IntArray,
    chance,
    correlated,
    expand,
    fit_total,
    frame,
    nulled,
    pick,
    words,
)
from credit_platform.portfolios.home_credit.tables import CREDIT_CARD_BALANCE

TABLE = "credit_card_balance"
_STATUSES = {"Active": 0.962, "Completed": 0.0344, "Signed": 0.0034, "Sent proposal": 0.00014, "Refused": 0.00001}
_OLDEST = 96
_MONTH = 30.4375
_INTEREST = 0.022
_LEAST_PAID = 0.045
"""Share of the limit in use that has to be paid each month."""
_ODD = 0.015
"""Share of drawings made in other ways than at a machine or in a shop."""
_ON_ITS_WAY = 2
"""Months before a new card's limit is sure to be set."""
_GIVEN_UP = 0.6
"""Share of the cards reported for part of their life that are no longer reported at the application."""
_PAYS_OFF = 0.05
"""Share of the months in which all that was owed before is paid, so that without drawings next to nothing is left."""
_DORMANT = 0.43
"""Share of cards never drawn on."""


@dataclass(frozen=True, kw_only=True)
class CardMonths:
    """What was due and paid on cards; one entry per card and month with a payment."""

    loan: IntArray
    applicant: IntArray
    day: FloatArray
    due: FloatArray
    paid: FloatArray
    late: FloatArray
    """Normal score of paying late; positive is worse."""


@dataclass(frozen=True)
class _Life:
    """Months of all cards: arrays of one row per card and one column per month since the first."""

    cash: FloatArray
    shop: FloatArray
    other: FloatArray
    balance: FloatArray
    principal: FloatArray
    due: FloatArray
    paid: FloatArray


def draw_cards(chunk: Chunk, loans: EarlierLoans, rows: int) -> tuple[pl.DataFrame, CardMonths]:
    """Exactly `rows` monthly balances of the cards, and the payments made on them."""
    rng = chunk.stream(TABLE)
    chosen = np.flatnonzero(loans.card)
    age = np.clip(np.floor(-loans.first_due[chosen] / _MONTH), 1, _OLDEST).astype(np.int64)
    # Cards are reported until the application; with too few months, some are reported before the first due day.
    longest = age if int(age.sum()) >= rows else np.full(len(age), _OLDEST)
    reported = min(rows / max(int(age.sum()), 1), 1.0)
    # Some cards are reported for part of their life only: with this mixture for the share `reported` of it on average.
    part = np.where(chance(rng, len(age), 2.0 * reported - 1.0), 1.0, rng.random(len(age)))
    months = fit_total(rng, np.ceil(age * part).astype(np.int64), rows, 0, longest)
    late = loans.late[chosen]
    limit = np.maximum(
        np.rint(numeric_shape(TABLE, "AMT_CREDIT_LIMIT_ACTUAL")(rng.standard_normal(len(chosen))) / 22_500), 2
    )
    limit *= 22_500.0
    life = _simulate(rng, limit, late, int(months.max(initial=1)))
    # Of those, some were given up: their months lie somewhere between the first due day and the application.
    room = np.maximum(age - months, 0)
    silent = np.floor(room * rng.random(len(age)) * chance(rng, len(age), _GIVEN_UP)).astype(np.int64)
    parent, position = expand(months)
    where = (parent, position)
    month = (months + silent)[parent] - position
    columns: dict[str, Any] = {
        "SK_ID_PREV": loans.loan[chosen][parent].astype(np.int32),
        "SK_ID_CURR": loans.applicant[chosen][parent].astype(np.int32),
        "MONTHS_BALANCE": (-month).astype(np.int8),
        "AMT_CREDIT_LIMIT_ACTUAL": np.where(
            (position < _ON_ITS_WAY) & (life.balance[where] == 0) & chance(rng, len(parent), 0.5),
            0,
            limit[parent],
        ).astype(np.int32),
    }
    columns.update(_amounts(rng, life, where))
    columns.update(_counts(rng, columns, position, life, where))
    columns.update(_states(rng, late[parent], life.balance[where], position))
    built = frame(columns, CREDIT_CARD_BALANCE.column_names)
    paid = np.flatnonzero(life.paid[where] > 0)
    payments = CardMonths(
        loan=columns["SK_ID_PREV"][paid],
        applicant=columns["SK_ID_CURR"][paid],
        day=np.asarray(-month[paid] * _MONTH, dtype=np.float64),
        due=life.due[where][paid],
        paid=life.paid[where][paid],
        late=late[parent[paid]],
    )
    return built, payments


def _simulate(rng: np.random.Generator, limit: FloatArray, late: FloatArray, months: int) -> _Life:
    cards = len(limit)
    shape = (months, cards)
    habit = correlated(rng, late, 0.5)
    dormant = habit < normal_score(_DORMANT)
    hunger = np.where(dormant, 0.0, np.clip(0.15 + 0.05 * habit, 0.03, 0.6))
    repay = np.clip(0.06 - 0.025 * correlated(rng, late, 0.4), 0.0, 0.6)
    draws = rng.random(shape) < hunger
    draws[: min(3, months)] |= rng.random((min(3, months), cards)) < np.where(dormant, 0.0, 0.35)
    size = rng.beta(0.8, 1.7, shape) * draws
    by_cash = rng.random(shape) < np.clip(0.62 + 0.15 * habit, 0.05, 0.98)
    odd = rng.random(shape) < _ODD
    mood = rng.random(shape)
    balance, principal, due, paid, drawn = (np.zeros(shape) for _ in range(5))
    owed = np.zeros(cards)
    for month in range(months):
        free = np.maximum(limit * 1.02 - owed, 0.0)
        drawn[month] = np.round(np.minimum(size[month] * limit, free) / 45.0) * 45.0
        least = np.where(owed > 0, np.minimum(np.maximum(limit * _LEAST_PAID * 0.5, owed * _LEAST_PAID), owed), 0.0)
        due[month] = np.round(least, 2)
        pays = np.where(
            mood[month] < 0.02 + 0.02 * np.maximum(late, 0.0), 0.0, np.maximum(least, owed * repay * 2 * mood[month])
        )
        pays = np.where(mood[month] > 1.0 - np.clip(_PAYS_OFF - 0.02 * late, 0.005, 0.2), owed, pays)
        paid[month] = np.round(np.minimum(pays, owed), 2)
        interest = np.maximum(owed, 0.0) * _INTEREST
        principal[month] = np.round(np.maximum(owed + drawn[month] - paid[month], 0.0), 2)
        owed = np.maximum(owed + drawn[month] + interest - paid[month], 0.0)
        owed[owed < 200.0] = 0.0  # noqa: PLR2004  # small remainders are written off
        balance[month] = np.round(owed, 2)
    cash = np.where(by_cash & ~odd, drawn, 0.0)
    other = np.where(odd, drawn, 0.0)
    parts = (cash, drawn - cash - other, other, balance, np.minimum(principal, balance), due, paid)
    return _Life(*(np.ascontiguousarray(part.T) for part in parts))


def _amounts(rng: np.random.Generator, life: _Life, where: tuple[IntArray, IntArray]) -> dict[str, Any]:
    balance, paid = life.balance[where], life.paid[where]
    size = len(balance)
    idle = (balance == 0) & (paid == 0)
    quiet = idle & chance(rng, size, 0.42)
    drawn = life.cash[where] + life.shop[where] + life.other[where]
    overpaid = idle & chance(rng, size, 0.025)
    shown = np.where(overpaid, -np.round(rng.exponential(700.0, size), 2), balance)
    extra = np.where(idle, np.round(rng.exponential(1_500.0, size) * chance(rng, size, 0.4), 2), 0.0)
    fee = np.where((balance > 0) & chance(rng, size, 0.02), 45.0, 0.0)
    return {
        "AMT_BALANCE": np.where(overpaid, 0.0, balance),
        "AMT_DRAWINGS_ATM_CURRENT": nulled(life.cash[where], quiet),
        "AMT_DRAWINGS_CURRENT": drawn,
        "AMT_DRAWINGS_OTHER_CURRENT": nulled(life.other[where], quiet),
        "AMT_DRAWINGS_POS_CURRENT": nulled(life.shop[where], quiet),
        "AMT_INST_MIN_REGULARITY": nulled(life.due[where], idle & chance(rng, size, 0.16)),
        "AMT_PAYMENT_CURRENT": nulled(paid + extra, quiet | chance(rng, size, 0.007)),
        "AMT_PAYMENT_TOTAL_CURRENT": paid,
        "AMT_RECEIVABLE_PRINCIPAL": life.principal[where],
        "AMT_RECIVABLE": np.maximum(shown - fee, -70_000.0),
        "AMT_TOTAL_RECEIVABLE": shown,
    }


def _counts(
    rng: np.random.Generator, columns: dict[str, Any], position: IntArray, life: _Life, where: tuple[IntArray, IntArray]
) -> dict[str, Any]:
    """Numbers of drawings that go with the amounts, and of instalments paid so far."""
    size = len(position)
    more = {"ATM": 0.75, "OTHER": 0.2, "POS": 5.5}
    counts: dict[str, Any] = {}
    total = np.zeros(size)
    for name, mean in more.items():
        amount = columns[f"AMT_DRAWINGS_{name}_CURRENT"]
        counts[f"CNT_DRAWINGS_{name}_CURRENT"] = np.where(
            np.isnan(amount), np.nan, np.where(amount > 0, 1.0 + rng.poisson(mean, size), 0.0)
        )
        total += np.nan_to_num(counts[f"CNT_DRAWINGS_{name}_CURRENT"])
    counts["CNT_DRAWINGS_CURRENT"] = total.astype(np.int32)
    # Instalments mature each month once the card was used; on some cards never used they are counted all the same.
    used = np.cumsum(np.maximum.accumulate(life.balance > 0, axis=1), axis=1)
    counted = (used[:, -1] > 0) | chance(rng, len(used), 0.5)
    matured = np.where(used[where] > 0, used[where], np.where(counted[where[0]], position, 0))
    counts["CNT_INSTALMENT_MATURE_CUM"] = nulled(
        matured.astype(np.float64), np.isnan(columns["AMT_INST_MIN_REGULARITY"])
    )
    return counts


def _states(rng: np.random.Generator, late: FloatArray, balance: FloatArray, position: IntArray) -> dict[str, Any]:
    size = len(late)
    luck = rng.random(size, dtype=np.float32)
    slow = (balance > 0) & (luck < 0.06 * np.exp(0.8 * late - 0.32))
    past_due = np.where(slow, 1 + rng.gamma(0.8, 9.0, size), 0.0)
    lost = (balance > 0) & (late > normal_score(1.0 - 0.022)) & (position > 2)  # noqa: PLR2004  # after two months
    past_due = np.where(lost, (position - 2) * 30, past_due).astype(np.int32)
    tolerated = np.where(~lost & chance(rng, size, 0.4), np.minimum(past_due, 30), 0).astype(np.int32)
    state: npt.NDArray[Any] = pick(rng, size, _STATUSES)
    state = np.where((balance > 0) & (state == 1), 0, state)
    return {
        "NAME_CONTRACT_STATUS": words(state, tuple(_STATUSES)),
        "SK_DPD": past_due,
        "SK_DPD_DEF": tolerated,
    }
