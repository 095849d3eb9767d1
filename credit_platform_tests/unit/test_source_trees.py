"""What was parsed is remembered beside the code, and a lost memory changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from credit_platform import source_trees
from credit_platform.source_trees import remember, source_of


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cache" / "memory.json"
    monkeypatch.setattr(source_trees, "_MEMORY", path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(source_trees, "_NEW", set())
    forget()
    return path


def forget() -> None:
    source_trees._memory.cache_clear()
    source_of.cache_clear()


@pytest.mark.parametrize("damage", [None, b"", b"[1]", b'{"a": 1}'])
def test_a_memory_is_used_and_may_be_lost(tmp_path: Path, memory: Path, damage: bytes | None) -> None:
    file = tmp_path / "module.py"
    file.write_text("from a.b import c as d\nimport e\nT = 'f.json'\n", encoding="utf-8")
    first = source_of(file)
    remember()
    assert memory.is_file()
    if damage is not None:
        memory.write_bytes(damage)
    forget()
    assert source_of(file) == first
    assert first.imports == (("a.b", "c", "d"), ("e", None, "e"))
    assert first.texts == ("f.json",)


def test_where_nothing_can_be_written_nothing_is(tmp_path: Path, memory: Path) -> None:
    memory.parent.write_text("a file in the way, as in a Bento", encoding="utf-8")
    (tmp_path / "module.py").write_text("A = 1\n", encoding="utf-8")
    source_of(tmp_path / "module.py")
    remember()
    assert memory.parent.is_file()
