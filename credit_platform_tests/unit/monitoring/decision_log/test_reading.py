"""Reading the log: page by page in the order of writing, by numbers that are never given again."""

from __future__ import annotations

import pytest

from credit_platform.monitoring.decision_log import DecisionStore, reading
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record


@pytest.mark.parametrize("page", [1, 2, 5, 6])
def test_pages_add_up_to_the_log(page: int, store: DecisionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAGE", page)
    assert list(store.each()) == []
    store.append([make_record(f"r{number}") for number in range(5)])
    assert [one.request_id for one in store.each()] == [f"r{number}" for number in range(5)]


def test_a_number_is_never_given_twice(store: DecisionStore) -> None:
    store.append([make_record("a"), make_record("b", applicant_id="gone")])
    (newest,) = store.search(limit=1)
    assert store.erase("gone", ACT) == 1
    store.append([make_record("c")])
    (after,) = store.search(limit=1)
    assert after.request_id == "c"
    assert after.id > newest.id
