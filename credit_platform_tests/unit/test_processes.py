"""Whose process it is, and whether it can still run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credit_platform import processes
from credit_platform.processes import ProcessIdentity

FIRST = processes._FIRST_NAMESPACE


def test_this_process_is_alive_and_survives_a_document() -> None:
    own = ProcessIdentity.own()
    assert own.state() == "alive"
    assert ProcessIdentity.parse(own.document()) == own


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"host": "elsewhere"}, "unknown"),
        ({"boot": "earlier"}, "gone"),
        ({"started": 1.0}, "gone"),
        ({"pid": 2**22 + 1}, "gone"),
        ({"pid": 2**80}, "gone"),
    ],
)
def test_only_what_is_certain_is_said(changes: dict[str, str | int | float], state: str) -> None:
    assert replace(ProcessIdentity.own(), **changes).state() == state  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("recorded", "here", "state"),
    [("pid:[1]", "pid:[2]", "gone"), (FIRST, "pid:[2]", "unknown"), ("pid:[1]", FIRST, "unknown")],
)
def test_a_container_that_started_again_lost_its_processes_but_a_shared_name_proves_nothing(
    recorded: str, here: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ProcessIdentity.own()
    monkeypatch.setattr(processes, "_here", lambda: (own.host, own.boot, here))
    assert replace(own, namespace=recorded).state() == state


@pytest.mark.parametrize("document", [{}, {"host": "a"}, {**ProcessIdentity.own().document(), "pid": "x"}])
def test_what_is_no_identity_is_said(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ProcessIdentity.parse(document)
