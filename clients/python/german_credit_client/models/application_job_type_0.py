from enum import StrEnum


class ApplicationJobType0(StrEnum):
    HIGHLY_SKILLED_OR_SELF_EMPLOYED = "highly skilled or self-employed"
    SKILLED = "skilled"
    UNEMPLOYED_OR_UNSKILLED_NON_RESIDENT = "unemployed or unskilled non-resident"
    UNSKILLED_RESIDENT = "unskilled resident"

    def __str__(self) -> str:
        return str(self.value)
