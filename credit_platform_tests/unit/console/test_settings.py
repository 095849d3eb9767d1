"""Where the console finds its services and their keys."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from credit_platform.console.settings import ConsoleSettings, console_settings, known_services
from credit_platform.errors import SettingError
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError
from credit_platform.settings import Settings

FOUND = ServiceAccess("german_credit", "http://127.0.0.1:3001", "cp_1_owner")


def test_the_services_that_up_runs_with_their_keys(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert known_services(ConsoleSettings(), settings) == []
    with announced(settings, [FOUND]):
        assert known_services(ConsoleSettings(), settings) == [FOUND]


def test_a_key_of_the_environment_goes_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_API_KEY", "cp_2_mine")
    with announced(Settings(home=tmp_path), [FOUND]):
        (service,) = known_services(ConsoleSettings(), Settings(home=tmp_path))
    assert service.key == "cp_2_mine"
    assert "cp_2_mine" not in repr(ConsoleSettings())
    assert "cp_2_mine" not in repr(service)


def test_a_named_service_says_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = httpx.Response(200, json={"portfolio": "home_credit"})
    monkeypatch.setattr(ServiceClient, "transport", httpx.MockTransport(lambda request: answer))
    console = ConsoleSettings(service="http://elsewhere:3001/")
    assert known_services(console, Settings(home=tmp_path)) == [ServiceAccess("home_credit", "http://elsewhere:3001")]


def test_a_named_service_that_refuses_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = httpx.Response(401, json={"error": {"code": "unauthenticated", "message": "no"}})
    monkeypatch.setattr(ServiceClient, "transport", httpx.MockTransport(lambda request: answer))
    with pytest.raises(NoAnswerError):
        known_services(ConsoleSettings(service="http://elsewhere"), Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("name", "value"), [("REFRESH_SECONDS", "-1"), ("REFRESH_SECONDS", "soon"), ("LANGUAGE", "de")]
)
def test_a_variable_that_cannot_be_used_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CREDIT_PLATFORM_CONSOLE_{name}", value)
    with pytest.raises(SettingError, match=f"CREDIT_PLATFORM_CONSOLE_{name}"):
        console_settings()


def test_how_often_it_refreshes_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert console_settings().refresh_seconds == 60
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_REFRESH_SECONDS", "0")
    assert console_settings().refresh_seconds == 0
