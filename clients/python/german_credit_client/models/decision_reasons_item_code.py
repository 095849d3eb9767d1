from enum import StrEnum


class DecisionReasonsItemCode(StrEnum):
    ASSETS = "assets"
    CHECKING_ACCOUNT = "checking_account"
    CREDIT_HISTORY = "credit_history"
    EMPLOYMENT = "employment"
    GUARANTEES = "guarantees"
    LOAN_AMOUNT = "loan_amount"
    LOAN_DURATION = "loan_duration"
    OTHER_DEBTS = "other_debts"
    PURPOSE = "purpose"
    REPAYMENT_BURDEN = "repayment_burden"
    SAVINGS = "savings"
    STABILITY = "stability"

    def __str__(self) -> str:
        return str(self.value)
