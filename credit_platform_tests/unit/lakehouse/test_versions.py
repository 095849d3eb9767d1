"""Summaries hold what JSON holds, and the plain values that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from credit_platform.lakehouse.versions import CommitInfo, commit_metadata, readable_versions, summary_of_commit


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float64(0.5), 0.5),
        (np.int8(3), 3),
        (np.array([1, 2]), [1, 2]),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (Colour.RED, "red"),
        (Path("a") / "b", "a/b"),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({2, 1}), [1, 2]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Point(3), {"x": 3}),
    ],
)
def test_common_values_become_json(value: object, plain: object) -> None:
    assert summary_of_commit(commit_metadata(CommitInfo(), {}, {"value": value})) == {"value": plain}


def test_what_json_cannot_hold_is_named() -> None:
    with pytest.raises(TypeError, match="A summary cannot hold a object"):
        commit_metadata(CommitInfo(), {}, {"value": object()})


def test_versions_that_any_vacuum_removed_are_not_readable() -> None:
    facts = {"rows": 1, "bytes": 1, "columns": 1, "content_hash": "00"}

    def commit(version: int) -> dict[str, Any]:
        return {"version": version, "timestamp": 0, **commit_metadata(CommitInfo(), facts, None)}

    history = [
        commit(6),
        {"version": 5, "credit_platform_kept": [4, 1]},
        commit(4),
        {"version": 3, "operation": "OPTIMIZE"},
        {"version": 2, "credit_platform_kept": [1]},
        commit(1),
        commit(0),
    ]
    assert [version.version for version in readable_versions("k", history)] == [6, 4, 1]
