"""A command that a sentence names works when it is pasted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from credit_platform.cli.invoked import as_typed

SENTENCE = (
    "Run it: credit-platform run german_credit, or `.venv/bin/credit-platform demo`; image credit-platform/service."
)


@pytest.mark.parametrize("program", ["-c", "/usr/bin/pytest", ""])
def test_where_it_was_not_typed_it_is_called_by_its_name(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [program])
    assert as_typed(SENTENCE) == SENTENCE.replace(".venv/bin/", "")


@pytest.mark.parametrize(
    ("folder", "named"),
    [
        ("mes données é/.venv", "bin/credit-platform"),
        ("mes données é/.venv/bin", "./credit-platform"),
        (".", "'mes données é/.venv/bin/credit-platform'"),
        ("other", "'{here}/mes données é/.venv/bin/credit-platform'"),
    ],
)
def test_it_is_named_by_a_path_that_works_from_here(
    folder: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mes données é" / ".venv" / "bin" / "credit-platform"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    (tmp_path / "other").mkdir()
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(tmp_path / folder)
    assert as_typed("credit-platform tables lists them") == f"{named.format(here=tmp_path)} tables lists them"
    monkeypatch.setenv("PATH", str(program.parent))
    assert as_typed("credit-platform tables lists them") == "credit-platform tables lists them"
