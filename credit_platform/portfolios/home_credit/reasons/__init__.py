"""What an applicant is told: one family of features each, in French and English.

What is here: the sentences in the second person, each with the values under which it is true.
What to add here: a family, when features come that none of these explains; a wording, when a fact deserves a sentence
of its own. What it claims goes into `claims/`, in terms of the raw tables, or the gate refuses the next model.
What must not be here: scores, thresholds, names of columns; a text that blames, or that nobody could act on or check.
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.reasons import application, histories
from credit_platform.portfolios.reason import Reason

REASONS: tuple[Reason, ...] = (
    application.EXTERNAL_SCORES,
    application.INCOME,
    application.AFFORDABILITY,
    application.LOAN_AMOUNT,
    application.LOAN_TERMS,
    application.EMPLOYMENT,
    application.EDUCATION,
    application.AGE,
    application.HOUSEHOLD,
    application.ASSETS,
    application.HOUSING,
    application.REGION,
    application.CONTACT_DETAILS,
    application.SOCIAL_CIRCLE,
    application.ENQUIRIES,
    application.APPLICATION_MOMENT,
    histories.BUREAU_DEBT,
    histories.BUREAU_DELAYS,
    histories.BUREAU_HISTORY,
    histories.BUREAU_ACTIVITY,
    histories.PREVIOUS_REFUSALS,
    histories.PREVIOUS_ACTIVITY,
    histories.PREVIOUS_LOANS,
    histories.INSTALMENT_DELAYS,
    histories.INSTALMENT_SHORTFALL,
    histories.CARD_USE,
    histories.CARD_REPAYMENT,
)
