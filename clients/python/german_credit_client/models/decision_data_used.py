from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="DecisionDataUsed")


@_attrs_define
class DecisionDataUsed:
    """Which records beside the application were looked at. Reasons say nothing of those that were not.

    Attributes:
        histories (list[str]): Tables that were looked at for this applicant, whether or not anything was found.
        stored (None | str): Table and version that they were taken from; null when the request brought them.
    """

    histories: list[str]
    stored: str | None

    def to_dict(self) -> dict[str, Any]:
        histories = self.histories

        stored: str | None
        stored = self.stored

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "histories": histories,
                "stored": stored,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        histories = cast("list[str]", d.pop("histories"))

        def _parse_stored(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        stored = _parse_stored(d.pop("stored"))

        decision_data_used = cls(
            histories=histories,
            stored=stored,
        )

        return decision_data_used
