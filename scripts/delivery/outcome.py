"""How a delivery ends."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of `scripts/deploy`."""

    DONE = 0
    """The images of the tag serve, or served already."""
    TAKEN_BACK = 1
    """They do not serve as they should; what was there before was brought back."""
    REFUSED = 3
    """Nothing was begun."""


class RefusedError(Exception):
    """Nothing may be begun; says why, and the cure."""


class FailedError(Exception):
    """What was begun must not stay; says why."""
