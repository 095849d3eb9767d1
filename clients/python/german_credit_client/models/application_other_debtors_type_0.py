from enum import StrEnum


class ApplicationOtherDebtorsType0(StrEnum):
    CO_APPLICANT = "co-applicant"
    GUARANTOR = "guarantor"
    NONE = "none"

    def __str__(self) -> str:
        return str(self.value)
