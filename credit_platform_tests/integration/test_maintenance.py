"""Every maintenance command three times in a row on a used home, once on a restored one, once on one with refusals.

The commands are those of the command line: one that is not here fails the first test.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from credit_platform.cli import app
from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.tables.before_writing import write_checks
from credit_platform.tables.judging import judge, refuse, submitted
from credit_platform.tables.table import Table
from credit_platform_tests.finished_run import FinishedRun, tool_environment
from credit_platform_tests.unit.local.backup.homes import decide

KEY, CANDIDATE = "german_credit/raw/applications", "german_credit/models/logistic_regression"
WHO = ("--by", "K. Officer", "--reason", "a test")
WORK = {
    "run",
    "new-portfolio",
    "deploy",
    "containerize",
    "bench etl",
    "bench features",
    "bench training",
    "bench serving",
    "bench drift",
    "bench expected",
}
PROGRAMS = {"up", "serve", "console", "ui", "exporter", "notices watch", "demo", "simulate", "generate"}
"""Not maintenance: what goes on until it is stopped, and what makes data. They have tests of their own."""
DONE, REFUSED, FOUND = "done", "refused", "found something: status 1"
HOLDS: dict[str, tuple[tuple[str, ...], str]] = {
    "accept": ((KEY, *WHO), REFUSED),
    "approval": ((), DONE),
    "approve": (("german_credit", *WHO), REFUSED),
    "artefacts": ((), DONE),
    "backup": (("{place}/backups",), DONE),
    "check-portfolio": (("german_credit",), DONE),
    "decisions declare-lost": (WHO, DONE),
    "decisions erase": (("--applicant", "A-1", *WHO, "--yes"), DONE),
    "decisions erase-again": (WHO, DONE),
    "decisions list": ((), DONE),
    "decisions purge": ((*WHO, "--yes"), DONE),
    "decisions removals": ((), DONE),
    "decisions show": (("no-such-request",), REFUSED),
    "decisions swap-set": (("german_credit",), REFUSED),
    "decisions verify": ((), DONE),
    "fetch-bento": (("german_credit", "--to", "{place}/fetched é", "--or-promoted"), DONE),
    "keys create": (("officer", "--scope", "score"), DONE),
    "keys list": ((), DONE),
    "keys pages": (("--renew",), DONE),
    "keys revoke": (("00000000",), REFUSED),
    "migrate": ((), DONE),
    "release": (("german_credit", "--to", "{place}/versé é"), DONE),
    "model-page": (("german_credit", "--out", "{place}/ML_MODEL é.md"), DONE),
    "notices list": (("--all",), DONE),
    "notices test": ((), DONE),
    "portfolios": ((), DONE),
    "promotions": (("german_credit",), DONE),
    "registry": (("german_credit",), DONE),
    "repair": ((KEY, "--yes"), DONE),
    "replay": ((), FOUND),
    "restore": (("{backups}", "--home", "{place}/restored é", "--yes"), DONE),
    "retention": ((*WHO, "--yes"), DONE),
    "rollback": (("german_credit", *WHO), REFUSED),
    "score": (("german_credit", "--input", "{place}/in.csv", "--output", "{place}/out.csv"), DONE),
    "show": ((KEY,), DONE),
    "tables": ((), DONE),
    "verify": (("--all",), DONE),
    "versions": ((KEY,), DONE),
}
"""What is typed after the words of a command, and what it comes to, each time."""
WITH_REFUSALS = {
    "accept": ((CANDIDATE, *WHO), DONE),
    "show": ((f"{CANDIDATE}__refused",), DONE),
    "versions": ((CANDIDATE,), DONE),
}
"""The same, where it is another thing on a home with refusals."""
COMMANDS = sorted(HOLDS)

pytestmark = pytest.mark.timeout(400)


def copied(finished: FinishedRun, place: Path) -> Path:
    """A used home: everything ran, and people were decided on."""
    home = place / "mes données é"
    shutil.copytree(finished.settings.home, home)
    decide(Settings(home=home), "A-1", "A-2")
    examples = get_portfolio("german_credit").examples
    rows = list(examples.values())
    names = list(rows[0])
    lines = [",".join(names), *(",".join("" if row.get(n) is None else str(row[n]) for n in names) for row in rows)]
    (place / "in.csv").write_text("\n".join(lines) + "\n")
    return home


@pytest.fixture(scope="module")
def used(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("used")
    copied(finished, place)
    return place


@pytest.fixture(scope="module")
def backups(used: Path) -> Path:
    """Of the used home as it was before anything was done to it."""
    with at_home(used / "mes données é"):
        assert come_to("backup", ("{place}/before",), used, used) == DONE
    return used / "before"


@pytest.fixture(scope="module")
def restored(backups: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("restored")
    shutil.copy(backups.parent / "in.csv", place / "in.csv")
    with at_home(backups.parent / "mes données é"):
        words = ("{backups}", "--home", "{place}/mes données é")
        assert come_to("restore", words, place, backups) == DONE
    return place


@pytest.fixture(scope="module")
def with_refusals(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a candidate that was refused, twice: it is worse than chance."""
    place = tmp_path_factory.mktemp("refusals")
    lakehouse = Lakehouse(Settings(home=copied(finished, place)).lakehouse_root)
    table = Table(frame=pl.DataFrame({"target": [0, 1] * 20, "probability": [0.9, 0.1] * 20}))
    for _ in range(2):
        judged = judge(submitted(CANDIDATE, table), write_checks(CANDIDATE), lakehouse)
        refuse(lakehouse, CANDIDATE, table, judged, CommitInfo(portfolio="german_credit"))
    return place


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """Commands are for this home."""
    with tool_environment(Settings(home=home)), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDIT_PLATFORM_HOME", str(home))
        yield


def come_to(name: str, words: tuple[str, ...], place: Path, backups: Path) -> str:
    """What a command comes to; anything but a result or a sentence is raised."""
    typed = [*name.split(), *(word.format(place=place, backups=backups) for word in words)]
    result = CliRunner().invoke(app, typed)
    if isinstance(result.exception, CreditPlatformError):
        return REFUSED
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    # The decisions are of a made-up model: `replay` finds that it cannot score them.
    return {0: DONE, 1: FOUND}.get(result.exit_code, result.output)


def every_command(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All that does something (Typer's own copy of Click has no public types)."""
    if not hasattr(command, "commands"):
        yield words
        return
    for name, below in command.commands.items():
        yield from every_command(below, (*words, name))


def test_every_command_is_maintenance_or_said_to_be_none() -> None:
    words = {" ".join(name) for name in every_command(typer.main.get_command(app))}
    assert words == WORK | PROGRAMS | set(HOLDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_three_times_in_a_row_on_a_used_home(used: Path, backups: Path, name: str) -> None:
    words, expected = HOLDS[name]
    with at_home(used / "mes données é"):
        assert [come_to(name, words, used, backups) for _ in range(3)] == [expected] * 3


@pytest.mark.parametrize("name", COMMANDS)
def test_once_on_a_restored_home(restored: Path, backups: Path, name: str) -> None:
    words, expected = HOLDS[name]
    with at_home(restored / "mes données é"):
        assert come_to(name, words, restored, backups) == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_once_on_one_with_refusals_in_it(with_refusals: Path, backups: Path, name: str) -> None:
    words, expected = WITH_REFUSALS.get(name, HOLDS[name])
    with at_home(with_refusals / "mes données é"):
        assert come_to(name, words, with_refusals, backups) == expected
