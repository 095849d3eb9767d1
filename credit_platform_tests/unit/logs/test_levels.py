"""The level of the environment, and what is said of one that there is not."""

from __future__ import annotations

import logging

import pytest

from credit_platform.errors import SettingError
from credit_platform.logs.levels import VARIABLE, log_level


@pytest.mark.parametrize(
    ("asked", "level"), [(None, logging.INFO), ("", logging.INFO), (" Debug ", logging.DEBUG), ("ERROR", logging.ERROR)]
)
def test_the_level_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch, asked: str | None, level: int) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if asked is not None:
        monkeypatch.setenv(VARIABLE, asked)
    assert log_level() == level


@pytest.mark.parametrize("asked", ["loud", "10", "info,debug", "x" * 1000])
def test_a_wrong_level_is_named_with_the_choices(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv(VARIABLE, asked)
    with pytest.raises(SettingError) as raised:
        log_level()
    said = str(raised.value)
    assert said.startswith(f"{VARIABLE} is '{asked[:40]}")
    assert "debug, info, warning, error, critical" in said
    assert len(said) < 200
