"""What somebody typed into a field: the value the service would get, or why there is none.

What is here: `read`, the one way from a text to a value, `Invalid`, and `fault_of`, which judges a value.
What to add here: a way in which people write a value.
What must not be here: widgets, sentences (`wanted.py`), the name of a column. What a value may be the contract says.

Fields for numbers and dates of the browser keep a value beyond their range to themselves and leave the last valid one
with the program: a decision would be about another value than the one on the screen. So these are texts.

Numbers are written as people do: `1 500`, `1 500,50`, `1500.50`; in English a comma separates thousands (`1,500`), in
French it is the decimal sign. What can be read in two ways (`1.500` in French) is not guessed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from credit_platform.console.form import Field, as_date

Fault = Literal["missing", "choice", "number", "separators", "whole", "range", "date", "date_range", "long", "refused"]
LONGEST = 256
"""Letters of the longest text that the service takes."""
_SPACES = "[ \u00a0\u2009\u202f\u2007]"
_NUMBER = re.compile(
    rf"(?P<sign>[+\-\u2212]?)(?P<whole>[0-9]+|[0-9]{{1,3}}(?:{_SPACES}[0-9]{{3}})+)?(?P<rest>[.,0-9]*)"
)
_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_DAY = re.compile(r"(?P<d>[0-9]{1,2})[/. -](?P<m>[0-9]{1,2})[/. -](?P<y>[0-9]{4})")
_ISO_DAY = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})")
_LONGEST_NUMBER = 400
_GROUPED_FROM = 5
"""Digits of a number that is written in groups of three."""


@dataclass(frozen=True)
class Invalid:
    """A text that gives no value, kept so that it stays on the screen."""

    text: str
    fault: Fault


def read(field: Field, text: str | None, language: str, today: date) -> object:
    """The value of what was typed: None for an empty field, `Invalid` where there is no valid value.

    Args:
        field: what was asked.
        text: as typed.
        language: of the page; it says what a comma and a point mean.
        today: day of the application, from which dates are counted.
    """
    stripped = (text or "").strip()
    if not stripped:
        return None
    value = _value(field, stripped, language, today)
    fault = value if isinstance(value, _Bad) else fault_of(field, value)
    if fault is None:
        return value
    return Invalid(text or "", fault.why if isinstance(fault, _Bad) else fault)


def fault_of(field: Field, value: object) -> Fault | None:
    """Why a value is not one that the field may have; None when it is. None is a value: nothing given."""
    if isinstance(value, Invalid):
        return value.fault
    if value is None:
        return "missing" if field.required else None
    if field.sentinel is not None and value == field.sentinel:
        return None
    if field.allowed:
        return None if value in field.allowed else "choice"
    if isinstance(value, str):
        return "long" if len(value) > LONGEST else None
    return _number_fault(field, value)


def _number_fault(field: Field, value: object) -> Fault | None:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "number"
    if field.kind == "integer" and value != int(value):
        return "whole"
    low, high = field.bounds
    if low <= value <= high:
        return None
    return "date_range" if field.is_day else "range"


def written(field: Field, value: object, language: str, today: date) -> str:
    """A value as it stands in its field; `read` of it gives the value again."""
    if isinstance(value, Invalid):
        return value.text
    if value is None:
        return ""
    if field.is_day and isinstance(value, int | float) and value != field.sentinel:
        day = as_date(value, today)
        return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
    if isinstance(value, int | float):
        text = str(int(value)) if value == int(value) else _plain(value)
        return grouped(text, language)
    return str(value)


def grouped(plain: str, language: str) -> str:
    """Digits as the language writes them; thousands are set apart from five digits on: 2026 may be a year."""
    whole, point, fraction = plain.partition(".")
    if len(whole.lstrip("-")) >= _GROUPED_FROM:
        whole = f"{int(whole):,}" if language == "en" else f"{int(whole):,}".replace(",", "\u202f")
    return whole + ("," if language == "fr" and point else point) + fraction


@dataclass(frozen=True)
class _Bad:
    why: Fault


def _value(field: Field, text: str, language: str, today: date) -> object:
    if field.is_day:
        return _days(text, today)
    if not field.is_number:
        return text
    number = _number(text, language)
    if isinstance(number, float) and field.kind == "integer" and number == int(number):
        return int(number)
    if isinstance(number, int) and field.kind != "integer":
        return float(number)
    return number


def _number(text: str, language: str) -> int | float | _Bad:
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > _LONGEST_NUMBER:
        return _Bad("number")
    whole, rest = match["whole"] or "", match["rest"]
    if not whole and not rest.strip(".,"):
        return _Bad("number")
    plain = _plain_number(re.sub(_SPACES, "", whole) + rest, language, grouped=re.search(_SPACES, whole) is not None)
    if plain is None:
        return _Bad("separators")
    signed = ("-" if match["sign"] in ("-", "\u2212") else "") + plain
    return int(signed) if signed.lstrip("-").isdigit() else float(signed)


def _plain_number(digits: str, language: str, *, grouped: bool) -> str | None:
    """Digits with a point or none; None where it is not certain which number is meant."""
    if digits.count(",") + digits.count(".") == 0:
        return digits
    if language == "fr":
        # A point is what number pads give; before three digits it could as well separate thousands.
        unsure = re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", digits) is not None and not grouped
        decimal = digits.replace(",", ".")
        return None if unsure or decimal.count(".") > 1 else decimal
    if _GROUPS.fullmatch(digits) and not grouped and not digits.startswith("0"):
        return digits.replace(",", "")
    return None if "," in digits or digits.count(".") > 1 else digits


def _days(text: str, today: date) -> int | _Bad:
    match = _DAY.fullmatch(text) or _ISO_DAY.fullmatch(text)
    if match is None:
        return _Bad("date")
    try:
        return (date(int(match["y"]), int(match["m"]), int(match["d"])) - today).days
    except ValueError:  # the 31st of February
        return _Bad("date")


def _plain(value: float) -> str:
    """A fraction without an exponent, and not a digit lost."""
    return f"{Decimal(repr(value)):f}"
