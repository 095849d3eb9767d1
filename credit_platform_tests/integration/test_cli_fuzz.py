"""Whatever is typed at the command line, the answer is a result or a sentence with its cure, never a trace."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import typer
from hypothesis import HealthCheck, given, settings

from credit_platform.cli import app, main
from credit_platform_tests.finished_run import FinishedRun

ODD = ("", " ", "é", "-1", "0", "1e999", "nan", "None", "a/b", "../../etc", "%00", "[x]", "*", "~", "a" * 300, "'; --")
KEYS = ("german_credit/raw/applications", "german_credit/models/scorer", "german_credit/governance/promotion_decision")
PORTFOLIOS = ("german_credit", "home_credit")
MOMENTS = ("2026-01-01", "9999-12-31", "0001-01-01 00:00:00")
DURATIONS = ("1s", "90d", "99999999w")
NUMBERS = ("1", "5", "999999999999999999999")
FILES = (
    "good.csv",
    "garbage.csv",
    "garbage.parquet",
    "empty.csv",
    "empty.parquet",
    "folder",
    "none.csv",
    "packed.csv.gz",
)
OUTPUTS = ("out.csv", "out.parquet", "folder", "no/where/out.csv", "good.csv", "out.txt")

VALUES: dict[str, tuple[str, ...]] = {
    "portfolio": PORTFOLIOS,
    "table": KEYS,
    "request_id": ("1", "abc"),
    "key_id": ("0123",),
    "name": ("me",),
    "version": NUMBERS,
    "as_of": MOMENTS,
    "rows": NUMBERS[:2],
    "csv": OUTPUTS,
    "input_file": FILES,
    "output_file": OUTPUTS,
    "scorer": FILES,
    "histories": FILES,
    "sentences": ("fr", "en"),
    "keep": NUMBERS,
    "pin": ("german_credit/raw/applications=0",),
    "older_than": DURATIONS,
    "expires": DURATIONS,
    "since": MOMENTS,
    "until": MOMENTS,
    "limit": NUMBERS[:2],
    "scope": ("score", "admin"),
}
"""What would be right for a parameter; one that is not here is only given what is odd."""
LASTING = {
    "run",
    "up",
    "serve",
    "demo",
    "bench",
    "console",
    "ui",
    "simulate",
    "generate",
    "new-portfolio",
    "backup",
    "restore",
    "exporter",
    "watch",
}
"""Commands that go on until they are stopped, work for long, or write wherever they are told (`~`, `../../etc`)."""


def leaves(command: Any, words: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every command that does something, by the words that name it (Typer's own copy of Click has no public types)."""
    if not hasattr(command, "commands"):
        return {words: command}
    found: dict[tuple[str, ...], Any] = {}
    for name, below in command.commands.items():
        if name not in LASTING:
            found |= leaves(below, (*words, name))
    return found


COMMANDS = leaves(typer.main.get_command(app))


def value(name: str | None) -> st.SearchStrategy[str]:
    usual = VALUES.get(name or "", ("Ana",))
    return st.one_of(st.sampled_from(usual), st.sampled_from(usual), st.sampled_from(ODD))


@st.composite
def commands(draw: st.DrawFn) -> list[str]:
    """A command with all that it needs, and some of what it takes."""
    name = draw(st.sampled_from(sorted(COMMANDS)))
    words = list(name)
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "argument":
            words.append(draw(value(parameter.name)))
        elif parameter.required or draw(st.integers(0, 2)) == 0:
            words.append(parameter.opts[-1])
            if not getattr(parameter, "is_flag", False):
                words.append(draw(value(parameter.name)))
    return words


@pytest.fixture(scope="module")
def place(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of a used home and files of all sorts."""
    place = tmp_path_factory.mktemp("fuzz é")
    shutil.copytree(finished.settings.home, place / "home")
    (place / "good.csv").write_text("applicant_id,amount\n1,1000\n")
    (place / "packed.csv.gz").write_bytes(gzip.compress(b"amount\n1000\n"))
    for suffix in ("csv", "parquet"):
        (place / f"garbage.{suffix}").write_bytes(os.urandom(3000))
        (place / f"empty.{suffix}").touch()
    (place / "folder").mkdir()
    return place


def exit_status() -> object:
    try:
        main()
    except SystemExit as done:
        return done.code
    return None


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(words=commands())
def test_no_words_at_the_command_line_end_in_a_trace(place: Path, words: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("CREDIT_PLATFORM_HOME", str(place / "home"))
        patch.setattr(sys, "argv", ["credit-platform", *words])
        assert exit_status() in {None, 0, 1, 2}, words
        assert (place / "good.csv").read_text() == "applicant_id,amount\n1,1000\n", words
