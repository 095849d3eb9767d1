from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.explanation_counterfactuals_item_changes_item import ExplanationCounterfactualsItemChangesItem


T = TypeVar("T", bound="ExplanationCounterfactualsItem")


@_attrs_define
class ExplanationCounterfactualsItem:
    """Something the applicant could ask for instead.

    Attributes:
        changes (list[ExplanationCounterfactualsItemChangesItem]): All of them together.
        probability_of_default (float): With these changes.
        accepted (bool): Whether that is enough.
    """

    changes: list[ExplanationCounterfactualsItemChangesItem]
    probability_of_default: float
    accepted: bool

    def to_dict(self) -> dict[str, Any]:
        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        probability_of_default = self.probability_of_default

        accepted = self.accepted

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "changes": changes,
                "probability_of_default": probability_of_default,
                "accepted": accepted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.explanation_counterfactuals_item_changes_item import ExplanationCounterfactualsItemChangesItem  # noqa: PLC0415

        d = dict(src_dict)
        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = ExplanationCounterfactualsItemChangesItem.from_dict(changes_item_data)

            changes.append(changes_item)

        probability_of_default = d.pop("probability_of_default")

        accepted = d.pop("accepted")

        explanation_counterfactuals_item = cls(
            changes=changes,
            probability_of_default=probability_of_default,
            accepted=accepted,
        )

        return explanation_counterfactuals_item
