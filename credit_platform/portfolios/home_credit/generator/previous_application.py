"""Earlier applications to the lender, of one chunk, with the loans they led to.

What is here: what was asked for, how it was decided, and the days of the loan that followed.
What to add here: a relation between columns of `previous_application.csv`.
What must not be here: payments and balances of the loans (see `pos_cash`, `credit_card`).

Some granted loans are left out of the file while their balances are not: the real files hold such orphans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.portfolios.home_credit.generator import products
from credit_platform.portfolios.home_credit.generator.bureau import draw_counts
from credit_platform.portfolios.home_credit.generator.facts import normal_score, numeric_shape, table_facts
from credit_platform.portfolios.home_credit.generator.latent import Population
from credit_platform.portfolios.home_credit.generator.sampling import (
    FloatArray,
    IntArray,
    chance,
    correlated,
    expand,
    frame,
    mixed,
    nulled,
    pick,
    words,
)
from credit_platform.portfolios.home_credit.tables import PREVIOUS_APPLICATION
from credit_platform.portfolios.home_credit.tables.column_kinds import UNKNOWN_DAY

TABLE = "previous_application"
FIRST_LOAN = 1_000_001
KNOWN_SHARE = 0.951
"""Applicants who asked for a loan before; so in the real files."""
CARDS_LEFT_OUT, LOANS_LEFT_OUT = 0.28, 0.022
"""Share of cards and of other loans with balances but without a row here; so in the real files."""
CARD_USED = 0.80
"""Share of granted cards that have balances."""
FIRST_CARD = 0.80
"""Share of first applications for a card that are granted."""

_KINDS = {"Cash loans": 0.462, "Consumer loans": 0.418, "Revolving loans": 0.120, "XNA": 0.0003}
CASH, CONSUMER, REVOLVING, OTHER = range(4)
APPROVED, CANCELED, REFUSED, UNUSED = range(4)
_STATUS_NAMES = ("Approved", "Canceled", "Refused", "Unused offer")
_STATUS_SHARES = {CASH: (0.425, 0.365, 0.21), CONSUMER: (0.86, 0.0015, 0.10), REVOLVING: (0.05, 0.50, 0.45)}
_TERMS = {
    CASH: {6: 0.04, 12: 0.27, 18: 0.10, 24: 0.22, 30: 0.05, 36: 0.15, 42: 0.03, 48: 0.05, 60: 0.09},
    CONSUMER: {4: 0.03, 6: 0.20, 8: 0.06, 10: 0.21, 12: 0.34, 18: 0.06, 24: 0.10},
}
_CARD_ODDS = CARDS_LEFT_OUT * CARD_USED / (1.0 - CARDS_LEFT_OUT * (1.0 - CARD_USED))
"""Share of granted cards that are left out, so that `CARDS_LEFT_OUT` of those with balances are."""
_CARD_AGE = -570
"""Median day of decision; cards are mostly older, many older than `_OLD`."""
_OLD = -1_950

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class EarlierLoans:
    """Granted loans of one chunk; one entry per loan."""

    loan: IntArray
    """`SK_ID_PREV`."""
    owner: IntArray
    """Position of the applicant in the population."""
    applicant: IntArray
    """`SK_ID_CURR`."""
    card: BoolArray
    first_due: FloatArray
    """Day on which the first instalment was due."""
    term: IntArray
    """Months of the plan; 0 for cards."""
    paid_months: IntArray
    """Months after which the loan ended: the term, or less when it was paid back early."""
    annuity: FloatArray
    credit: FloatArray
    late: FloatArray
    """Normal score of paying this loan late; positive is worse."""


def left_out(rows: int) -> int:
    """How many more applications than rows of the file are drawn, so that some loans can be left out of the file."""
    return round(rows * 0.0285)


class PreviousWriter:
    """Draws the earlier applications of the applicants of one chunk."""

    def __init__(self, population: Population, rows: int, first_row: int) -> None:
        """Draw `rows` applications for the file and some that are left out; ids start `first_row` after the first."""
        self.population, self.rows = population, rows
        self.rng = population.chunk.stream(TABLE)
        counts = draw_counts(population, rows + left_out(rows), KNOWN_SHARE, 0.15, self.rng)
        self.owner, position = expand(counts)
        self.size = len(self.owner)
        self.risk = population.risk[self.owner]
        days = numeric_shape(TABLE, "DAYS_DECISION")(
            mixed((0.95, self._noise()), (0.3, correlated(self.rng, population.appetite, 0.6)[self.owner]))
        )
        # Oldest first within the applicant, so that the first one is that of a new customer.
        self.decided = days[np.lexsort((days, self.owner))]
        self.decided = np.minimum(np.rint(self.decided), -1.0)
        self.first = position == 0
        self.columns: dict[str, Any] = {
            "SK_ID_PREV": FIRST_LOAN + first_row + self.rng.permutation(self.size),
            "SK_ID_CURR": population.applicant[self.owner],
            "DAYS_DECISION": self.decided.astype(np.int32),
        }

    def _noise(self) -> FloatArray:
        return self.rng.standard_normal(self.size)

    def draw(self) -> tuple[pl.DataFrame, EarlierLoans]:
        """The rows of the file, and the granted loans, those left out of the file included."""
        self._kind_and_status()
        self._money()
        self._loan_days()
        self._words()
        keep = self._kept()
        return frame(self.columns, PREVIOUS_APPLICATION.column_names).filter(pl.Series(keep)), self._loans(keep)

    def _kind_and_status(self) -> None:
        kind = pick(self.rng, self.size, _KINDS)
        # Cards are older than the other contracts.
        young = self.decided > _CARD_AGE
        kind = np.where((kind == REVOLVING) & young & chance(self.rng, self.size, 0.45), CASH, kind)
        old = self.decided < _OLD
        kind = np.where((kind == CASH) & old & chance(self.rng, self.size, 0.75), REVOLVING, kind)
        # The first loan of a customer is nearly always one for goods.
        self.kind = np.where(self.first & (kind == CASH) & chance(self.rng, self.size, 0.35), CONSUMER, kind)
        swap = ~self.first & (self.kind == CONSUMER) & chance(self.rng, self.size, 0.10)
        self.kind = np.where(swap, CASH, self.kind)
        # Refusals are recent more often than not; the first loan an applicant was granted was the way in.
        recency = np.clip((self.decided + 873.0) / 765.0, -2.5, 1.15)
        score = mixed((0.84, correlated(self.rng, self.risk, 0.30)), (0.54, recency)) - np.where(self.first, 1.6, 0.0)
        status = np.full(self.size, CANCELED)
        for code, (approved, canceled, refused) in _STATUS_SHARES.items():
            rows = np.flatnonzero(self.kind == code)
            cuts = [normal_score(share) for share in (approved, approved + canceled, approved + canceled + refused)]
            status[rows] = np.searchsorted(cuts, score[rows])
        # An applicant holds one card: the first one asked for, mostly.
        cards = np.flatnonzero(self.kind == REVOLVING)
        _, opening = np.unique(self.owner[cards], return_index=True)
        status[cards[opening]] = np.where(chance(self.rng, len(opening), FIRST_CARD), APPROVED, status[cards[opening]])
        self.status = status
        blank = np.where(status == CANCELED, 0.97, np.where(status == REFUSED, 0.235, 0.0))
        self.blank = chance(self.rng, self.size, blank) | (self.kind == OTHER)
        self.granted = status == APPROVED

    def _money(self) -> None:
        c, rng = self.columns, self.rng
        shift = np.array([0.62, -0.52, 0.35, 0.0])[self.kind]
        wish = mixed((0.9, self._noise()), (0.42, rng.standard_normal(len(self.population))[self.owner])) * 0.86 + shift
        goods = np.maximum(np.round(numeric_shape(TABLE, "AMT_GOODS_PRICE")(wish), 2), 0.0)
        term = np.zeros(self.size, dtype=np.int64)
        for kind, shares in _TERMS.items():
            drawn = np.array(list(shares))[pick(rng, self.size, {str(k): v for k, v in shares.items()})]
            term = np.where(self.kind == kind, drawn, term)
        has_down = (self.kind == CONSUMER) & chance(rng, self.size, 0.52)
        rate = np.where(has_down, np.minimum(rng.gamma(1.3, 0.115, self.size), 0.9), 0.0)
        rate *= np.where(chance(rng, self.size, np.clip(0.95 - 0.1 * self.risk, 0.5, 1.0)), 1.0, 0.3)
        down = np.round(goods * rate, 2)
        fee = np.where(self.kind == CASH, rng.uniform(1.0, 1.22, self.size), rng.uniform(0.98, 1.2, self.size))
        credit = np.round(np.where(self.kind == REVOLVING, goods, (goods - down) * fee), 2)
        yearly = np.clip(0.35 + 0.12 * correlated(rng, self.risk, 0.2), 0.05, 0.9)
        annuity = np.where(term > 0, credit * (1.0 + yearly * term / 24.0) / np.maximum(term, 1), credit * 0.05)
        drawn_later = (self.kind == REVOLVING) & chance(rng, self.size, 0.3)
        c["AMT_APPLICATION"] = np.where(self.blank | drawn_later, 0.0, goods)
        c["AMT_CREDIT"] = np.where(self.blank, 0.0, credit)
        c["AMT_GOODS_PRICE"] = nulled(goods, self.blank | drawn_later & chance(rng, self.size, 0.1))
        c["AMT_ANNUITY"] = nulled(np.round(annuity, 3), self.blank)
        c["CNT_PAYMENT"] = nulled(term.astype(np.float64), self.blank)
        no_down = self.blank | ((self.kind != CONSUMER) & chance(rng, self.size, 0.92))
        c["AMT_DOWN_PAYMENT"] = nulled(down, no_down)
        c["RATE_DOWN_PAYMENT"] = nulled(np.minimum(rate * 1.0889, 1.0), no_down)
        rare = (self.kind != CONSUMER) | chance(rng, self.size, 0.99)
        for column in ("RATE_INTEREST_PRIMARY", "RATE_INTEREST_PRIVILEGED"):
            c[column] = nulled(np.round(numeric_shape(TABLE, column)(self._noise()), 6), rare)
        self.term, self.credit, self.annuity = np.where(self.blank, 0, term), credit, annuity

    def _loan_days(self) -> None:
        c, rng = self.columns, self.rng
        open_days = ~self.granted | chance(rng, self.size, 0.04)
        card = self.kind == REVOLVING
        first = self.decided + np.rint(rng.uniform(28, 33, self.size))
        early = ~card & chance(rng, self.size, 0.53)
        paid = np.where(early, np.ceil(self.term * rng.beta(2.2, 1.6, self.size)), self.term).astype(np.int64)
        self.paid_months = np.maximum(paid, np.minimum(self.term, 1))
        self.first_due = first
        planned = first + 30.0 * np.maximum(self.term - 1, 0)
        last = first + 30.0 * np.maximum(self.paid_months - 1, 0)
        running = card | (last > 0)
        ended = np.minimum(last + rng.integers(3, 12, self.size), -2.0)
        c["DAYS_FIRST_DRAWING"] = nulled(np.where(card, np.minimum(self.decided + 20.0, -1.0), UNKNOWN_DAY), open_days)
        c["DAYS_FIRST_DUE"] = nulled(np.where(card & chance(rng, self.size, 0.3), UNKNOWN_DAY, first), open_days)
        c["DAYS_LAST_DUE_1ST_VERSION"] = nulled(np.where(card, UNKNOWN_DAY, planned), open_days)
        c["DAYS_LAST_DUE"] = nulled(np.where(running, UNKNOWN_DAY, last), open_days)
        c["DAYS_TERMINATION"] = nulled(np.where(running, UNKNOWN_DAY, ended), open_days)
        insured = chance(rng, self.size, np.where(card, 0.05, np.where(self.kind == CASH, 0.55, 0.30)))
        c["NFLAG_INSURED_ON_APPROVAL"] = nulled(insured.astype(np.float64), open_days)

    def _words(self) -> None:
        c = self.columns
        c["NAME_CONTRACT_TYPE"] = words(self.kind, tuple(_KINDS))
        c["NAME_CONTRACT_STATUS"] = words(self.status, _STATUS_NAMES)
        facts = table_facts(TABLE)
        reasons = {
            name: share for name, share in facts["CODE_REJECT_REASON"].values.items() if name not in ("XAP", "CLIENT")
        }
        names = (*reasons, "XAP", "CLIENT")
        code = np.where(self.status == REFUSED, pick(self.rng, self.size, reasons), len(reasons))
        c["CODE_REJECT_REASON"] = words(np.where(self.status == UNUSED, len(reasons) + 1, code), names)
        c.update(products.product_columns(self.rng, kind=self.kind, blank=self.blank, first=self.first, risk=self.risk))

    def _kept(self) -> BoolArray:
        """Rows that go to the file: all but the loans left out, exactly as many as asked for."""
        odds = np.where(self.kind == REVOLVING, _CARD_ODDS, LOANS_LEFT_OUT) * self.granted
        key = np.where(odds > 0, self.rng.exponential(1.0, self.size) / np.maximum(odds, 1e-12), np.inf)
        keep = np.ones(self.size, dtype=bool)
        keep[np.argsort(key, kind="stable")[: self.size - self.rows]] = False
        return keep

    def _loans(self, kept: BoolArray) -> EarlierLoans:
        card = self.kind == REVOLVING
        # A loan that is left out has balances, otherwise nothing would be known of it.
        used = chance(self.rng, self.size, np.where(card, CARD_USED, 0.97)) | ~kept
        chosen = np.flatnonzero(self.granted & (self.term + card > 0) & used)
        late = correlated(self.rng, self.population.discipline[self.owner[chosen]], 0.8)
        return EarlierLoans(
            loan=self.columns["SK_ID_PREV"][chosen],
            owner=self.owner[chosen],
            applicant=self.columns["SK_ID_CURR"][chosen],
            card=card[chosen],
            first_due=self.first_due[chosen],
            term=self.term[chosen],
            paid_months=self.paid_months[chosen],
            annuity=np.round(self.annuity[chosen], 3).astype(np.float64),
            credit=self.credit[chosen].astype(np.float64),
            late=late,
        )
