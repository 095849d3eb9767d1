"""The file of running services: there while they run, for their owner only."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from credit_platform.errors import ServiceError
from credit_platform.processes import ProcessIdentity
from credit_platform.serving.running_services import ServiceAccess, announced, running_services, services_file
from credit_platform.settings import Settings

SERVICES = [ServiceAccess("german_credit", "http://127.0.0.1:3001", "cp_1_secret"), ServiceAccess("b", "http://b")]


def test_services_are_known_while_they_run(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with announced(settings, SERVICES):
        assert running_services(settings) == SERVICES
        assert services_file(settings).stat().st_mode & 0o777 == 0o600
    assert running_services(settings) == []
    assert not services_file(settings).exists()


def test_without_services_there_is_no_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with announced(settings, []):
        assert not services_file(settings).exists()


OTHER = ServiceAccess("village_loans", "http://127.0.0.1:3011", "cp_2_secret")


def somebody_else(settings: Settings, service: ServiceAccess) -> subprocess.Popen[bytes]:
    """Another process that has announced a service; ends at the end of its standard input, without a word if killed."""
    script = (
        "import sys; from pathlib import Path; from credit_platform.settings import Settings\n"
        "from credit_platform.serving.running_services import ServiceAccess, announced\n"
        "with announced(Settings(home=Path(sys.argv[1])), [ServiceAccess(*sys.argv[2:])]): print(flush=True); input()"
    )
    arguments = [str(settings.home), service.portfolio, service.url, str(service.key)]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


@pytest.mark.parametrize("turn", [1, 2])
def test_two_processes_of_one_home_keep_each_others_services(tmp_path: Path, turn: int) -> None:
    settings = Settings(home=tmp_path)
    other = somebody_else(settings, OTHER)
    try:
        for _ in range(turn):
            with announced(settings, SERVICES):
                assert running_services(settings) == [OTHER, *SERVICES]
            assert running_services(settings) == [OTHER]
        with announced(settings, SERVICES):
            other.communicate(b"\n")
            assert running_services(settings) == SERVICES
    finally:
        other.kill()
        other.communicate()
    assert not services_file(settings).exists()


def test_what_a_killed_process_left_is_not_running_and_is_cleaned_by_the_next(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    other = somebody_else(settings, OTHER)
    other.kill()
    other.communicate()
    assert OTHER.url in services_file(settings).read_text(encoding="utf-8")
    assert running_services(settings) == []
    with announced(settings, SERVICES):
        assert OTHER.url not in services_file(settings).read_text(encoding="utf-8")
    assert not services_file(settings).exists()


def test_services_of_another_host_are_not_here_and_are_not_touched(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    owner = {**ProcessIdentity.own().document(), "host": "elsewhere"}
    foreign = [{**asdict(OTHER), "announcement": "1", "owner": owner}]
    services_file(settings).write_text(json.dumps(foreign), encoding="utf-8")
    with announced(settings, SERVICES):
        assert running_services(settings) == SERVICES
    assert json.loads(services_file(settings).read_text(encoding="utf-8")) == foreign


@pytest.mark.parametrize("content", ["{", '[{"name": "x"}]', "3"])
def test_a_spoilt_file_is_named(tmp_path: Path, content: str) -> None:
    settings = Settings(home=tmp_path)
    services_file(settings).write_text(content, encoding="utf-8")
    with pytest.raises(ServiceError, match=r"running_services\.json cannot be read"):
        running_services(settings)


def test_the_key_is_a_header_and_not_in_the_representation() -> None:
    assert SERVICES[0].headers == {"Authorization": "Bearer cp_1_secret"}
    assert SERVICES[1].headers == {}
    assert "secret" not in repr(SERVICES[0])
