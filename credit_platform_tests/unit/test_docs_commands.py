"""Commands of ours in blocks of the docs work when they are pasted: by their path, and with options that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from credit_platform.cli import app

ROOT = Path(__file__).parents[2]
PROGRAM = ".venv/bin/credit-platform"
COMMAND = re.compile(r"^\s*(?:[A-Z_]+=\S+ )*(?P<program>(?:\.venv/bin/)?credit-platform) (?P<rest>[a-z-].*)$")


def commands() -> Iterator[tuple[str, str, str]]:
    """Place, program and arguments of each command in a block, joined where a line goes on."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in (page for page in pages if "adr" not in page.parts):
        inside, lines = False, page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        for number, line in enumerate(lines, start=1):
            if line.lstrip().startswith("```"):
                inside = not inside
            elif inside and (found := COMMAND.match(line)):
                yield f"{page.relative_to(ROOT)}:{number}", found["program"], found["rest"]


FOUND = list(commands())


def test_there_are_commands_in_the_docs() -> None:
    assert len(FOUND) > 50


@pytest.mark.parametrize(("place", "program", "rest"), FOUND, ids=[f"{place} {rest[:40]}" for place, _, rest in FOUND])
def test_a_command_of_the_docs_works_as_pasted(place: str, program: str, rest: str) -> None:
    assert program == PROGRAM, place
    words = shlex.split(re.split(r"\s[|>&]|\s#", rest)[0])
    command = typer.main.get_command(app)
    while isinstance(command, TyperGroup) and not words[0].startswith("-"):
        name = words.pop(0)
        assert name in command.commands, f"{place}: there is no command {name}"
        command = command.commands[name]
    # Refuses an option that does not exist.
    command.make_parser(command.context_class(command)).parse_args(words)
