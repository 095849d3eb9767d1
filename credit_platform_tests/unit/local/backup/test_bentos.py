"""Only whole Bentos are in a backup, but the one in force is."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.local.backup import bentos
from credit_platform.local.backup.bentos import copy_bentos
from credit_platform.local.backup.copying import Draft
from credit_platform_tests.unit.local.backup.homes import put


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Draft:
    monkeypatch.setattr(bentos, "_PAUSE_SECONDS", 0.01)
    put(tmp_path / "home" / "bentos" / "bentos" / "x_scoring" / "latest", "v1")
    put(tmp_path / "home" / "bentos" / "bentos" / "x_scoring" / "v1" / "src" / "a.py", "a")
    return Draft(tmp_path / "draft", tmp_path, None, {})


def test_one_that_is_not_whole_is_named_and_left_out(draft: Draft, tmp_path: Path) -> None:
    (said,) = copy_bentos(draft, tmp_path / "home", set())
    assert "v1 is not in the backup, for it is not whole: It lacks bento.yaml." in said
    assert list(draft.entries) == ["bentos/bentos/x_scoring/latest"]


def test_the_one_in_force_is_in_it_whatever_its_state(draft: Draft, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (said,) = copy_bentos(draft, home, {(home / "bentos" / "bentos" / "x_scoring" / "v1").resolve()})
    assert "which is in force, is not whole" in said
    assert "bentos/bentos/x_scoring/v1/src/a.py" in draft.entries


def test_one_that_is_just_being_built_is_waited_for(
    draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter(["half", None])
    copies = draft.home / "bentos"
    monkeypatch.setattr(bentos, "bento_fault", lambda folder: next(looks) if folder.is_relative_to(copies) else None)
    assert copy_bentos(draft, tmp_path / "home", set()) == []
    assert "bentos/bentos/x_scoring/v1/src/a.py" in draft.entries
