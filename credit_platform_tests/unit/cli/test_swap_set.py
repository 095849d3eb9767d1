"""`credit-platform decisions swap-set`, as someone types it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import DecisionStore, ShadowLog
from credit_platform.settings import Settings
from credit_platform_tests.unit.cli.conftest import Command, words
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record
from credit_platform_tests.unit.monitoring.decision_log.test_shadow import CHALLENGER, CHAMPION, said

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DecisionStore:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    return DecisionStore(Settings(home=tmp_path).decision_log)


@pytest.fixture
def filled(store: DecisionStore) -> DecisionStore:
    """Three decisions at which a challenger scored along, and one at which another did before."""
    sides = [("accepted", 0.1, "accepted", 0.1), ("refused", 0.3, "accepted", 0.1), ("accepted", 0.1, "refused", 0.6)]
    log = ShadowLog(store)
    for number, (champion, p, challenger, q) in enumerate(sides):
        moment = NOON + timedelta(days=number)
        store.append([make_record(f"r{number}", decision=champion, probability=p, decided_at=moment)])
        log.append([said(f"r{number}", decision=challenger, probability=q)])
    log.append([replace(said("r0"), model_digest="d" * 64)])
    return store


@pytest.mark.usefixtures("filled")
def test_the_newest_pair_is_compared_and_the_others_are_named(command: Command) -> None:
    shown = words(command("decisions", "swap-set", "german_credit"))
    assert f"challenger {CHALLENGER[:12]} beside champion {CHAMPION[:12]}" in shown
    assert (
        "Both models scored 3 live decisions: 1 are swapped in (only the challenger accepts them), 1 swapped" in shown
    )
    assert "Largest differences" in shown
    assert shown.index("r2") < shown.index("r1")
    assert f"Also in the log: {'d' * 12} beside {CHAMPION[:12]} (1 decisions)." in shown


@pytest.mark.usefixtures("filled")
def test_time_and_models_can_be_chosen(command: Command) -> None:
    plain = json.loads(command("decisions", "swap-set", "german_credit", "--json", "--since", "2026-11-22").stdout)
    assert (plain["applicants"], plain["swapped"]) == (2, 2)
    assert plain["cells"][2] | {"cell": "swapped_in", "applicants": 1, "share": 0.5} == plain["cells"][2]
    # Accepting costs 5 p and refusing 1 - p in this portfolio; over two decisions.
    assert plain["cells"][2]["expected_by_challenger"] == pytest.approx((5 * 0.1 - 0.9) / 2)
    other = words(command("decisions", "swap-set", "german_credit", "--challenger", "ddd", "--largest", "0"))
    assert "Both models scored 1 live decisions" in other
    assert "Largest" not in other


def test_without_shadowed_decisions_the_way_to_some_is_named(command: Command, store: DecisionStore) -> None:
    for _ in range(2):
        error = command("decisions", "swap-set", "german_credit").exception
        assert isinstance(error, DecisionLogError)
        assert "no decision of german_credit at which" in error.what
        assert "--shadow challenger" in error.cure
        store.append([make_record("r1")])  # the second time there is a log, without a challenger in it


@pytest.mark.usefixtures("filled")
def test_a_time_or_model_without_any_is_said(command: Command) -> None:
    error = command("decisions", "swap-set", "german_credit", "--until", "2020-01-01").exception
    assert isinstance(error, DecisionLogError)
    assert "of that time" in error.what
    error = command("decisions", "swap-set", "german_credit", "--champion", "0000").exception
    assert isinstance(error, DecisionLogError)
    assert "of these models" in error.what
