"""The file of running services: there while they run, for their owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import ServiceError
from credit_platform.serving.running_services import ServiceAccess, announced, running_services, services_file
from credit_platform.settings import Settings

SERVICES = [ServiceAccess("german_credit", "http://127.0.0.1:3001", "cp_1_secret"), ServiceAccess("b", "http://b")]


def test_services_are_known_while_they_run(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with announced(settings, SERVICES):
        assert running_services(settings) == SERVICES
        assert services_file(settings).stat().st_mode & 0o777 == 0o600
    assert running_services(settings) == []
    assert list(settings.home.iterdir()) == []


def test_without_services_there_is_no_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with announced(settings, []):
        assert not services_file(settings).exists()


def test_the_file_of_somebody_else_stays(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with announced(settings, SERVICES):
        services_file(settings).write_text("[]", encoding="utf-8")
    assert services_file(settings).exists()


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
