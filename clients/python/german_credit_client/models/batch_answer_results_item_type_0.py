from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.decision import Decision


T = TypeVar("T", bound="BatchAnswerResultsItemType0")


@_attrs_define
class BatchAnswerResultsItemType0:
    """A row that was scored.

    Attributes:
        row (int): Place of the row in what was sent, from 0.
        decision (Decision): The decision about one applicant.
    """

    row: int
    decision: Decision

    def to_dict(self) -> dict[str, Any]:
        row = self.row

        decision = self.decision.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "row": row,
                "decision": decision,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.decision import Decision  # noqa: PLC0415

        d = dict(src_dict)
        row = d.pop("row")

        decision = Decision.from_dict(d.pop("decision"))

        batch_answer_results_item_type_0 = cls(
            row=row,
            decision=decision,
        )

        return batch_answer_results_item_type_0
