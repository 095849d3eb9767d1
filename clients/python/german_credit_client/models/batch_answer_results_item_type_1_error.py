from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.batch_answer_results_item_type_1_error_code import BatchAnswerResultsItemType1ErrorCode
from ..types import UNSET, Unset

T = TypeVar("T", bound="BatchAnswerResultsItemType1Error")


@_attrs_define
class BatchAnswerResultsItemType1Error:
    """
    Attributes:
        code (BatchAnswerResultsItemType1ErrorCode):
        message (str): For a person. Never repeats a value that was sent.
        field (str | Unset): Path of the field at fault, such as `application.amount`.
    """

    code: BatchAnswerResultsItemType1ErrorCode
    message: str
    field: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        code = self.code.value

        message = self.message

        field = self.field

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "message": message,
            }
        )
        if field is not UNSET:
            field_dict["field"] = field

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = BatchAnswerResultsItemType1ErrorCode(d.pop("code"))

        message = d.pop("message")

        field = d.pop("field", UNSET)

        batch_answer_results_item_type_1_error = cls(
            code=code,
            message=message,
            field=field,
        )

        return batch_answer_results_item_type_1_error
