from enum import StrEnum


class ApplicationEmploymentSince(StrEnum):
    BELOW_1_YEAR = "below 1 year"
    UNEMPLOYED = "unemployed"
    VALUE_2 = "1 to 4 years"
    VALUE_3 = "4 to 7 years"
    VALUE_4 = "7 years or more"

    def __str__(self) -> str:
        return str(self.value)
