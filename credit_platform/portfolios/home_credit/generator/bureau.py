"""The credit bureau's loans of one chunk.

What is here: how many loans applicants have with others, and what each loan looks like and how it went.
What to add here: a relation between columns of `bureau.csv`.
What must not be here: monthly statuses (see `bureau_balance`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.portfolios.home_credit.generator.facts import (
    categories,
    normal_score,
    numeric_shape,
    ordered_categories,
    table_facts,
)
from credit_platform.portfolios.home_credit.generator.latent import Population
from credit_platform.portfolios.home_credit.generator.sampling import (
    FloatArray,
    IntArray,
    chance,
    correlated,
    expand,
    fit_total,
    frame,
    mixed,
    nulled,
    pick,
    words,
)
from credit_platform.portfolios.home_credit.tables import BUREAU

TABLE = "bureau"
FIRST_LOAN = 5_000_001
KNOWN_SHARE = 305_811 / 356_255
"""Applicants that the bureau knows at all; so in the real files."""
_MOST_LOANS = 116
_BAD_DEBT_SHARE = 1.3e-5
_LATEST_END = -2.0
"""A loan that ended did so two days before the application at the latest."""
_YOUNG = -100.0
"""Loans opened after this day are not due before they were opened."""
_ROUNDED = 30_000.0
"""Amounts above are round numbers."""
# Larger and smaller than the usual loan, in normal scores of the amount.
_SIZE = {"Mortgage": 2.3, "Car loan": 1.5, "Loan for business development": 1.6, "Microloan": -1.6, "Credit card": -0.1}

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class BureauLoans:
    """What the monthly statuses need to know about the bureau loans of one chunk; one entry per loan."""

    loan: IntArray
    """`SK_ID_BUREAU`."""
    applicant: IntArray
    """Position of the applicant in the population."""
    opened: FloatArray
    """Day on which the loan was asked for."""
    closed: FloatArray
    """Day on which it ended; 1 when it has not."""
    trouble: FloatArray
    """Normal score of paying this loan late; positive is worse."""


def draw_counts(
    population: Population, total: int, known: float, average_risk: float, rng: np.random.Generator
) -> IntArray:
    """Rows of a history per applicant: a share `known` has any; over-dispersed counts adding up to `total`.

    `average_risk` is the loading of the number of rows on the applicant's appetite for loans.
    """
    size = len(population)
    has = chance(rng, size, known)
    mean = total / max(int(has.sum()), 1) - 1.0
    rate = rng.gamma(1.5, 1.0 / 1.5, size) * np.exp(average_risk * population.appetite - 0.5 * average_risk**2)
    counts = np.where(has, 1 + rng.poisson(np.maximum(mean, 0.0) * rate), 0)
    return fit_total(rng, counts, total, has.astype(np.int64), np.where(has, _MOST_LOANS, 0))


class BureauWriter:
    """Draws the bureau loans of the applicants of one chunk."""

    def __init__(self, population: Population, rows: int, first_row: int) -> None:
        """Spread `rows` loans over the applicants; loan ids start `first_row` after the first of all."""
        self.rng = population.chunk.stream(TABLE)
        counts = draw_counts(population, rows, KNOWN_SHARE, 0.10, self.rng)
        self.applicant, _ = expand(counts)
        self.size = len(self.applicant)
        self.columns: dict[str, Any] = {
            "SK_ID_CURR": population.applicant[self.applicant],
            "SK_ID_BUREAU": FIRST_LOAN + first_row + self.rng.permutation(self.size),
        }
        youth = -population.age[self.applicant]
        self.trouble = correlated(self.rng, population.discipline[self.applicant], 0.6)
        self.recency = mixed(
            (0.87, self._noise()),
            (0.45, correlated(self.rng, population.appetite, 0.75)[self.applicant]),
            (0.2, youth),
        )
        self.appetite = population.appetite[self.applicant]
        self.size_score = mixed(
            (0.93, self._noise()), (0.35, self.rng.standard_normal(len(population))[self.applicant])
        )

    def _noise(self) -> FloatArray:
        return self.rng.standard_normal(self.size)

    def _numeric(self, column: str, score: FloatArray) -> FloatArray:
        return numeric_shape(TABLE, column)(score)

    def _missing(self, column: str) -> BoolArray:
        return chance(self.rng, self.size, table_facts(TABLE)[column].null)

    def draw(self) -> tuple[pl.DataFrame, BureauLoans]:
        """The rows of the file, and what the monthly statuses need."""
        kind_score = self._kinds()
        self._days()
        self._amounts(kind_score)
        c = self.columns
        loans = BureauLoans(
            loan=c["SK_ID_BUREAU"],
            applicant=self.applicant,
            opened=self.opened,
            closed=np.where(self.active, 1.0, self.ended),
            trouble=self.trouble,
        )
        return frame(c, BUREAU.column_names), loans

    def _kinds(self) -> FloatArray:
        kinds = categories(TABLE, "CREDIT_TYPE")
        codes = kinds(correlated(self.rng, self.trouble, 0.25))
        self.columns["CREDIT_TYPE"] = words(codes, kinds.names)
        self.card = codes == kinds.names.index("Credit card")
        currency = table_facts(TABLE)["CREDIT_CURRENCY"].shares
        self.columns["CREDIT_CURRENCY"] = words(pick(self.rng, self.size, currency), tuple(currency))
        return np.array([_SIZE.get(name, 0.0) for name in kinds.names])[codes]

    def _days(self) -> None:
        c, rng = self.columns, self.rng
        shares = table_facts(TABLE)["CREDIT_ACTIVE"].shares
        self.opened = np.minimum(np.rint(self._numeric("DAYS_CREDIT", self.recency)), 0.0)
        # The longer ago a loan was opened, the likelier it has been paid back.
        ending = mixed((0.88, self.recency), (0.47, self._noise()))
        due = np.maximum(
            np.rint(self._numeric("DAYS_CREDIT_ENDDATE", ending)),
            np.where(self.opened > _YOUNG, self.opened, -45_000.0),
        )
        due = np.where(due < self.opened, self.opened + np.rint(rng.exponential(250.0, self.size)), due)
        self.active = mixed((0.85, ending), (0.5, self._noise())) > normal_score(1.0 - shares["Active"])
        self.active |= self.opened > _LATEST_END - 2
        sold = ~self.active & chance(rng, self.size, shares["Sold"] / max(shares["Closed"] + shares["Sold"], 1e-9))
        bad = ~self.active & chance(rng, self.size, _BAD_DEBT_SHARE)
        state = np.where(bad, 3, np.where(sold, 2, np.where(self.active, 1, 0)))
        c["CREDIT_ACTIVE"] = words(state, ("Closed", "Active", "Sold", "Bad debt"))
        early = np.where(
            chance(rng, self.size, 0.45), rng.exponential(120.0, self.size), rng.exponential(8.0, self.size)
        )
        paid = np.where(due < _LATEST_END - 1, due - early, self.opened * rng.random(self.size))
        self.ended = np.rint(np.clip(paid, self.opened + 1, _LATEST_END))
        reported = np.where(
            self.active, -rng.exponential(26.0, self.size) - 2.0, self.ended + rng.exponential(130.0, self.size)
        )
        c["DAYS_CREDIT"] = self.opened.astype(np.int32)
        c["DAYS_CREDIT_ENDDATE"] = nulled(due, self._missing("DAYS_CREDIT_ENDDATE"))
        c["DAYS_ENDDATE_FACT"] = nulled(self.ended, self.active)
        c["DAYS_CREDIT_UPDATE"] = np.rint(np.clip(reported, self.opened, -1.0)).astype(np.int32)
        term = np.maximum(due - self.opened, 30.0)
        self.remaining = np.where(self.active, np.clip(due / term, 0.02, 1.0), 0.0)

    def _amounts(self, size: FloatArray) -> None:
        c, rng = self.columns, self.rng
        amount = np.round(self._numeric("AMT_CREDIT_SUM", mixed((1.0, self.size_score)) + 0.5 * size), 2)
        amount = np.where(amount > _ROUNDED, np.rint(amount / 450.0) * 450.0, amount)
        part = self.remaining * rng.uniform(0.9, 1.5, self.size) * np.exp(0.25 * self.appetite)
        owed = np.where(self.active, amount * np.clip(part, 0.0, 1.0), 0.0)
        owed = np.where(self.card & chance(rng, self.size, 0.2), 0.0, owed)
        owed = np.where(chance(rng, self.size, 0.004), -rng.exponential(4_000.0, self.size), owed)
        late = self.trouble > normal_score(1.0 - 0.0035)
        now = late & self.active
        c["AMT_CREDIT_SUM"] = nulled(amount, self._missing("AMT_CREDIT_SUM"))
        unknown = self._missing("AMT_CREDIT_SUM_DEBT")
        c["AMT_CREDIT_SUM_DEBT"] = nulled(np.round(owed, 2), unknown)
        limit = np.where(
            self.card & chance(rng, self.size, 0.28),
            np.round(np.maximum(amount - owed, 0.0) * rng.random(self.size), 2),
            0.0,
        )
        c["AMT_CREDIT_SUM_LIMIT"] = nulled(limit, self._missing("AMT_CREDIT_SUM_LIMIT"))
        c["AMT_CREDIT_SUM_OVERDUE"] = np.where(
            now, np.round(np.maximum(owed, 0.0) * rng.random(self.size) * 0.04, 2), 0.0
        )
        days = np.where(now, np.rint(rng.gamma(0.5, 1_400.0, self.size)) + 1.0, 0.0)
        c["CREDIT_DAY_OVERDUE"] = np.minimum(days, 2_700.0).astype(np.int32)
        worst = np.round(
            np.maximum(self._numeric("AMT_CREDIT_MAX_OVERDUE", mixed((0.9, self.trouble), (0.44, self._noise()))), 0.0),
            2,
        )
        c["AMT_CREDIT_MAX_OVERDUE"] = nulled(worst, self._missing("AMT_CREDIT_MAX_OVERDUE"))
        prolonged = table_facts(TABLE)["CNT_CREDIT_PROLONG"].shares
        in_order = ordered_categories(prolonged, {name: float(name) for name in prolonged})
        c["CNT_CREDIT_PROLONG"] = in_order(self._noise()).astype(np.int8)
        annuity = self._numeric("AMT_ANNUITY", mixed((0.7, self.size_score), (0.7, self._noise())))
        c["AMT_ANNUITY"] = nulled(np.round(annuity, 2), self._missing("AMT_ANNUITY"))
