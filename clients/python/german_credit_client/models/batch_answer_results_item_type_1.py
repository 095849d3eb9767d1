from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.batch_answer_results_item_type_1_error import BatchAnswerResultsItemType1Error


T = TypeVar("T", bound="BatchAnswerResultsItemType1")


@_attrs_define
class BatchAnswerResultsItemType1:
    """A row that was not.

    Attributes:
        row (int): Place of the row in what was sent, from 0.
        error (BatchAnswerResultsItemType1Error):
    """

    row: int
    error: BatchAnswerResultsItemType1Error

    def to_dict(self) -> dict[str, Any]:
        row = self.row

        error = self.error.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "row": row,
                "error": error,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.batch_answer_results_item_type_1_error import BatchAnswerResultsItemType1Error  # noqa: PLC0415

        d = dict(src_dict)
        row = d.pop("row")

        error = BatchAnswerResultsItemType1Error.from_dict(d.pop("error"))

        batch_answer_results_item_type_1 = cls(
            row=row,
            error=error,
        )

        return batch_answer_results_item_type_1
