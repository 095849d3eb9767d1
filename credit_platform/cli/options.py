"""What commands share: settings, and durations as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from pydantic import ValidationError
from pydantic_settings import SettingsError

from credit_platform.environment import prepare_environment
from credit_platform.errors import SettingError
from credit_platform.settings import Settings

SETTING_CURE = "Mend the option, or the environment variable CREDIT_PLATFORM_<NAME>; settings.py describes them all."
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read_settings(**overrides: object) -> Settings:
    """Settings of this command, as `parse_settings`, and the folders of the tools in the home.

    Raises:
        SettingError: a value cannot be used.
        EnvironmentSetupError: the home cannot be written to.
    """
    settings = parse_settings(**overrides)
    prepare_environment(settings)
    return settings


def parse_settings(**overrides: object) -> Settings:
    """Settings of a command that only reads, so that it works on a home that takes nothing.

    Options before environment variables before defaults.

    Raises:
        SettingError: a value cannot be used.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # field values come typed from Typer
    except ValidationError as error:
        # An address may hold a password.
        given_as = {id(e): "an address" if "://" in str(e["input"]) else repr(e["input"]) for e in error.errors()}
        wrong = (f"{'.'.join(map(str, e['loc']))} is {given_as[id(e)]}: {e['msg']}." for e in error.errors())
        raise SettingError(" ".join(wrong), SETTING_CURE) from error
    except SettingsError as error:
        raise SettingError(f"A setting cannot be read: {error}.", SETTING_CURE) from error


def parse_duration(text: str) -> timedelta:
    """Read `12h`, `730d` or `4w`.

    Raises:
        SettingError: it is something else.
    """
    match = re.fullmatch(r"([1-9]\d{0,4})([hdw])", text.strip())
    if match is None:
        raise SettingError(f"{text!r} is not a duration.", "Write hours, days or weeks: 12h, 730d, 4w.")
    return int(match[1]) * _UNITS[match[2]]


def parse_pins(pins: Sequence[str]) -> dict[str, int]:
    """Turn `<key>=<version>` into a mapping.

    Raises:
        SettingError: a pin has another form.
    """
    parsed = {}
    for pin in pins:
        key, _, version = pin.partition("=")
        if not version.isdecimal() or key.count("/") != 2:  # noqa: PLR2004  # between <portfolio>, <layer> and <name>
            raise SettingError(f"{pin!r} is not a pin.", "Write <portfolio>/<layer>/<name>=<version>.")
        parsed[key] = int(version)
    return parsed
