from enum import StrEnum


class DecisionHistories(StrEnum):
    NONE = "none"
    REQUEST = "request"
    STORED = "stored"

    def __str__(self) -> str:
        return str(self.value)
