"""What commands share: settings, durations as people write them, and the question before what cannot be undone."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from credit_platform.environment import BEGUN_ERASURES, prepare_environment
from credit_platform.errors import SettingError
from credit_platform.logs.levels import log_level
from credit_platform.settings import Settings

SETTING_CURE = "Mend the option, or the environment variable CREDIT_PLATFORM_<NAME>; settings.py describes them all."
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

TableKey = Annotated[str, typer.Argument(help="Table: <portfolio>/<layer>/<name>", show_default=False)]


def read_settings(**overrides: object) -> Settings:
    """Settings of this command, as `parse_settings`, and the folders of the tools in the home.

    An erasure that was cut short is ended first.

    Raises:
        SettingError: a value cannot be used.
        EnvironmentSetupError: the home cannot be written to.
    """
    settings = parse_settings(**overrides)
    prepare_environment(settings)
    if any((settings.home / BEGUN_ERASURES).glob("*.json")):
        from credit_platform.serving.begun_erasures import end_begun  # seldom, and brings the tables

        end_begun(settings, lambda text: typer.echo(text, err=True))
    return settings


def parse_settings(**overrides: object) -> Settings:
    """Settings of a command that only reads, so that it works on a home that takes nothing.

    Options before environment variables before defaults.

    Raises:
        SettingError: a value cannot be used.
    """
    log_level()  # says itself what there is to choose from
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


def parse_seconds(text: str) -> float:
    """Read `30s`, `5m` or `1h`.

    Raises:
        SettingError: it is something else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if match is None or float(match[1]) <= 0:
        raise SettingError(f"{text!r} is not a duration.", "Write seconds, minutes or hours: 30s, 5m, 1h.")
    return float(match[1]) * _SECONDS[match[2]]


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment as someone types it, which is one of UTC unless it says otherwise."""
    return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC)


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


def confirm(question: str, *, yes: bool, because: str = "this cannot be undone") -> None:
    """Ask on a terminal before something is done that should be asked for, unless `--yes` was said.

    Raises:
        SettingError: there is nobody to ask, and no `--yes`.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise SettingError(f"Nothing was done: {because}, and nobody is here to ask.", "Say --yes.")
    typer.confirm(question, abort=True)
