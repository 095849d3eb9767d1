from enum import StrEnum


class ApplicationOtherInstalmentPlansType0(StrEnum):
    BANK = "bank"
    NONE = "none"
    STORES = "stores"

    def __str__(self) -> str:
        return str(self.value)
