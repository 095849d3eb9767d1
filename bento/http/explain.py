"""`POST /explain`: why an applicant gets the score, and what would have to change.

What is here: the document that answers, and the handler.
What to add here: another view of the contributions.
What must not be here: how contributions and counterfactuals are found (`credit_platform.scoring`). Explaining decides
nothing, so it writes no decision log.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from bento.http.handling import json_response, read_body, read_request_id, state_of
from bento.requests.json_text import write_json

if TYPE_CHECKING:
    from bento.runtime.engine import Engine


async def explain(request: Request) -> Response:
    """Handle `POST /explain`."""
    state = state_of(request)
    engine = state.ready_engine()
    request_id = read_request_id(request)
    body = await read_body(request, state.settings)
    # In a thread: the search scores some hundred variants.
    document = await asyncio.to_thread(explanation, engine, body, request_id)
    return json_response(write_json(document))


def explanation(engine: Engine, body: bytes, request_id: str | None) -> dict[str, Any]:
    """The document for the applicant in `body`.

    Raises:
        ApiError: the body is not acceptable, or the scorer refuses the values in it.
    """
    from credit_platform.scoring.counterfactuals import find_counterfactuals  # noqa: PLC0415  # it brings polars

    request = engine.reader.read(body, request_id)
    features = engine.features(request)
    margins = engine.margins([features])
    (decision,) = engine.scorer.decide(margins, [engine.case_of(request, features)])
    found = find_counterfactuals(engine.scorer, request, stored=engine.stored_for(request), decided=decision)
    explained = engine.scorer.explanation(margins)
    contributions = dict(zip(explained.features, explained.contributions[0].tolist(), strict=True))
    base, log_odds = float(explained.base_value[0]), float(explained.log_odds[0])
    return {
        **decision.to_dict(),
        **engine.notes(request),
        "base_value": base,
        "log_odds": log_odds,
        "contributions": _contributions(engine, contributions, features),
        "waterfall": _waterfall(engine, contributions, base),
        "counterfactuals": [
            {
                "changes": [
                    {"field": name, "from": request.application.get(name), "to": value}
                    for name, value in option.changes.items()
                ],
                "probability_of_default": option.probability_of_default,
                "accepted": option.accepted,
            }
            for option in found
        ],
    }


def _contributions(engine: Engine, contributions: dict[str, float], features: Any) -> list[dict[str, Any]]:
    """Every feature of the model, the strongest first."""
    declared = {feature.name: feature for feature in engine.portfolio.features}
    ordered = sorted(contributions.items(), key=lambda item: (-abs(item[1]), item[0]))
    return [
        {
            "feature": name,
            "description": declared[name].description,
            "unit": declared[name].unit,
            "reason": declared[name].reason,
            "value": features[name],
            "contribution": value,
        }
        for name, value in ordered
    ]


def _waterfall(engine: Engine, contributions: dict[str, float], base: float) -> list[dict[str, Any]]:
    """Steps from the average applicant to this one, a step for each family of reasons, the strongest first."""
    declared = {feature.name: feature.reason for feature in engine.portfolio.features}
    families: dict[str, float] = {}
    for name, value in contributions.items():
        families[declared[name]] = families.get(declared[name], 0.0) + value
    steps, at = [], base
    for code, value in sorted(families.items(), key=lambda item: (-abs(item[1]), item[0])):
        steps.append({"reason": code, "contribution": value, "start": at, "end": at + value})
        at += value
    return steps
