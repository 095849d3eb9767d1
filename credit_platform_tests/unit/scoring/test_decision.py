from __future__ import annotations

import json

from credit_platform.scoring import DataUsed, Decision, ModelInfo, ReasonGiven, Request, Rights


def test_to_dict_has_the_final_shape_and_is_json() -> None:
    decision = Decision(
        request_id="r",
        applicant_id=None,
        probability_of_default=0.25,
        decision="refused",
        threshold=0.2,
        points=532,
        reasons=(ReasonGiven(code="savings", text="…", contribution=0.5),),
        model=ModelInfo(name="m", version="v", feature_version="f"),
    )
    assert json.loads(json.dumps(decision.to_dict())) == {
        "request_id": "r",
        "applicant_id": None,
        "probability_of_default": 0.25,
        "decision": "refused",
        "threshold": 0.2,
        "points": 532,
        "reasons": [{"code": "savings", "text": "…", "contribution": 0.5}],
        "model": {"name": "m", "version": "v", "feature_version": "f"},
        "data_used": {"histories": [], "stored": None},
        "rights": None,
    }


def test_rights_are_plain_values_too() -> None:
    rights = Rights(review="r", how="h", contact={"name": "n", "example": True}, data_used=("a",), grounds="g")
    decision = Decision(
        request_id="r",
        applicant_id=None,
        probability_of_default=0.25,
        decision="refused",
        threshold=0.2,
        points=532,
        reasons=(),
        model=ModelInfo(name="m", version="v", feature_version="f"),
        data_used=DataUsed(histories=("loans",), stored="features version 3"),
        rights=rights,
    )
    told = json.loads(json.dumps(decision.to_dict()))
    assert told["rights"] == {
        "review": "r",
        "how": "h",
        "contact": {"name": "n", "example": True},
        "data_used": ["a"],
        "grounds": "g",
    }
    assert DataUsed.from_json(told["data_used"]) == decision.data_used


def test_a_request_needs_an_application_only() -> None:
    request = Request(application={"a": 1})
    assert (request.applicant_id, request.histories, request.language, request.request_id) == (None, None, "en", None)
