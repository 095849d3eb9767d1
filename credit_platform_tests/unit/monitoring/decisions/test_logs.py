"""Reading the logs of services, in each database they can live in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decisions import logs as logs_module
from credit_platform.monitoring.decisions.logs import HELD, NamedLog, held, models_in, read_rows
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, postgres, sqlite_url, store
from credit_platform_tests.unit.monitoring.decisions.conftest import moment, record

__all__ = ["postgres", "sqlite_url", "store"]


def test_keys_and_rows_are_read_in_pages_and_what_went_is_left_out(
    store: DecisionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_module, "PAGE", 2)
    monkeypatch.setattr(logs_module, "ROWS", 2)
    log = NamedLog(name="paris", store=store)
    store.append([record(f"r{i}", moment(1, minute=i), f"A-{i}") for i in range(5)])
    keys = held([log], "german_credit")
    assert keys.schema == HELD
    assert keys["decided_at"].to_list() == [moment(1, minute=i) for i in range(5)]
    store.erase("A-3", ACT)
    pages = list(read_rows(log, keys["row"].to_list()))
    assert [len(page) for page in pages] == [2, 1, 1]
    assert [row.decided_at for page in pages for row in page] == [moment(1, minute=i) for i in (0, 1, 2, 4)]
    assert held([log], "home_credit").is_empty()


def test_who_decided_is_known_while_a_decision_is_kept(store: DecisionStore, tmp_path: Path) -> None:
    absent = NamedLog(name="lyon", store=DecisionStore(f"sqlite:///{tmp_path / 'none.db'}"))
    logs = [NamedLog(name="paris", store=store), absent]
    assert models_in([absent], "german_credit") == frozenset()
    made = [replace(record(f"r{i}", moment(1), f"A-{i}"), model_digest=digest) for i, digest in enumerate("abb")]
    store.append(made)
    assert models_in(logs, "german_credit") == {"a", "b"}
    assert models_in(logs, "home_credit") == frozenset()
    store.erase("A-0", ACT)
    assert models_in(logs, "german_credit") == {"b"}
    assert not (tmp_path / "none.db").exists()
