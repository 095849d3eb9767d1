from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="DecisionModel")


@_attrs_define
class DecisionModel:
    """Which model answered.

    Attributes:
        name (str): Name of the model.
        version (str): Version of the model.
        feature_version (str): Version of the feature definitions it was trained on.
    """

    name: str
    version: str
    feature_version: str

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        version = self.version

        feature_version = self.feature_version

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "version": version,
                "feature_version": feature_version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        version = d.pop("version")

        feature_version = d.pop("feature_version")

        decision_model = cls(
            name=name,
            version=version,
            feature_version=feature_version,
        )

        return decision_model
