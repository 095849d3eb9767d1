from enum import StrEnum


class ApplicationCheckingAccount(StrEnum):
    NO_ACCOUNT = "no account"
    OVERDRAWN = "overdrawn"
    VALUE_1 = "0 to 200 DM"
    VALUE_2 = "200 DM or more"

    def __str__(self) -> str:
        return str(self.value)
