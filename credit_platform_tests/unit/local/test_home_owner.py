"""One owner of a home, with real processes: a living one is named, a killed one is followed, other hosts count."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from credit_platform.errors import ComponentError, EnvironmentSetupError
from credit_platform.local.home_owner import LOCK_NAME, RECORD_NAME, announced, owned
from credit_platform.settings import Settings

OWNER = """
import subprocess, sys, time
from pathlib import Path
from credit_platform.local.home_owner import owned
from credit_platform.settings import Settings
with owned(Settings(home=Path(sys.argv[1])), print) as owner:
    owner.announce("http://127.0.0.1:3000")
    if len(sys.argv) > 2:  # what a tether does: hold the lock somewhat longer
        subprocess.Popen(["sleep", "3"], pass_fds=[owner.lock], stdout=subprocess.DEVNULL)
    print(owner.sockets, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "un été")


@contextmanager
def another(settings: Settings, *more: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    command = [sys.executable, "-c", OWNER, str(settings.home), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_a_living_owner_is_named_and_not_harmed(settings: Settings) -> None:
    with another(settings) as (process, sockets):
        for _ in range(2):
            named = rf"already: process {process.pid} on \S+, since .*, at http://127.0.0.1:3000\..*kill {process.pid}"
            with pytest.raises(ComponentError, match=named), owned(settings, pytest.fail):
                pytest.fail("two owners")
        (settings.home / LOCK_NAME).unlink()  # by hand: the record still speaks
        with pytest.raises(ComponentError, match="already"), owned(settings, pytest.fail):
            pytest.fail("two owners")
        assert process.poll() is None
        assert sockets.stat().st_mode & 0o777 == 0o700


def test_a_killed_owner_is_followed_twice_in_a_row(settings: Settings) -> None:
    for _ in range(2):
        with another(settings) as (process, sockets):
            process.kill()
        said: list[str] = []
        with owned(settings, said.append) as owner:
            assert owner.sockets.is_dir()
            assert not sockets.exists()
        assert len(said) == 1
        assert f"killed (process {process.pid} on" in said[0]
        assert not owner.sockets.exists()
    with owned(settings, pytest.fail):
        pass  # after an orderly end there is nothing to say


def test_what_is_left_of_a_killed_owner_is_waited_for(settings: Settings) -> None:
    with another(settings, "linger") as (process, _):
        process.kill()
    said: list[str] = []
    with owned(settings, said.append):
        assert [line.partition(" ")[0] for line in said] == ["Waiting", "An"]


def test_an_owner_of_another_host_is_respected_until_its_record_goes(settings: Settings) -> None:
    with owned(settings, pytest.fail) as owner:
        owner.announce("http://127.0.0.1:3000")
        record = json.loads((settings.home / RECORD_NAME).read_text())
    record["owner"]["host"] = "elsewhere"
    (settings.home / RECORD_NAME).write_text(json.dumps(record))
    for _ in range(2):
        with pytest.raises(ComponentError, match=r"another host.*Stop it on elsewhere"), owned(settings, pytest.fail):
            pytest.fail("two owners")
    (settings.home / RECORD_NAME).unlink()
    with owned(settings, pytest.fail):
        pass


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"owner": {}}', "null"])
def test_a_damaged_record_is_written_over(settings: Settings, content: str) -> None:
    settings.home.mkdir(parents=True)
    (settings.home / RECORD_NAME).write_text(content)
    with owned(settings, pytest.fail):
        assert json.loads((settings.home / RECORD_NAME).read_text())["owner"]["pid"] == os.getpid()


def test_only_the_folder_of_an_owner_is_removed(settings: Settings, tmp_path: Path) -> None:
    with another(settings) as (process, sockets):
        process.kill()
    record = json.loads((settings.home / RECORD_NAME).read_text())
    (tmp_path / "credit-platform-mine").mkdir()
    record["sockets"] = str(tmp_path / "credit-platform-mine")
    (settings.home / RECORD_NAME).write_text(json.dumps(record))
    with owned(settings, lambda _: None):
        assert (tmp_path / "credit-platform-mine").is_dir()
    sockets.rmdir()


def test_a_record_that_cannot_be_read_is_an_error_with_a_cure(settings: Settings) -> None:
    (settings.home / RECORD_NAME).mkdir(parents=True)
    with pytest.raises(EnvironmentSetupError, match=r"up\.json cannot be used"), owned(settings, pytest.fail):
        pytest.fail("owned")


def test_a_home_that_is_no_folder_is_an_error_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(EnvironmentSetupError, match="CREDIT_PLATFORM_HOME"),
        owned(Settings(home=tmp_path / "file"), print),
    ):
        pytest.fail("owned")


def test_the_owner_says_where_its_pages_are_while_it_lives(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert announced(settings) is None
    with owned(settings, print) as owner:
        assert announced(settings) is None
        owner.announce("http://127.0.0.1:3000")
        assert announced(settings) == "http://127.0.0.1:3000"
    assert announced(settings) is None
