"""What an applicant is told: one family of features each, in French and English.

What is here: the sentences in the second person, each with the values under which it is true.
What to add here: a family, when features come that none of these explains; a wording, when a fact deserves a sentence
of its own. What it claims goes into `claims.py`, in terms of the raw table, or the gate refuses the next model.
What must not be here: scores, thresholds, names of columns; a text that blames, or that nobody could act on or check.
"""

from __future__ import annotations

from credit_platform.portfolios.german_credit.reasons.loan import AMOUNT, BURDEN, DURATION, GUARANTEES, PURPOSE
from credit_platform.portfolios.german_credit.reasons.money import ACCOUNT, HISTORY, SAVINGS
from credit_platform.portfolios.german_credit.reasons.person import ASSETS, DEBTS, EMPLOYMENT, STABILITY
from credit_platform.portfolios.reason import Reason

REASONS: tuple[Reason, ...] = (
    ACCOUNT,
    SAVINGS,
    HISTORY,
    AMOUNT,
    DURATION,
    BURDEN,
    PURPOSE,
    EMPLOYMENT,
    ASSETS,
    DEBTS,
    GUARANTEES,
    STABILITY,
)
