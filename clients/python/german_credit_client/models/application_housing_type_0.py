from enum import StrEnum


class ApplicationHousingType0(StrEnum):
    FOR_FREE = "for free"
    OWN = "own"
    RENT = "rent"

    def __str__(self) -> str:
        return str(self.value)
