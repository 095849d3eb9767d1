from enum import StrEnum


class DecisionDecision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVIEW = "review"

    def __str__(self) -> str:
        return str(self.value)
