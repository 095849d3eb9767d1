"""The history remembers who said what, and which model was in production before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.decision import Contender, PromotionDecision
from credit_platform.governance.gate import evaluate_gate
from credit_platform.governance.promotion_acts import approved, require_promotion, require_registered, rolled_back
from credit_platform.governance.promotion_history import (
    approver_of,
    champion_table,
    history,
    newest,
    previous_champion,
    promoted_since,
)
from credit_platform.governance.records import RegisteredModel
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.approval import ApprovalPolicy
from credit_platform.portfolios.keys import champion_key, decision_key
from credit_platform_tests.records import promoted_model
from credit_platform_tests.unit.governance.samples import CHALLENGER, CHAMPION, MANUAL, NOON, gate_input, sound

NAME = "german_credit"


@pytest.fixture
def lakehouse(tmp_path: Path) -> Lakehouse:
    return Lakehouse(str(tmp_path))


def record(lakehouse: Lakehouse, decision: PromotionDecision) -> None:
    lakehouse.write(decision_key(NAME), decision.to_frame(), summary=decision.to_summary())


def produce(lakehouse: Lakehouse, digest: str, **more: Any) -> None:
    summary = promoted_model(digest, **more).to_summary()
    lakehouse.write(champion_key(NAME), pl.DataFrame({"a": [1]}), summary=summary)


def waiting() -> PromotionDecision:
    return evaluate_gate(gate_input(assurance=sound(approval=MANUAL)))


def test_a_record_survives_being_stored(lakehouse: Lakehouse) -> None:
    decision = approved(waiting(), by="ada", reason="read the report", at=NOON)
    record(lakehouse, waiting())
    record(lakehouse, decision)

    assert newest(lakehouse, NAME) == decision
    assert [(one.version, one.decision.event) for one in history(lakehouse, NAME)] == [(1, "approval"), (0, "decision")]
    assert lakehouse.scan(decision_key(NAME)).collect()["person"].unique().to_list() == ["ada"]


def test_an_equal_scorer_need_not_be_approved_twice_until_it_is_rolled_back(lakehouse: Lakehouse) -> None:
    digest = CHALLENGER.digest
    assert approver_of(lakehouse, NAME, digest) is None
    decision = approved(waiting(), by="ada", reason="read the report", at=NOON)
    record(lakehouse, decision)
    for _ in range(2):  # later runs decide again, and find the approval behind their own records
        assert approver_of(lakehouse, NAME, digest) == "ada on 2026-11-21 (read the report)"
        record(lakehouse, evaluate_gate(gate_input(assurance=sound(approval=MANUAL, approved_by="ada"))))
    assert approver_of(lakehouse, NAME, "e" * 64) is None
    rollback = replace(decision, event="rollback", challenger=CHAMPION, digests={"replaced": digest})
    record(lakehouse, rollback)
    assert approver_of(lakehouse, NAME, digest) is None


def test_rolling_back_twice_goes_two_models_back(lakehouse: Lakehouse) -> None:
    for digest in ("first", "second", "second", "third"):
        produce(lakehouse, digest)
    assert previous_champion(lakehouse, NAME).summary["digest"] == "second"
    produce(lakehouse, "second", restored_version=2)
    assert previous_champion(lakehouse, NAME).summary["digest"] == "first"
    produce(lakehouse, "first", restored_version=0)
    with pytest.raises(PromotionRefusedError, match="no model before xgboost version 1"):
        previous_champion(lakehouse, NAME)


def test_a_model_promoted_after_a_rollback_goes_back_to_the_restored_one(lakehouse: Lakehouse) -> None:
    produce(lakehouse, "first")
    produce(lakehouse, "bad")
    produce(lakehouse, "first", restored_version=0)
    produce(lakehouse, "better")
    assert previous_champion(lakehouse, NAME).summary["digest"] == "first"
    produce(lakehouse, "first", restored_version=0)
    with pytest.raises(PromotionRefusedError, match="no model before"):
        previous_champion(lakehouse, NAME)


def test_before_anything_there_is_nothing(lakehouse: Lakehouse) -> None:
    assert history(lakehouse, NAME) == []
    with pytest.raises(PromotionRefusedError, match="Nothing was decided"):
        newest(lakehouse, NAME)
    with pytest.raises(PromotionRefusedError, match="No model of german_credit"):
        previous_champion(lakehouse, NAME)


def test_a_record_of_before_people_could_step_in_is_read() -> None:
    summary = waiting().to_summary()
    for name in ("event", "person", "comment"):
        del summary[name]
    old = PromotionDecision.from_summary(summary)
    assert (old.event, old.person) == ("decision", None)
    assert old.challenger == Contender(name="lightgbm", version="4", digest="c" * 64)


def test_a_rollback_names_both_models_who_and_why(lakehouse: Lakehouse) -> None:
    before, present = promoted_model("d1", version="1"), promoted_model("d2", version="2")
    record_of_it = rolled_back(NAME, before, present, by="Ana", reason="drift", at=NOON)
    record(lakehouse, record_of_it)
    assert newest(lakehouse, NAME) == record_of_it
    assert record_of_it.promoted
    assert record_of_it.reason == "Ana restored xgboost version 1 in place of xgboost version 2: drift"
    assert dict(record_of_it.digests) == {"restored": "d1", "replaced": "d2"}
    assert approver_of(lakehouse, NAME, "d2") is None


def test_a_champion_keeps_the_date_of_its_promotion(lakehouse: Lakehouse) -> None:
    assert champion_table(lakehouse, NAME) is None
    now = datetime(2031, 1, 2, 3, tzinfo=UTC)
    assert promoted_since(lakehouse, NAME, "d", now) == "2031-01-02T03:00:00+00:00"
    produce(lakehouse, "d", promoted_at="2026-01-02T03:04:05+00:00")
    assert promoted_since(lakehouse, NAME, "d", now) == "2026-01-02T03:04:05+00:00"
    assert promoted_since(lakehouse, NAME, "another", now) == "2031-01-02T03:00:00+00:00"


def test_only_what_the_gate_judged_and_let_through_is_promoted() -> None:
    decision = evaluate_gate(gate_input())
    require_promotion(NAME, decision.challenger.digest, decision)
    with pytest.raises(PromotionRefusedError, match=r"Materialise german_credit/governance/promotion_decision again"):
        require_promotion(NAME, "another", decision)
    with pytest.raises(PromotionRefusedError, match="The gate refused the challenger"):
        require_promotion(NAME, waiting().challenger.digest, waiting())


def test_what_is_registered_must_be_the_scorer_that_is_promoted() -> None:
    registered = RegisteredModel(model=NAME, version="4", digest="d" * 64)
    require_registered(registered, "d" * 64)
    with pytest.raises(PromotionRefusedError, match=r"Version 4 of .* is scorer dddddddddddd, not eeeeeeeeeeee"):
        require_registered(registered, "e" * 64)


def test_a_promotion_follows_what_the_gate_compared_and_the_policy_of_now() -> None:
    decision = evaluate_gate(gate_input())
    require_promotion(NAME, CHALLENGER.digest, decision)
    other = promoted_model("f" * 64)
    with pytest.raises(PromotionRefusedError, match="compared the challenger with no champion; since then xgboost"):
        require_promotion(NAME, CHALLENGER.digest, decision, other)
    for level in ("manual", "four-eyes"):
        with pytest.raises(PromotionRefusedError, match="That was not so when the gate was asked"):
            require_promotion(NAME, CHALLENGER.digest, decision, None, ApprovalPolicy.of(level))
    again = promoted_model(CHALLENGER.digest)
    require_promotion(NAME, CHALLENGER.digest, decision, again, ApprovalPolicy.of("manual"))
