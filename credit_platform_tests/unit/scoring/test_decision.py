from __future__ import annotations

import json

from credit_platform.scoring import Decision, ModelInfo, ReasonGiven, Request


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
    }


def test_a_request_needs_an_application_only() -> None:
    request = Request(application={"a": 1})
    assert (request.applicant_id, request.histories, request.language, request.request_id) == (None, None, "en", None)
