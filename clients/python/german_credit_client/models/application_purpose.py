from enum import StrEnum


class ApplicationPurpose(StrEnum):
    BUSINESS = "business"
    DOMESTIC_APPLIANCES = "domestic appliances"
    EDUCATION = "education"
    FURNITURE_OR_EQUIPMENT = "furniture or equipment"
    NEW_CAR = "new car"
    OTHER = "other"
    RADIO_OR_TELEVISION = "radio or television"
    REPAIRS = "repairs"
    RETRAINING = "retraining"
    USED_CAR = "used car"
    VACATION = "vacation"

    def __str__(self) -> str:
        return str(self.value)
