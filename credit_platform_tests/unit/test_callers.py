"""What only tests use is found; what a library, a template or a program in a string uses is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_callers import check, main

MODULE = '''"""uncalled is told of here."""
from functools import cached_property
__all__ = ["uncalled"]
LIMIT = 3
SPARE = 4
def uncalled(): ...
def called(limit=LIMIT): ...
def by_name(): ...
def in_template(): ...
def in_program(): ...
def _private(): ...
@app.command()
def registered(): ...
class Used:
    def method(self): ...
    def spare(self): ...
    @cached_property
    def spare_property(self): ...
'''
USER = (
    "from credit_platform.m import called, uncalled\n_RUN = 'from credit_platform.m import in_program; in_program()'\n"
)
USER += "Used().method()\ngetattr(m, 'by_name')(x=called())\n'uncalled is in a sentence'\n"


def test_public_names_that_only_tests_use_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package, tests = tmp_path / "credit_platform", tmp_path / "credit_platform_tests"
    for folder in (package / "templates", tests):
        folder.mkdir(parents=True)
    (package / "m.py").write_text(MODULE)
    (package / "user.py").write_text(USER)
    (package / "templates" / "page.html").write_text("{{ in_template() }}")
    (tests / "test_m.py").write_text("uncalled(); SPARE; Used().spare(); Used().spare_property")
    said = [line.rpartition("uses ")[2] for line in check(tmp_path)]
    assert said == ["SPARE", "uncalled", "spare", "spare_property"]
    assert main([str(tmp_path)]) == 1
    assert "credit_platform/m.py:6: nothing but tests uses uncalled" in capsys.readouterr().out


def test_nothing_of_this_project_is_used_by_tests_only() -> None:
    assert check(Path(__file__).parents[2]) == []
