"""What is replayed must equal the log: also rights, and reasons that depend on which histories were looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bento.requests.json_text import write_json
from bento.runtime.recorder import answer_json
from credit_platform.monitoring.decision_log import StoredDecision
from credit_platform.monitoring.decision_log.replay import ScorerShelf, replay
from credit_platform.portfolios.reason import DataSource, Reason, Wording
from credit_platform.scoring import DataUsed, Request, Scorer
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_scorer, toy_tables

FEATURES = toy_tables()[1]
SOURCE = DataSource(tables=("loans", "payments"), fr="prêts", en="loans")
WORDS = (
    Reason(
        code="r",
        adverse_fr="a",
        adverse_en="looked at",
        favourable_fr="c",
        favourable_en="looked at",
        wordings=(Wording(situation="not_looked_at", fr="n", en="not looked at"),),
        source=SOURCE,
    ),
)
TRAINED = toy_scorer(FEATURES)
SCORER = Scorer(replace(PORTFOLIO, reasons=WORDS), TRAINED.fitted, TRAINED.calibrator, 1e-9)
"""Refuses everybody."""


class Shelf(ScorerShelf):
    """Holds one scorer."""

    def __init__(self) -> None:
        super().__init__([])
        self._scorers = {SCORER.digest: SCORER}


def logged(used: DataUsed) -> StoredDecision:
    """A decision as the service writes it."""
    features = FEATURES.drop("person", "bad").row(0, named=True)
    request = Request(application={}, request_id="r-1")
    (decision,) = SCORER.decide(SCORER.margins([features]), [SCORER.case_of(request, features, used)])
    assert decision.decision == "refused"
    return StoredDecision(
        id=1,
        decided_at=datetime(2026, 11, 30, tzinfo=UTC),
        request_id="r-1",
        applicant_id=None,
        client=None,
        portfolio="toy",
        inputs=None,
        inputs_digest="",
        features=write_json(features, nulls=list(features.values()).count(None)),
        probability=decision.probability_of_default,
        decision=decision.decision,
        threshold=decision.threshold,
        points=decision.points,
        language="en",
        answer=answer_json(decision),
        model_name=decision.model.name,
        model_version=decision.model.version,
        model_digest=SCORER.digest,
        feature_version=decision.model.feature_version,
        latency_ms=1.0,
    )


def altered(decision: StoredDecision, **changes: Any) -> StoredDecision:
    """With other fields in the answer; None removes one."""
    answer = {**json.loads(decision.answer), **changes}
    return replace(decision, answer=json.dumps({k: v for k, v in answer.items() if v is not None}))


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (DataUsed(), "not looked at"),
        (DataUsed(histories=("loans",)), "not looked at"),
        (DataUsed(histories=("loans", "payments")), "looked at"),
        (DataUsed(histories=("loans", "payments"), stored="toy/features version 4"), "looked at"),
    ],
)
def test_a_decision_is_the_same_again_whatever_was_looked_at(used: DataUsed, said: str) -> None:
    decision = logged(used)
    assert {reason["text"] for reason in decision.reasons} == {said}
    assert replay([decision], Shelf()).is_clean


def test_other_rights_or_other_data_are_found_out() -> None:
    decision = logged(DataUsed())
    rights = {**json.loads(decision.answer)["rights"], "how": "Do not write to us."}
    (difference,) = replay([altered(decision, rights=rights)], Shelf()).differences
    assert difference.what == "rights, from the features"
    falsified = altered(decision, data_used={"histories": ["loans", "payments"], "stored": None})
    assert {one.what for one in replay([falsified], Shelf()).differences} == {
        "reasons, from the features",
        "rights, from the features",
    }


def test_an_answer_from_before_there_were_rights_is_compared_without_them() -> None:
    decision = altered(logged(DataUsed(histories=("loans", "payments"))), rights=None, data_used=None)
    assert replay([decision], Shelf()).is_clean
