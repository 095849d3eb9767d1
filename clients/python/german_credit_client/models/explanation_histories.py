from enum import StrEnum


class ExplanationHistories(StrEnum):
    NONE = "none"
    REQUEST = "request"
    STORED = "stored"

    def __str__(self) -> str:
        return str(self.value)
