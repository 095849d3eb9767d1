"""Every block of commands of the documents is run, by this test or by one that its mark names, or says why it is not.

A block is marked after its language: `run=TEST` names the test that carries it out as it stands, `norun="REASON"` says
why none does. Without a mark its commands, all of `credit-platform`, are carried out here, in order, on a home in which
everything ran.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from credit_platform.cli import app
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun, tool_environment

pytestmark = pytest.mark.timeout(400)

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^( *)```sh([^\n]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
PROGRAM = ".venv/bin/credit-platform"
NOT_RUN = 52
"""Blocks that no test carries out as they stand. Fewer is better: a new one needs a reason, and a change here."""


@dataclass(frozen=True)
class Block:
    page: str
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.page} {self.text[:40].strip()}"


def blocks() -> Iterator[Block]:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in (page for page in pages if "adr" not in page.parts):
        for _, mark, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            yield Block(page.relative_to(ROOT).as_posix(), mark.strip(), text.replace("\\\n", " "))


FOUND = list(blocks())
HERE = [block for block in FOUND if not block.mark]


def test_every_block_is_run_or_says_why_not() -> None:
    for block in (block for block in FOUND if block.mark):
        named = re.fullmatch(r'run=(\S+\.py)|norun="(.{10,})"', block.mark)
        assert named, f"{block}: {block.mark}"
        assert named[1] is None or (ROOT / "credit_platform_tests" / named[1]).is_file(), block
    assert sum(block.mark.startswith("norun") for block in FOUND) == NOT_RUN
    assert len(HERE) >= 15


@pytest.fixture(scope="module")
def place(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a clone in which `make demo` ran."""
    folder = tmp_path_factory.mktemp("docs") / "mon clone é"
    shutil.copytree(finished.settings.home, folder / ".credit_platform")
    return folder


@pytest.mark.parametrize("block", HERE, ids=str)
def test_a_block_is_carried_out(block: Block, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    for line in block.text.splitlines():
        words = shlex.split(
            line.replace("/mnt/", f"{place.parent}/").replace("/srv/", f"{place.parent}/"), comments=True
        )
        variables = {}
        while words and "=" in words[0]:
            name, _, variables[name] = words.pop(0).partition("=")
        if not words:
            continue
        assert words[0] == PROGRAM, f"{block}: only commands of ours are run here"
        home = Settings(home=Path(variables.get("CREDIT_PLATFORM_HOME", ".credit_platform")))
        with tool_environment(home):
            monkeypatch.setenv("CREDIT_PLATFORM_HOME", os.fspath(home.home))
            done = CliRunner().invoke(app, words[1:])
        assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception}"
