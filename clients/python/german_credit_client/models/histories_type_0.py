from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="HistoriesType0")


@_attrs_define
class HistoriesType0:
    """Raw rows of the other tables of this portfolio, where it has any."""

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        histories_type_0 = cls()

        return histories_type_0
