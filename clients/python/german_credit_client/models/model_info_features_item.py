from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ModelInfoFeaturesItem")


@_attrs_define
class ModelInfoFeaturesItem:
    """
    Attributes:
        name (str): Feature.
        description (str): What it says.
        unit (None | str):
    """

    name: str
    description: str
    unit: str | None

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description = self.description

        unit: str | None
        unit = self.unit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "description": description,
                "unit": unit,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        description = d.pop("description")

        def _parse_unit(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        unit = _parse_unit(d.pop("unit"))

        model_info_features_item = cls(
            name=name,
            description=description,
            unit=unit,
        )

        return model_info_features_item
