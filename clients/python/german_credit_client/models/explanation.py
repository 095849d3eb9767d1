from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.explanation_decision import ExplanationDecision
from ..models.explanation_histories import ExplanationHistories

if TYPE_CHECKING:
    from ..models.explanation_contributions_item import ExplanationContributionsItem
    from ..models.explanation_counterfactuals_item import ExplanationCounterfactualsItem
    from ..models.explanation_data_used import ExplanationDataUsed
    from ..models.explanation_model import ExplanationModel
    from ..models.explanation_reasons_item import ExplanationReasonsItem
    from ..models.explanation_rights_type_0 import ExplanationRightsType0
    from ..models.explanation_waterfall_item import ExplanationWaterfallItem


T = TypeVar("T", bound="Explanation")


@_attrs_define
class Explanation:
    """Why, and what would have to change. Nothing is decided and nothing is logged.

    Attributes:
        request_id (str): Identifies this answer; also the header X-Request-ID.
        applicant_id (None | str): As it was sent, a whole number in plain decimal form; null when none was sent.
        probability_of_default (float): Calibrated probability of default.
        decision (ExplanationDecision):
        threshold (float): Refused at this probability of default or above.
        points (int): Scorecard points; more points, less risk.
        reasons (list[ExplanationReasonsItem]): The strongest first.
        model (ExplanationModel): Which model answered.
        data_used (ExplanationDataUsed): Which records beside the application were looked at. Reasons say nothing of
            those that were not.
        rights (ExplanationRightsType0 | None): What the applicant may ask for: present when the decision is refused or
            review, else null.
        missing_inputs (list[str]): Columns of the application that were not given.
        histories (ExplanationHistories): Where the histories came from: the request, what the service has stored of
            this applicant, or nowhere.
        base_value (float): Log-odds of default of the average applicant.
        log_odds (float): Log-odds of default of this one: base value and contributions added up.
        contributions (list[ExplanationContributionsItem]): Every feature of the model, the strongest first.
        waterfall (list[ExplanationWaterfallItem]): From the base value to the log-odds, a step for each reason family.
        counterfactuals (list[ExplanationCounterfactualsItem]): The smallest changes with which a refused applicant
            would be accepted, among what an applicant can influence; when nothing is enough, the one that lowers the risk
            most. Empty for accepted applicants.
    """

    request_id: str
    applicant_id: str | None
    probability_of_default: float
    decision: ExplanationDecision
    threshold: float
    points: int
    reasons: list[ExplanationReasonsItem]
    model: ExplanationModel
    data_used: ExplanationDataUsed
    rights: ExplanationRightsType0 | None
    missing_inputs: list[str]
    histories: ExplanationHistories
    base_value: float
    log_odds: float
    contributions: list[ExplanationContributionsItem]
    waterfall: list[ExplanationWaterfallItem]
    counterfactuals: list[ExplanationCounterfactualsItem]

    def to_dict(self) -> dict[str, Any]:
        from ..models.explanation_rights_type_0 import ExplanationRightsType0  # noqa: PLC0415

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
        if isinstance(self.rights, ExplanationRightsType0):
            rights = self.rights.to_dict()
        else:
            rights = self.rights

        missing_inputs = self.missing_inputs

        histories = self.histories.value

        base_value = self.base_value

        log_odds = self.log_odds

        contributions = []
        for contributions_item_data in self.contributions:
            contributions_item = contributions_item_data.to_dict()
            contributions.append(contributions_item)

        waterfall = []
        for waterfall_item_data in self.waterfall:
            waterfall_item = waterfall_item_data.to_dict()
            waterfall.append(waterfall_item)

        counterfactuals = []
        for counterfactuals_item_data in self.counterfactuals:
            counterfactuals_item = counterfactuals_item_data.to_dict()
            counterfactuals.append(counterfactuals_item)

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
                "base_value": base_value,
                "log_odds": log_odds,
                "contributions": contributions,
                "waterfall": waterfall,
                "counterfactuals": counterfactuals,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.explanation_contributions_item import ExplanationContributionsItem  # noqa: PLC0415
        from ..models.explanation_counterfactuals_item import ExplanationCounterfactualsItem  # noqa: PLC0415
        from ..models.explanation_data_used import ExplanationDataUsed  # noqa: PLC0415
        from ..models.explanation_model import ExplanationModel  # noqa: PLC0415
        from ..models.explanation_reasons_item import ExplanationReasonsItem  # noqa: PLC0415
        from ..models.explanation_rights_type_0 import ExplanationRightsType0  # noqa: PLC0415
        from ..models.explanation_waterfall_item import ExplanationWaterfallItem  # noqa: PLC0415

        d = dict(src_dict)
        request_id = d.pop("request_id")

        def _parse_applicant_id(data: object) -> str | None:
            if data is None:
                return data
            return cast("None | str", data)

        applicant_id = _parse_applicant_id(d.pop("applicant_id"))

        probability_of_default = d.pop("probability_of_default")

        decision = ExplanationDecision(d.pop("decision"))

        threshold = d.pop("threshold")

        points = d.pop("points")

        reasons = []
        _reasons = d.pop("reasons")
        for reasons_item_data in _reasons:
            reasons_item = ExplanationReasonsItem.from_dict(reasons_item_data)

            reasons.append(reasons_item)

        model = ExplanationModel.from_dict(d.pop("model"))

        data_used = ExplanationDataUsed.from_dict(d.pop("data_used"))

        def _parse_rights(data: object) -> ExplanationRightsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rights_type_0 = ExplanationRightsType0.from_dict(data)

                return rights_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ExplanationRightsType0 | None", data)

        rights = _parse_rights(d.pop("rights"))

        missing_inputs = cast("list[str]", d.pop("missing_inputs"))

        histories = ExplanationHistories(d.pop("histories"))

        base_value = d.pop("base_value")

        log_odds = d.pop("log_odds")

        contributions = []
        _contributions = d.pop("contributions")
        for contributions_item_data in _contributions:
            contributions_item = ExplanationContributionsItem.from_dict(contributions_item_data)

            contributions.append(contributions_item)

        waterfall = []
        _waterfall = d.pop("waterfall")
        for waterfall_item_data in _waterfall:
            waterfall_item = ExplanationWaterfallItem.from_dict(waterfall_item_data)

            waterfall.append(waterfall_item)

        counterfactuals = []
        _counterfactuals = d.pop("counterfactuals")
        for counterfactuals_item_data in _counterfactuals:
            counterfactuals_item = ExplanationCounterfactualsItem.from_dict(counterfactuals_item_data)

            counterfactuals.append(counterfactuals_item)

        explanation = cls(
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
            base_value=base_value,
            log_odds=log_odds,
            contributions=contributions,
            waterfall=waterfall,
            counterfactuals=counterfactuals,
        )

        return explanation
