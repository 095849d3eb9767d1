from enum import StrEnum


class ApplicationTelephoneType0(StrEnum):
    NONE = "none"
    REGISTERED = "registered"

    def __str__(self) -> str:
        return str(self.value)
