"""What challengers said, beside the decisions: in SQLite and in PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Comparison, DecisionStore, ShadowLog, ShadowPair, ShadowRecord
from credit_platform.monitoring.decision_log.database import make_folder
from credit_platform.monitoring.decision_log.migrations import MIGRATIONS, migrate
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHAMPION, CHALLENGER = "e" * 64, "c" * 64


def said(request_id: str = "r1", **changes: object) -> ShadowRecord:
    values: dict[str, Any] = {
        "request_id": request_id,
        "namespace": "0123abcd",
        "model_digest": CHALLENGER,
        "scored_at": NOON,
        "model_name": "german_credit",
        "model_version": CHALLENGER[:12],
        "feature_version": "f",
        "probability": 0.1 + 0.2,
        "decision": "accepted",
        "threshold": 1 / 6,
    }
    return ShadowRecord(**{**values, **changes})


def pairs(store: DecisionStore, **limits: Any) -> list[ShadowPair]:
    return list(ShadowLog(store).pairs("german_credit", champion=CHAMPION, challenger=CHALLENGER, **limits))


def rows(store: DecisionStore) -> int:
    with store.session(reading=True) as connection:
        return int(connection.execute(text("SELECT count(*) FROM shadow_decisions")).scalar_one())


def test_what_a_challenger_said_comes_back_beside_the_decision(store: DecisionStore) -> None:
    store.append([make_record("r1", decided_at=NOON), make_record("r2", probability=0.5)])
    log = ShadowLog(store)
    log.append([])
    log.append([said("r1"), said("r2", probability=0.7, decision="refused")])
    assert pairs(store)[0] == ShadowPair(
        request_id="r1",
        decided_at=NOON,
        champion_probability=0.1 + 0.2,
        champion_decision="refused",
        challenger_probability=0.1 + 0.2,
        challenger_decision="accepted",
    )
    assert [(p.request_id, p.champion_probability, p.challenger_probability) for p in pairs(store)[1:]] == [
        ("r2", 0.5, 0.7)
    ]


def test_nothing_is_kept_twice_or_without_its_decision(store: DecisionStore) -> None:
    store.append([make_record("r1")])
    log = ShadowLog(store)
    log.append([said("r1"), said("forgotten")])
    log.append([said("r1", probability=0.9)])
    assert [p.challenger_probability for p in pairs(store)] == [0.1 + 0.2]
    log.append([said("r1", model_digest="d" * 64)])  # another challenger is another opinion
    assert rows(store) == 2


def test_pairs_are_those_of_the_two_models_and_the_time_asked_for(store: DecisionStore) -> None:
    store.append([make_record(f"r{n}", decided_at=NOON + timedelta(days=n)) for n in range(3)])
    store.append([make_record("old", model_digest="a" * 64), make_record("elsewhere", portfolio="home_credit")])
    ShadowLog(store).append([said(r) for r in ("r0", "r1", "r2", "old", "elsewhere")])
    assert [p.request_id for p in pairs(store)] == ["r0", "r1", "r2"]
    limits = {"since": NOON + timedelta(days=1), "until": NOON + timedelta(days=2)}
    assert [p.request_id for p in pairs(store, **limits)] == ["r1"]


def test_pairs_come_page_by_page(store: DecisionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_platform.monitoring.decision_log.shadow._PAGE", 2)
    store.append([make_record(f"r{n}") for n in range(5)])
    ShadowLog(store).append([said(f"r{n}") for n in range(5)])
    assert [p.request_id for p in pairs(store)] == [f"r{n}" for n in range(5)]


def test_which_models_were_compared_the_newest_first(store: DecisionStore) -> None:
    log = ShadowLog(store)
    assert log.comparisons("german_credit") == []
    store.append([make_record("r1", decided_at=NOON), make_record("r2", decided_at=NOON + timedelta(days=1))])
    log.append([said("r1"), said("r2"), said("r1", model_digest="d" * 64)])
    assert log.comparisons("german_credit") == [
        Comparison(champion=CHAMPION, challenger=CHALLENGER, decisions=2, first=NOON, last=NOON + timedelta(days=1)),
        Comparison(champion=CHAMPION, challenger="d" * 64, decisions=1, first=NOON, last=NOON),
    ]


def test_erasure_and_retention_take_it_along(store: DecisionStore) -> None:
    store.append([make_record("r1", applicant_id="A"), make_record("r2"), make_record("r3", decided_at=NOON)])
    ShadowLog(store).append([said("r1"), said("r2"), said("r3")])
    store.erase("A", ACT)
    assert [p.request_id for p in pairs(store)] == ["r2", "r3"]
    store.purge(NOON, ACT)
    assert [p.request_id for p in pairs(store)] == ["r3"]
    assert rows(store) == 1


def test_a_log_of_before_gets_the_table(store: DecisionStore) -> None:
    make_folder(store.engine)
    with store.engine.connect() as connection:
        migrate(connection, MIGRATIONS[:1])
        connection.commit()
        assert not inspect(connection).has_table("shadow_decisions")
    store.append([make_record("r1")])
    ShadowLog(store).append([said("r1")])
    assert rows(store) == 1


def test_a_log_that_cannot_be_used_says_so_without_values(store: DecisionStore) -> None:
    store.append([make_record("r1")])
    with store.session() as connection:
        connection.execute(text("DROP TABLE shadow_decisions"))
        connection.commit()
    with pytest.raises(DecisionLogError) as caught:
        ShadowLog(store).append([said("CANARY")])
    assert "CANARY" not in str(caught.value)


def test_what_was_said_of_a_request_belongs_to_the_client_that_asked(store: DecisionStore) -> None:
    store.append([make_record("r", client_name="a", probability=0.1), make_record("r", client_name="b")])
    batch = [
        make_record("x:0", batch_id="x", batch_digest="b" * 64, client_name="a"),
        make_record("x:1", batch_digest="b" * 64, client_name="a"),
    ]
    store.append(batch)
    ShadowLog(store).append([said("r", namespace="a"), said("x:0", namespace="a"), said("x:1", namespace="b")])
    assert [(p.request_id, p.champion_probability) for p in pairs(store)] == [("r", 0.1), ("x:0", 0.1 + 0.2)]


def test_how_both_behaved_is_read_the_newest_first(store: DecisionStore) -> None:
    store.append([make_record(f"r{n}", decided_at=NOON + timedelta(minutes=n)) for n in range(3)])
    log = ShadowLog(store)
    log.append([said("r0"), said("r1", reasons='["income"]', latency_ms=1.5), said("r2", probability=0.7)])
    found = log.behaviours("german_credit", champion=CHAMPION, challenger=CHALLENGER, most=2)
    assert [one.challenger_probability for one in found] == [0.7, 0.1 + 0.2]
    assert [(one.challenger_reasons, one.challenger_latency_ms) for one in found] == [(None, None), ('["income"]', 1.5)]
    assert found[0].champion_latency_ms > 0
    assert "reasons" in found[0].champion_answer


def test_a_log_of_before_gains_what_is_kept_of_reasons_and_older_code_still_opens_it(store: DecisionStore) -> None:
    store.append([make_record("r1", decided_at=NOON)])
    with store.connect() as connection:
        for column in ("reasons", "latency_ms"):
            connection.execute(text(f"ALTER TABLE shadow_decisions DROP COLUMN {column}"))
        connection.commit()
        assert migrate(connection) == MIGRATIONS[-1].version
        connection.commit()
    ShadowLog(store).append([said("r1", reasons="[]")])
    (found,) = ShadowLog(store).behaviours("german_credit", champion=CHAMPION, challenger=CHALLENGER, most=9)
    assert found.challenger_reasons == "[]"
