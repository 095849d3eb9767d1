from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ExplanationContributionsItem")


@_attrs_define
class ExplanationContributionsItem:
    """One feature.

    Attributes:
        feature (str): Feature.
        description (str): What it says.
        unit (None | str):
        reason (str): Reason family.
        value (float | None | str): Value of this applicant.
        contribution (float): Share in the log-odds of default; positive raised the risk.
    """

    feature: str
    description: str
    unit: str | None
    reason: str
    value: float | str | None
    contribution: float

    def to_dict(self) -> dict[str, Any]:
        feature = self.feature

        description = self.description

        unit: str | None
        unit = self.unit

        reason = self.reason

        value: float | str | None
        value = self.value

        contribution = self.contribution

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "feature": feature,
                "description": description,
                "unit": unit,
                "reason": reason,
                "value": value,
                "contribution": contribution,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        feature = d.pop("feature")

        description = d.pop("description")

        def _parse_unit(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        unit = _parse_unit(d.pop("unit"))

        reason = d.pop("reason")

        def _parse_value(data: object) -> float | str | None:
            if data is None:
                return data
            return cast("float | None | str", data)

        value = _parse_value(d.pop("value"))

        contribution = d.pop("contribution")

        explanation_contributions_item = cls(
            feature=feature,
            description=description,
            unit=unit,
            reason=reason,
            value=value,
            contribution=contribution,
        )

        return explanation_contributions_item
