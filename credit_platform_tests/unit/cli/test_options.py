"""Options as people write them: durations, moments, pins; a setting that cannot be used is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from credit_platform.cli.options import in_utc, parse_duration, parse_pins, parse_seconds, parse_settings
from credit_platform.errors import SettingError


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("1.5m", 90), ("1h", 3600)])
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["30", "0s", "1d", "-1s", ""])
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(SettingError, match="30s, 5m, 1h"):
        parse_seconds(text)


@pytest.mark.parametrize(("text", "duration"), [("12h", timedelta(hours=12)), (" 4w ", timedelta(weeks=4))])
def test_durations_of_what_is_kept_are_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["0d", "5m", "1.5d", "123456d", ""])
def test_other_texts_are_no_such_durations(text: str) -> None:
    with pytest.raises(SettingError, match="12h, 730d, 4w"):
        parse_duration(text)


def test_a_moment_is_one_of_utc_unless_it_says_otherwise() -> None:
    noon, paris = datetime(2026, 11, 21, 12), timezone(timedelta(hours=1))  # noqa: DTZ001  # as it is typed
    assert in_utc(noon) == noon.replace(tzinfo=UTC)
    assert in_utc(noon.replace(tzinfo=paris)) == noon.replace(hour=11, tzinfo=UTC)
    assert in_utc(None) is None


def test_a_pin_names_a_table_and_a_version() -> None:
    assert parse_pins(["a/b/c=3", "a/b/d=0"]) == {"a/b/c": 3, "a/b/d": 0}
    for wrong in ("a/b/c", "a/b/c=", "a/b/c=-1", "b/c=1"):
        with pytest.raises(SettingError, match="is not a pin"):
            parse_pins([wrong])


def test_a_setting_that_cannot_be_used_is_named_with_its_value(tmp_path: Path) -> None:
    assert parse_settings(home=tmp_path, profile=None).profile
    with pytest.raises(SettingError, match="profile is 'hasty'"):
        parse_settings(home=tmp_path, profile="hasty")


def test_a_level_of_logs_that_there_is_not_is_said_with_the_choices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_LOG_LEVEL", "Warning")
    assert parse_settings(home=tmp_path).log_level == "warning"
    monkeypatch.setenv("CREDIT_PLATFORM_LOG_LEVEL", "loud")
    with pytest.raises(SettingError, match=r"CREDIT_PLATFORM_LOG_LEVEL is 'loud'.*\n?.*debug, info, warning"):
        parse_settings(home=tmp_path)
