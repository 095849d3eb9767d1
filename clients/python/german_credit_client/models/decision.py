from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.decision_decision import DecisionDecision
from ..models.decision_histories import DecisionHistories

if TYPE_CHECKING:
    from ..models.decision_data_used import DecisionDataUsed
    from ..models.decision_model import DecisionModel
    from ..models.decision_reasons_item import DecisionReasonsItem
    from ..models.decision_rights_type_0 import DecisionRightsType0


T = TypeVar("T", bound="Decision")


@_attrs_define
class Decision:
    """The decision about one applicant.

    Attributes:
        request_id (str): Identifies this answer; also the header X-Request-ID.
        applicant_id (None | str): As it was sent, a whole number in plain decimal form; null when none was sent.
        probability_of_default (float): Calibrated probability of default.
        decision (DecisionDecision):
        threshold (float): Refused at this probability of default or above.
        points (int): Scorecard points; more points, less risk.
        reasons (list[DecisionReasonsItem]): The strongest first.
        model (DecisionModel): Which model answered.
        data_used (DecisionDataUsed): Which records beside the application were looked at. Reasons say nothing of those
            that were not.
        rights (DecisionRightsType0 | None): What the applicant may ask for: present when the decision is refused or
            review, else null.
        missing_inputs (list[str]): Columns of the application that were not given.
        histories (DecisionHistories): Where the histories came from: the request, what the service has stored of this
            applicant, or nowhere.
    """

    request_id: str
    applicant_id: str | None
    probability_of_default: float
    decision: DecisionDecision
    threshold: float
    points: int
    reasons: list[DecisionReasonsItem]
    model: DecisionModel
    data_used: DecisionDataUsed
    rights: DecisionRightsType0 | None
    missing_inputs: list[str]
    histories: DecisionHistories

    def to_dict(self) -> dict[str, Any]:
        from ..models.decision_rights_type_0 import DecisionRightsType0  # noqa: PLC0415

        request_id = self.request_id

        applicant_id: str | None
        applicant_id = self.applicant_id

        probability_of_default = self.probability_of_default

        decision = self.decision.value

        threshold = self.threshold

        points = self.points

        reasons = []
        for reasons_item_data in self.reasons:
            reasons_item = reasons_item_data.to_dict()
            reasons.append(reasons_item)

        model = self.model.to_dict()

        data_used = self.data_used.to_dict()

        rights: dict[str, Any] | None
        if isinstance(self.rights, DecisionRightsType0):
            rights = self.rights.to_dict()
        else:
            rights = self.rights

        missing_inputs = self.missing_inputs

        histories = self.histories.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "request_id": request_id,
                "applicant_id": applicant_id,
                "probability_of_default": probability_of_default,
                "decision": decision,
                "threshold": threshold,
                "points": points,
                "reasons": reasons,
                "model": model,
                "data_used": data_used,
                "rights": rights,
                "missing_inputs": missing_inputs,
                "histories": histories,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.decision_data_used import DecisionDataUsed  # noqa: PLC0415
        from ..models.decision_model import DecisionModel  # noqa: PLC0415
        from ..models.decision_reasons_item import DecisionReasonsItem  # noqa: PLC0415
        from ..models.decision_rights_type_0 import DecisionRightsType0  # noqa: PLC0415

        d = dict(src_dict)
        request_id = d.pop("request_id")

        def _parse_applicant_id(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        applicant_id = _parse_applicant_id(d.pop("applicant_id"))

        probability_of_default = d.pop("probability_of_default")

        decision = DecisionDecision(d.pop("decision"))

        threshold = d.pop("threshold")

        points = d.pop("points")

        reasons = []
        _reasons = d.pop("reasons")
        for reasons_item_data in _reasons:
            reasons_item = DecisionReasonsItem.from_dict(reasons_item_data)

            reasons.append(reasons_item)

        model = DecisionModel.from_dict(d.pop("model"))

        data_used = DecisionDataUsed.from_dict(d.pop("data_used"))

        def _parse_rights(data: object) -> DecisionRightsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rights_type_0 = DecisionRightsType0.from_dict(data)

                return rights_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("DecisionRightsType0 | None", data)

        rights = _parse_rights(d.pop("rights"))

        missing_inputs = cast("list[str]", d.pop("missing_inputs"))

        histories = DecisionHistories(d.pop("histories"))

        decision = cls(
            request_id=request_id,
            applicant_id=applicant_id,
            probability_of_default=probability_of_default,
            decision=decision,
            threshold=threshold,
            points=points,
            reasons=reasons,
            model=model,
            data_used=data_used,
            rights=rights,
            missing_inputs=missing_inputs,
            histories=histories,
        )

        return decision
