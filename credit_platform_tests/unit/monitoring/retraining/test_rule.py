"""The rule as a table of cases, and its words in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from credit_platform.monitoring.retraining.evidence import Evidence, Ground, PastRefit, Trainable
from credit_platform.monitoring.retraining.rule import Answer, decide
from credit_platform.monitoring.retraining.words import sentences
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
POLICY = MonitoringPolicy(
    least_mature_outcomes=200, least_mature_defaults=20, cool_down_days=30, retrainings_per_quarter=2
)
ENOUGH = Trainable(outcomes=300, defaults=40, with_inputs=300, defaults_with_inputs=40)
BAD = Evidence(
    champion="c" * 64,
    fails=(Ground.CALIBRATION,),
    drift_level="stable",
    mature_months=("2025-10",),
    mature_outcomes=300,
    mature_defaults=40,
    trainable=ENOUGH,
)
GOOD = replace(BAD, fails=())


def past(*days: int) -> list[PastRefit]:
    return [PastRefit(evidence=f"old{day}", at=NOW - timedelta(days=day)) for day in days]


CASES: dict[str, tuple[Evidence, list[PastRefit], Answer, list[str]]] = {
    "no champion": (Evidence(champion=None), [], Answer.NONE, ["no champion"]),
    "all is well": (GOOD, [], Answer.NONE, ["nothing"]),
    "two features to watch": (replace(GOOD, drift_level="watch", drifted=2), [], Answer.NONE, ["nothing"]),
    "calibration fails": (BAD, [], Answer.REFIT, ["calibration"]),
    "all fail, in the order that counts": (
        replace(GOOD, fails=(Ground.CONCEPT, Ground.DISCRIMINATION, Ground.CALIBRATION)),
        [],
        Answer.REFIT,
        ["calibration", "discrimination", "concept"],
    ),
    "drift": (replace(GOOD, drift_level="retrain", drifted=4), [], Answer.REFIT, ["drift"]),
    "one feature that carries most": (
        replace(GOOD, drift_level="watch", drifted=1, drift_score=0.6),
        [],
        Answer.REFIT,
        ["drift"],
    ),
    "half of the importance is not more": (replace(GOOD, drift_score=0.5), [], Answer.NONE, ["nothing"]),
    "expected to be worse": (replace(GOOD, expected_worse=True), [], Answer.REFIT, ["expected"]),
    "drift before any outcome": (
        Evidence(champion="c", drift_level="retrain", drifted=3),
        [],
        Answer.SUGGEST,
        ["drift", "too few"],
    ),
    "one outcome too few": (replace(BAD, mature_outcomes=199), [], Answer.SUGGEST, ["calibration", "too few"]),
    "just enough": (replace(BAD, mature_outcomes=200, mature_defaults=20), [], Answer.REFIT, ["calibration"]),
    "one default too few": (replace(BAD, mature_defaults=19), [], Answer.SUGGEST, ["calibration", "too few"]),
    "digests only": (
        replace(BAD, trainable=replace(ENOUGH, with_inputs=0, defaults_with_inputs=0)),
        [],
        Answer.SUGGEST,
        ["calibration", "no inputs"],
    ),
    "digests mostly": (
        replace(BAD, trainable=replace(ENOUGH, with_inputs=150)),
        [],
        Answer.SUGGEST,
        ["calibration", "too few inputs"],
    ),
    "a broken feed is no reason": (
        replace(BAD, incidents=("amount",), drift_level="retrain"),
        [],
        Answer.NONE,
        ["broken feed"],
    ),
    "a check fails": (
        replace(BAD, failing=("german_credit/raw/applications",)),
        [],
        Answer.NONE,
        ["checks fail"],
    ),
    "a table could not be made": (
        replace(BAD, unmade=("monitoring/outcomes",)),
        [],
        Answer.NONE,
        ["not made"],
    ),
    "a month ago": (BAD, past(31), Answer.REFIT, ["calibration"]),
    "just as long ago as asked for": (BAD, past(30), Answer.REFIT, ["calibration"]),
    "a day too soon": (BAD, past(29), Answer.SUGGEST, ["calibration", "cool-down"]),
    "twice in the quarter": (BAD, past(31, 45), Answer.SUGGEST, ["calibration", "budget"]),
    "twice, one of them in the quarter before": (BAD, past(31, 80), Answer.REFIT, ["calibration"]),
    "the same evidence is no refit before it": (
        BAD,
        [PastRefit(evidence=BAD.hash, at=NOW)],
        Answer.REFIT,
        ["calibration"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_rule(case: str) -> None:
    evidence, refits, answer, codes = CASES[case]
    found = decide(evidence, POLICY, refits, NOW)
    assert (found.answer, [reason.code for reason in found.reasons]) == (answer, codes)
    for language in ("en", "fr"):
        told = sentences(found, language)
        assert "{" not in told
        assert "None" not in told
    assert sentences(found, "en") != sentences(found, "fr")


def test_a_quarter_is_that_of_the_lender() -> None:
    """Half past ten in the evening of the last day of September in UTC is October in Paris."""
    turn = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)
    policy = MonitoringPolicy(cool_down_days=0, retrainings_per_quarter=1, least_mature_outcomes=1)
    evidence = replace(BAD, mature_defaults=60, trainable=replace(ENOUGH, defaults_with_inputs=60))
    before = [PastRefit(evidence="x", at=turn - timedelta(hours=1))]
    assert decide(evidence, policy, before, turn).answer is Answer.REFIT
    utc = MonitoringPolicy(timezone="UTC", cool_down_days=0, retrainings_per_quarter=1, least_mature_outcomes=1)
    assert decide(evidence, utc, before, turn).answer is Answer.SUGGEST


@pytest.mark.parametrize(
    "change",
    [
        {"drift_score": 0.1234},
        {"mature_outcomes": 301},
        {"drifted": 1},
        {"trainable": Trainable(outcomes=301)},
        {"drift_level": "watch"},
    ],
)
def test_what_decides_nothing_is_not_in_the_hash(change: dict[str, Any]) -> None:
    assert replace(BAD, **change).hash == BAD.hash


@pytest.mark.parametrize(
    "change",
    [
        {"champion": "d" * 64},
        {"fails": (Ground.CONCEPT,)},
        {"mature_months": ("2025-10", "2025-11")},
        {"drift_level": "retrain"},
        {"expected_worse": True},
    ],
)
def test_what_decides_is_in_the_hash(change: dict[str, Any]) -> None:
    assert replace(BAD, **change).hash != BAD.hash


def test_the_hash_is_the_same_everywhere() -> None:
    assert BAD.hash == "5468ddf057f05ce1"
    assert (
        replace(BAD, fails=(Ground.CONCEPT, Ground.CALIBRATION)).hash
        == replace(BAD, fails=(Ground.CALIBRATION, Ground.CONCEPT)).hash
    )
