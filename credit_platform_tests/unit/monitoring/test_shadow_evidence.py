"""What live decisions say of a challenger that scored along."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from credit_platform.monitoring.decision_log import ShadowBehaviour
from credit_platform.monitoring.shadow_evidence import LEAST_DECISIONS, ShadowEvidence, judged, shadow_evidence
from credit_platform.settings import Settings

SCORES = np.random.default_rng(7).beta(2, 6, 600)


def behaviour(score: float, **changes: Any) -> ShadowBehaviour:
    side = "accepted" if score < 0.3 else "refused"
    values: dict[str, Any] = {
        "champion_probability": score,
        "champion_decision": side,
        "champion_answer": json.dumps({"reasons": [{"code": f"r{round(score * 1000) % 3}"}]}),
        "champion_latency_ms": 4.0,
        "challenger_probability": score,
        "challenger_decision": side,
        "challenger_reasons": json.dumps([f"r{round(score * 1000) % 3}"]),
        "challenger_latency_ms": 1.0,
    }
    return ShadowBehaviour(**{**values, **changes})


def evidence(**changes: Any) -> ShadowEvidence:
    return judged("champion", [behaviour(score, **changes) for score in SCORES])


def test_one_that_behaves_alike_has_nothing_against_it() -> None:
    found = evidence()
    assert (found.suffices, found.objections) == (True, ())
    assert found.sentence == "At 600 decisions at which it scored along it behaved like the one that answers."
    assert found.score_shift == pytest.approx(0)
    assert found.reason_shift == pytest.approx(0)


@pytest.mark.parametrize("count", [0, 1, LEAST_DECISIONS - 1])
def test_too_few_decisions_say_nothing(count: int) -> None:
    found = judged("champion", [behaviour(score) for score in SCORES[:count]])
    assert (found.suffices, found.objections) == (False, ())
    assert found.sentence.startswith(f"It scored along at {count} decisions; 500 are needed")


@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        ({"challenger_decision": "accepted"}, r"It would accept 100%, the one that answers accepts \d\d%\."),
        ({"challenger_probability": 0.29}, r"probabilities are distributed otherwise: PSI \d"),
        ({"challenger_reasons": '["other"]'}, r"It would give other reasons: PSI of the first reasons \d"),
        (
            {"challenger_latency_ms": 9.0},
            r"To score takes it 9\.0 ms \(p95\), longer than whole decisions do now, 4\.0",
        ),
    ],
)
def test_what_speaks_against_it_is_said(changes: dict[str, Any], objection: str) -> None:
    found = evidence(**changes)
    assert len(found.objections) == 1
    assert re.search(objection, found.sentence)


def test_reasons_and_latency_that_were_not_kept_are_no_objection() -> None:
    found = evidence(challenger_reasons=None, challenger_latency_ms=None)
    assert (found.objections, found.reason_shift, found.latency_challenger_ms) == ((), None, None)


def test_without_a_decision_log_there_are_no_decisions(tmp_path: Path) -> None:
    assert shadow_evidence(Settings(home=tmp_path), "german_credit", "new", "old").decisions == 0
    assert not list(tmp_path.iterdir())
