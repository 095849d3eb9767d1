"""What a field takes, and what is wrong with what stands in it, as sentences.

What is here: the contract of a field in the language of the page.
What to add here: the sentence of another fault.
What must not be here: deciding what is a fault (`typed.py`), and drawing.
"""

from __future__ import annotations

from datetime import date

from credit_platform.console.form import Field, as_date
from credit_platform.console.texts import Texts
from credit_platform.console.typed import LONGEST, Fault

_OWN = frozenset({"missing", "number", "separators", "date", "refused"})
"""Faults that have a sentence before that of the contract."""
_DATE = "%d/%m/%Y"
"""As dates are typed, in both languages."""
_HUGE = 1e15
"""Bounds beyond this are those of the storage, and say nothing to people."""


def wanted(field: Field, texts: Texts, today: date) -> str:
    """What a valid value of the field is."""
    if field.allowed:
        return texts("wanted_choice")
    if field.is_day:
        first, last = field.days(today)
        return texts("wanted_date", low=f"{first:{_DATE}}", high=f"{last:{_DATE}}")
    if not field.is_number:
        return texts("wanted_text", most=LONGEST)
    low, high = field.bounds
    kind = "wanted_whole" if field.kind == "integer" else "wanted_number"
    unit = texts.unit(field.unit)
    values = {"low": exact(low, texts), "high": exact(high, texts), "unit": f" ({unit})" if unit else ""}
    if abs(low) < _HUGE and abs(high) < _HUGE:
        return texts(kind, **values)
    if abs(low) < _HUGE:
        return texts(f"{kind}_least", **values)
    return texts(f"{kind}_any", **values)


def fault_sentence(field: Field, fault: Fault, texts: Texts, today: date) -> str:
    """What is wrong, and what a valid value is."""
    # No fraction is proposed where none is taken.
    said_as = "separators_whole" if fault == "separators" and field.kind == "integer" else fault
    own = f"{texts(f'fault_{said_as}')} " if fault in _OWN else ""
    return own + wanted(field, texts, today)


def said(field: Field, value: object, texts: Texts, day: date) -> str:
    """A value with its unit, as people say it; a day as the date that it was on `day`."""
    if not isinstance(value, int | float) or field.allowed or value == field.sentinel:
        return texts.value(field.name, value)
    if field.is_day:
        return texts.day(as_date(value, day))
    unit = texts.unit(field.unit)
    scale = any(letter.isdigit() for letter in unit)  # which the label explains
    return exact(value, texts) if scale or not unit else f"{exact(value, texts)} {unit}"


def whole(name: str, value: object, texts: Texts) -> str:
    """A value of a column as people say it, a number with all of its digits."""
    shown = texts.value(name, value)
    return exact(value, texts) if isinstance(value, int | float) and shown == texts.number(value) else shown


def exact(value: float, texts: Texts) -> str:
    """A number with every digit that it has, in the language of the page."""
    fraction = f"{value:.15g}".partition(".")[2] if abs(value) < _HUGE else ""
    decimals = 2 if "e" in fraction else len(fraction)
    return texts.number(value, decimals)
