from enum import StrEnum


class ApplicationPropertyType0(StrEnum):
    BUILDING_SAVINGS_OR_LIFE_INSURANCE = "building savings or life insurance"
    CAR_OR_OTHER = "car or other"
    REAL_ESTATE = "real estate"
    UNKNOWN_OR_NONE = "unknown or none"

    def __str__(self) -> str:
        return str(self.value)
