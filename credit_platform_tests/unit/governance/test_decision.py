"""The record of a promotion holds who, when, what and why."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl

from credit_platform.governance.decision import GateCheck, PromotionDecision
from credit_platform_tests.unit.governance.samples import CHALLENGER, CHAMPION, NOON

PASSED = GateCheck(name="auc_floor", passed=True, blocking=True, value=0.75, bound=0.65, message="The AUC is high.")
FAILED = GateCheck(name="cost", passed=False, blocking=True, value=0.8, bound=0.7, message="It costs too much.")
ADVICE = GateCheck(name="speed", passed=False, blocking=False, value=None, bound=None, message="It is slow.")


def decision(*checks: GateCheck) -> PromotionDecision:
    return PromotionDecision(
        portfolio="german_credit",
        challenger=CHALLENGER,
        champion=CHAMPION,
        checks=checks,
        decided_by="ada",
        decided_at=NOON,
        run_id="run-1",
        digests={"scorer": "c" * 64},
    )


def test_one_blocking_failure_refuses() -> None:
    refused = decision(PASSED, FAILED)

    assert not refused.promoted
    assert refused.failed == (FAILED,)
    assert refused.reason == "lightgbm version 4 failed 1 of 2 checks. It costs too much."


def test_advice_does_not_refuse() -> None:
    promoted = decision(PASSED, ADVICE)

    assert promoted.promoted
    assert promoted.failed == ()


def test_the_frame_has_a_row_per_check_with_the_record_beside_it() -> None:
    frame = decision(PASSED, FAILED, ADVICE).to_frame()

    assert frame["check"].to_list() == ["auc_floor", "cost", "speed"]
    assert frame["passed"].to_list() == [True, False, False]
    assert frame["blocking"].to_list() == [True, True, False]
    assert frame["value"].to_list() == [0.75, 0.8, None]
    assert frame["message"].to_list() == [PASSED.message, FAILED.message, ADVICE.message]
    for column, value in {
        "portfolio": "german_credit",
        "decided_by": "ada",
        "decided_at": NOON,
        "run_id": "run-1",
        "challenger": "lightgbm",
        "challenger_version": "4",
        "challenger_digest": "c" * 64,
        "champion": "logistic_regression",
        "champion_version": "2",
        "champion_digest": "a" * 64,
        "promoted": False,
    }.items():
        assert frame[column].to_list() == [value] * 3


def test_decisions_stack_into_a_history() -> None:
    first = replace(decision(PASSED), champion=None).to_frame()

    history = pl.concat([first, decision(PASSED, FAILED).to_frame()])

    assert history["champion"].to_list() == [None, "logistic_regression", "logistic_regression"]


def test_the_summary_is_json_and_complete() -> None:
    summary = json.loads(json.dumps(decision(PASSED, FAILED).to_summary()))

    assert summary["promoted"] is False
    assert summary["digest"] == CHALLENGER.digest
    assert summary["challenger"] == {"name": "lightgbm", "version": "4", "digest": "c" * 64}
    assert summary["champion"]["version"] == "2"
    assert summary["decided_at"] == "2026-11-21T12:00:00+00:00"
    assert (summary["decided_by"], summary["run_id"]) == ("ada", "run-1")
    assert summary["digests"] == {"scorer": "c" * 64}
    assert summary["failed"] == ["cost"]
    assert summary["checks"][0]["bound"] == 0.65
    assert replace(decision(PASSED), champion=None).to_summary()["champion"] is None
