from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ExplanationWaterfallItem")


@_attrs_define
class ExplanationWaterfallItem:
    """One step of the waterfall.

    Attributes:
        reason (str): Reason family.
        contribution (float): Height of the step.
        start (float): Log-odds before the step.
        end (float): Log-odds after it.
    """

    reason: str
    contribution: float
    start: float
    end: float

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason

        contribution = self.contribution

        start = self.start

        end = self.end

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
                "contribution": contribution,
                "start": start,
                "end": end,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        reason = d.pop("reason")

        contribution = d.pop("contribution")

        start = d.pop("start")

        end = d.pop("end")

        explanation_waterfall_item = cls(
            reason=reason,
            contribution=contribution,
            start=start,
            end=end,
        )

        return explanation_waterfall_item
