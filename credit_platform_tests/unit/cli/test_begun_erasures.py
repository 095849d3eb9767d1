"""An erasure that is killed at any step is ended by the next command, whichever that is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from credit_platform.environment import BEGUN_ERASURES
from credit_platform.processes import ProcessIdentity
from credit_platform.scoring.stored_histories import FOLDER, HistoriesFacts, known_applicants, write_histories
from credit_platform.serving import shipped_histories
from credit_platform.serving.shipped_histories import erased_applicants
from credit_platform.settings import Settings
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_tables
from credit_platform_tests.unit.cli.conftest import Command, words
from credit_platform_tests.unit.local.backup.homes import applicants, decide, verified

ERASE = ("decisions", "erase", "--applicant", "5", "--by", "K. Officer", "--reason", "article 17", "--yes")
STEPS = {
    "before anything": "credit_platform.serving.shipped_histories.remember_erasure",
    "between list and histories": "credit_platform.serving.shipped_histories.erase_applicant",
    "between histories and log": "credit_platform.monitoring.decision_log.store.remove",
    "between log and tables": "credit_platform.monitoring.decisions.forgetting.forget",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With two decisions, of which one is about 5, and the histories of 5 in a Bento."""
    home = tmp_path / "mes données é"
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(home))
    for module in ("serving.shipped_histories", "serving.erasures"):
        monkeypatch.setattr(f"credit_platform.{module}.all_portfolios", lambda: (PORTFOLIO,))
    decide(Settings(home=home), "5", "6", portfolio="toy")
    facts = HistoriesFacts(
        portfolio="toy",
        feature_version="f",
        table="toy/features/applicants",
        table_version=0,
        content_hash="c",
        licence="synthetic",
        applicants=0,
        digest="d",
    )
    features: pl.DataFrame = toy_tables(8)[1]
    write_histories(histories(home), PORTFOLIO, features.lazy(), facts)
    return home


def histories(home: Path) -> Path:
    return home / "bentos" / "bentos" / "toy_scoring" / "v1" / "src" / FOLDER


def killed(command: Command, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Erase, by a process that is gone now, and was killed at a step."""

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        gone = ProcessIdentity.own().document() | {"pid": other.pid}
    with monkeypatch.context() as patch:
        patch.setattr(ProcessIdentity, "own", classmethod(lambda cls: cls.parse(gone)))
        patch.setattr(STEPS[step], cut)
        assert command(*ERASE).exit_code != 0


@pytest.mark.parametrize("step", STEPS)
def test_the_next_command_ends_it(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    killed(command, monkeypatch, step)
    settings = Settings(home=home)
    assert len(list((home / BEGUN_ERASURES).iterdir())) == 1
    assert (home / BEGUN_ERASURES).stat().st_mode & 0o777 == 0o700
    decide(settings, "5", portfolio="toy")  # a new application, before the next command comes
    said = words(command("artefacts"))
    assert "that K. Officer began at" in said
    assert "is ended now" in said
    assert applicants(settings) == ["5", "6"]
    assert "5" not in known_applicants(histories(home))
    assert len(erased_applicants(settings, "toy")) == 1
    assert list((home / BEGUN_ERASURES).iterdir()) == []
    assert verified(settings).is_clean
    for _ in range(2):
        again = command("artefacts")
        assert (again.exit_code, "is ended now" in again.output) == (0, False)


def test_one_that_cannot_be_ended_now_is_tried_again(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(command, monkeypatch, "between list and histories")
    (home / "decisions" / "decisions.db").rename(home / "aside")
    (home / "decisions" / "decisions.db").write_bytes(b"garbage")
    for _ in range(2):
        said = command("artefacts")
        assert (said.exit_code, "the next command tries again" in words(said)) == (0, True)
    (home / "aside").replace(home / "decisions" / "decisions.db")
    assert "is ended now" in words(command("artefacts"))
    assert applicants(Settings(home=home)) == ["6"]


def test_one_at_work_is_left_alone_and_a_note_that_is_none_is_named(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(shipped_histories, "remember_erasure", lambda *_: seen.append(words(command("artefacts"))))
    assert command(*ERASE).exit_code == 0
    assert ["erasure" in said for said in seen] == [False, False]
    (home / BEGUN_ERASURES / "x.json").write_text("{}")
    for _ in range(2):
        assert "x.json, the note of an erasure, cannot be read" in words(command("artefacts"))


def test_nothing_is_erased_where_it_cannot_be_noted(command: Command, home: Path) -> None:
    (home / BEGUN_ERASURES).write_text("in the way")
    for _ in range(2):
        assert "Nothing was erased" in str(command(*ERASE).exception)
    assert applicants(Settings(home=home)) == ["5", "6"]
