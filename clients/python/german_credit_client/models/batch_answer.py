from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.batch_answer_results_item_type_0 import BatchAnswerResultsItemType0
    from ..models.batch_answer_results_item_type_1 import BatchAnswerResultsItemType1


T = TypeVar("T", bound="BatchAnswer")


@_attrs_define
class BatchAnswer:
    """A decision or an error for each row.

    Attributes:
        request_id (str): Identifies this answer.
        rows (int): Rows sent.
        scored (int): Rows decided and logged.
        failed (int): Rows not decided; each has its error.
        results (list[BatchAnswerResultsItemType0 | BatchAnswerResultsItemType1]): In the order sent.
    """

    request_id: str
    rows: int
    scored: int
    failed: int
    results: list[BatchAnswerResultsItemType0 | BatchAnswerResultsItemType1]

    def to_dict(self) -> dict[str, Any]:
        from ..models.batch_answer_results_item_type_0 import BatchAnswerResultsItemType0  # noqa: PLC0415

        request_id = self.request_id

        rows = self.rows

        scored = self.scored

        failed = self.failed

        results = []
        for results_item_data in self.results:
            results_item: dict[str, Any]
            if isinstance(results_item_data, BatchAnswerResultsItemType0):
                results_item = results_item_data.to_dict()
            else:
                results_item = results_item_data.to_dict()

            results.append(results_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "request_id": request_id,
                "rows": rows,
                "scored": scored,
                "failed": failed,
                "results": results,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.batch_answer_results_item_type_0 import BatchAnswerResultsItemType0  # noqa: PLC0415
        from ..models.batch_answer_results_item_type_1 import BatchAnswerResultsItemType1  # noqa: PLC0415

        d = dict(src_dict)
        request_id = d.pop("request_id")

        rows = d.pop("rows")

        scored = d.pop("scored")

        failed = d.pop("failed")

        results = []
        _results = d.pop("results")
        for results_item_data in _results:

            def _parse_results_item(data: object) -> BatchAnswerResultsItemType0 | BatchAnswerResultsItemType1:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    results_item_type_0 = BatchAnswerResultsItemType0.from_dict(data)

                    return results_item_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                results_item_type_1 = BatchAnswerResultsItemType1.from_dict(data)

                return results_item_type_1

            results_item = _parse_results_item(results_item_data)

            results.append(results_item)

        batch_answer = cls(
            request_id=request_id,
            rows=rows,
            scored=scored,
            failed=failed,
            results=results,
        )

        return batch_answer
