"""Instalments and their payments, of one chunk.

What is here: each instalment of a plan that fell due before the application, paid in one or more parts, early or late.
What to add here: another way of paying.
What must not be here: monthly balances (see `pos_cash`, `credit_card`).

The parts paid on an instalment add up to it, unless it was never paid in full.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from credit_platform.portfolios.home_credit.generator.credit_card import CardMonths
from credit_platform.portfolios.home_credit.generator.latent import Chunk
from credit_platform.portfolios.home_credit.generator.previous_application import EarlierLoans
from credit_platform.portfolios.home_credit.generator.sampling import (
    FloatArray,
    IntArray,
    chance,
    expand,
    fit_total,
    frame,
    nulled,
)
from credit_platform.portfolios.home_credit.tables import INSTALLMENTS_PAYMENTS

_CARD_SHARE = 0.28
"""Share of rows that are payments on cards."""
_MOST_PARTS = 6
_OLDEST_DAY = -2_922.0

Columns = dict[str, Any]


def draw_installments(chunk: Chunk, loans: EarlierLoans, cards: CardMonths, rows: int) -> pl.DataFrame:
    """Exactly `rows` rows: payments of instalments of loans and of cards."""
    rng = chunk.stream("installments_payments")
    on_cards = min(max(round(rows * _CARD_SHARE), 0), len(cards.loan) * _MOST_PARTS)
    columns = [_loan_rows(rng, loans, rows - on_cards), _card_rows(rng, cards, on_cards)]
    joined = {name: np.concatenate([part[name] for part in columns]) for name in columns[0]}
    return frame(joined, INSTALLMENTS_PAYMENTS.column_names)


def _loan_rows(rng: np.random.Generator, loans: EarlierLoans, rows: int) -> Columns:
    chosen = np.flatnonzero(~loans.card)
    passed = np.maximum(np.ceil(-loans.first_due[chosen] / 30.0), 0.0).astype(np.int64)
    full = np.minimum(loans.paid_months[chosen], passed)
    # In the files about one instalment in twenty is paid in two parts; plans cut short make the total come out.
    planned = min(int(full.sum()), round(rows / 1.055))
    number = fit_total(rng, full, planned, 0, full)
    parent, position = expand(number)
    first = (full - number)[parent]
    position = position + first
    last = position + 1 == loans.paid_months[chosen][parent]
    early_end = last & (loans.paid_months[chosen] < loans.term[chosen])[parent]
    amount = loans.annuity[chosen][parent]
    left = np.maximum(loans.credit[chosen] * (1.0 - loans.paid_months[chosen] / np.maximum(loans.term[chosen], 1)), 0.0)
    amount = np.where(early_end, np.round(amount + left[parent], 2), amount)
    due = loans.first_due[chosen][parent] + 30.0 * position
    parts = _parts(rng, len(parent), rows)
    return _payments(
        rng,
        loan=loans.loan[chosen][parent],
        applicant=loans.applicant[chosen][parent],
        version=np.where(early_end, 2.0, 1.0) + chance(rng, len(parent), 0.06),
        number=position + 1,
        due=due,
        amount=amount,
        late=loans.late[chosen][parent],
        parts=parts,
    )


def _card_rows(rng: np.random.Generator, cards: CardMonths, rows: int) -> Columns:
    parts = _parts(rng, len(cards.loan), rows)
    size = len(cards.loan)
    starts = np.flatnonzero(np.r_[True, cards.loan[1:] != cards.loan[:-1]]) if size else np.zeros(0, dtype=np.int64)
    run = np.diff(np.r_[starts, size])
    ordinal = np.arange(size) - np.repeat(starts, run)
    before = np.cumsum(parts) - parts
    number = before - np.repeat(before[starts], run) if size else ordinal
    return _payments(
        rng,
        loan=cards.loan,
        applicant=cards.applicant,
        version=np.zeros(size),
        number=number + 1,
        due=np.minimum(np.floor(cards.day) + rng.integers(0, 25, size), -1.0),
        amount=cards.paid,
        late=cards.late,
        parts=parts,
    )


def _parts(rng: np.random.Generator, size: int, rows: int) -> IntArray:
    """In how many parts each of `size` instalments is paid, `rows` in all."""
    if not size:
        return np.zeros(0, dtype=np.int64)
    parts = np.full(size, rows // size)
    parts[rng.choice(size, rows - int(parts.sum()), replace=False)] += 1
    return parts


def _payments(
    rng: np.random.Generator,
    *,
    loan: IntArray,
    applicant: IntArray,
    version: FloatArray,
    number: IntArray,
    due: FloatArray,
    amount: FloatArray,
    late: FloatArray,
    parts: IntArray,
) -> Columns:
    """One row per part of an instalment."""
    parent, position = expand(parts)
    # Each part but the last pays a random share; the last pays the rest.
    split = parts[parent] > 1
    size = len(parent)
    weight = np.where(split, rng.uniform(0.3, 1.0, size), 1.0)
    totals = np.bincount(parent, weights=weight, minlength=len(parts))
    paid = np.round(amount[parent] * (weight / totals[parent]), 2)
    short = chance(rng, size, 0.004 * np.exp(0.8 * late[parent] - 0.32))
    paid = np.where(short, np.round(paid * rng.random(size), 2), np.where(split, paid, amount[parent]))
    slowness = 0.074 * np.exp(0.95 * late - 0.45)
    slow = chance(rng, size, slowness[parent])
    delay = np.where(slow, 1.0 + rng.gamma(0.7, 15.0, size), -np.minimum(rng.gamma(0.9, 11.5, size), 60.0))
    entry = np.maximum(np.minimum(np.rint(due[parent] + delay + 3.0 * position), -1.0), _OLDEST_DAY - 30.0)
    missed = chance(rng, size, 0.00023) & ~split
    return {
        "SK_ID_PREV": loan[parent].astype(np.int32),
        "SK_ID_CURR": applicant[parent].astype(np.int32),
        "NUM_INSTALMENT_VERSION": version[parent],
        "NUM_INSTALMENT_NUMBER": number[parent].astype(np.int32),
        "DAYS_INSTALMENT": np.minimum(due[parent], -1.0),
        "DAYS_ENTRY_PAYMENT": nulled(entry, missed),
        "AMT_INSTALMENT": amount[parent],
        "AMT_PAYMENT": nulled(paid, missed),
    }
