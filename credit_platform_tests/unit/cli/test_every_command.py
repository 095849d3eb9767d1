"""What holds for every command of the tree: what shows something has `--json`, and gives a pipe records alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import typer
from typer._click.core import Command as ClickCommand
from typer.core import TyperGroup
from typer.testing import CliRunner

from credit_platform.cli import app
from credit_platform.lakehouse import Lakehouse
from credit_platform_tests.unit.cli.conftest import Command

ACTS = {
    "accept": "puts a table in force",
    "approve": "promotes",
    "backup": "copies",
    "console": "runs until it is stopped",
    "containerize": "builds an image",
    "decisions declare-lost": "declares",
    "decisions erase": "erases",
    "decisions erase-again": "erases",
    "decisions purge": "removes",
    "demo": "runs, and tells a person on the way",
    "deploy": "deploys",
    "exporter": "runs until it is stopped",
    "fetch-bento": "fetches",
    "keys create": "prints the key alone",
    "keys pages": "prints the token alone",
    "keys revoke": "revokes",
    "migrate": "changes databases",
    "model-page": "prints a page of Markdown",
    "new-portfolio": "writes modules, and tells a person what it guessed",
    "notices test": "sends",
    "notices watch": "runs until it is stopped",
    "release": "writes an archive",
    "repair": "moves a commit aside",
    "restore": "restores",
    "rollback": "rolls back",
    "run": "runs",
    "score": "writes a file",
    "serve": "runs until it is stopped",
    "simulate": "sends applicants",
    "ui": "runs until it is stopped",
    "up": "runs until it is stopped",
}
"""Commands without records to show, and what they do instead."""
ON_A_HOME = (
    ("approval",),
    ("approval", "--history"),
    ("decisions", "list"),
    ("decisions", "removals"),
    ("generate", "home_credit", "--drift", "list"),
    ("keys", "list"),
    ("notices", "list"),
    ("portfolios",),
    ("promotions", "german_credit"),
    ("registry", "german_credit"),
    ("replay",),
    ("retention",),
    ("retention", "--keep", "1", "--dry-run"),
    ("retention", "--removals"),
    ("tables",),
    ("verify",),
    ("versions", "german_credit/raw/applications"),
    ("show", "german_credit/raw/applications"),
)
"""What shows something on a home with one table."""


def tree() -> Iterator[tuple[str, ClickCommand]]:
    def walk(command: ClickCommand, name: str) -> Iterator[tuple[str, ClickCommand]]:
        if isinstance(command, TyperGroup):
            for each, child in command.commands.items():
                yield from walk(child, f"{name} {each}".strip())
        else:
            yield name, command

    yield from walk(typer.main.get_command(app), "")


COMMANDS = dict(tree())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_json_or_shows_no_records(name: str) -> None:
    has_json = any("--json" in one.opts for one in COMMANDS[name].params)
    assert has_json != (name in ACTS), f"{name}: give it --json, or say in ACTS what it does instead"


def test_no_command_is_named_that_is_not_there() -> None:
    assert set(ACTS) <= set(COMMANDS)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    where = tmp_path / "mes données é"
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(where))
    lakehouse = Lakehouse(str(where / "lakehouse"))
    for version in range(3):
        lakehouse.write("german_credit/raw/applications", pl.DataFrame({"text": ["a\tb"], "value": [version]}))
    return where


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", ON_A_HOME, ids=" ".join)
def test_json_is_json_and_a_pipe_gets_a_line_for_each_record(
    command: Command, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = command(*arguments, "--json")
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    piped = CliRunner().invoke(app, arguments)
    lines = list(csv.reader(io.StringIO(piped.stdout), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert {len(line) for line in lines} == {len(lines[0])}
    if isinstance(found, list):
        assert len(found) == len(lines) - 1
        assert all(list(row) == lines[0] for row in found)
