"""Request ids that the service makes up: unique, harmless, and in the order of time."""

from __future__ import annotations

import time
import uuid

import pytest

from bento.identifiers import is_identifier, new_request_id


def test_an_id_that_was_made_up_is_a_uuid_of_version_7() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_request_id() for _ in range(2000)]
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == len(ids)
    for one in ids:
        assert is_identifier(one)
        parsed = uuid.UUID(one)
        assert (parsed.hex, parsed.version, parsed.variant) == (one, 7, uuid.RFC_4122)
        assert before <= parsed.int >> 80 <= after


@pytest.mark.parametrize("chance", [b"\x00" * 10, b"\xff" * 10])
def test_chance_never_reaches_the_moment(monkeypatch: pytest.MonkeyPatch, chance: bytes) -> None:
    monkeypatch.setattr("bento.identifiers.os.urandom", lambda size: chance[:size])
    moments = [1, 1_700_000_000_000, 1_700_000_000_001, 2**48 - 1]
    ids = []
    for moment in moments:
        monkeypatch.setattr("bento.identifiers.time.time_ns", lambda now=moment: now * 1_000_000 + 999_999)
        ids.append(new_request_id())
    assert ids == sorted(ids)
    assert [int(one[:12], 16) for one in ids] == moments
    assert {len(one) for one in ids} == {32}
