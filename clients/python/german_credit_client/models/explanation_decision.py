from enum import StrEnum


class ExplanationDecision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVIEW = "review"

    def __str__(self) -> str:
        return str(self.value)
