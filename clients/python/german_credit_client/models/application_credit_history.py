from enum import StrEnum


class ApplicationCreditHistory(StrEnum):
    ALL_CREDITS_HERE_REPAID = "all credits here repaid"
    CRITICAL_ACCOUNT_OR_CREDITS_ELSEWHERE = "critical account or credits elsewhere"
    EXISTING_CREDITS_REPAID_TILL_NOW = "existing credits repaid till now"
    NO_CREDITS_OR_ALL_REPAID = "no credits or all repaid"
    PAST_DELAYS = "past delays"

    def __str__(self) -> str:
        return str(self.value)
