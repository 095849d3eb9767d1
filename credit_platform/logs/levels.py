"""From which level on lines are written: `CREDIT_PLATFORM_LOG_LEVEL`."""

from __future__ import annotations

import logging
import os
from typing import Final

from credit_platform.errors import SettingError

VARIABLE: Final = "CREDIT_PLATFORM_LOG_LEVEL"
LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
DEFAULT: Final = "info"
_SHOWN = 40


def log_level() -> int:
    """The level that the environment asks for; `info` where it asks for none.

    Raises:
        SettingError: it asks for a level that there is not.
    """
    asked = os.environ.get(VARIABLE) or DEFAULT
    level = LEVELS.get(asked.strip().lower())
    if level is None:
        shown = repr(asked if len(asked) <= _SHOWN else f"{asked[:_SHOWN]}…")
        raise SettingError(f"{VARIABLE} is {shown}, which is no level.", f"Choose one of: {', '.join(LEVELS)}.")
    return level
