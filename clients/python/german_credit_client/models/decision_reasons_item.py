from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.decision_reasons_item_code import DecisionReasonsItemCode

T = TypeVar("T", bound="DecisionReasonsItem")


@_attrs_define
class DecisionReasonsItem:
    """One reason for the decision.

    Attributes:
        code (DecisionReasonsItemCode): Reason family.
        text (str): For the applicant, in the language asked for.
        contribution (float): Share in the log-odds of default; positive raised the risk.
    """

    code: DecisionReasonsItemCode
    text: str
    contribution: float

    def to_dict(self) -> dict[str, Any]:
        code = self.code.value

        text = self.text

        contribution = self.contribution

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "text": text,
                "contribution": contribution,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = DecisionReasonsItemCode(d.pop("code"))

        text = d.pop("text")

        contribution = d.pop("contribution")

        decision_reasons_item = cls(
            code=code,
            text=text,
            contribution=contribution,
        )

        return decision_reasons_item
