from enum import StrEnum


class ApplicationSavings(StrEnum):
    BELOW_100_DM = "below 100 DM"
    UNKNOWN_OR_NONE = "unknown or none"
    VALUE_1 = "100 to 500 DM"
    VALUE_2 = "500 to 1000 DM"
    VALUE_3 = "1000 DM or more"

    def __str__(self) -> str:
        return str(self.value)
