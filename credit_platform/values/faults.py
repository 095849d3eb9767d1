"""The ways in which a value can be wrong.

What is here: `Fault`.
What to add here: another way; then every door has to say it in its own words.
What must not be here: sentences, statuses, names of quarantine rules: those belong to the doors.
"""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Why a value is none of its column."""

    MISSING = "missing"
    """Null, where the column has to be given."""
    WRONG_TYPE = "wrong type"
    """No number where one is wanted, no text where one is; a boolean, a date, a list anywhere."""
    NOT_FINITE = "not a finite number"
    NOT_WHOLE = "not a whole number"
    """A fraction in an integer column; it is never cut off."""
    BEYOND_TYPE = "beyond its type"
    """A number that the storage type cannot hold, or a float too large to name one whole number."""
    TOO_LONG = "too long a text"
    NOT_ALLOWED = "not allowed"
    BELOW = "below"
    ABOVE = "above"
