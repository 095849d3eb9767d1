"""The fields of an application, as the service's OpenAPI document describes them.

What is here: `Field`, and reading it from the document.
What to add here: a property of a field that the form needs.
What must not be here: widgets (`views/application_form.py`), and the name of a column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_MOST = 2**53 - 1
"""Greatest whole number that a browser can hold."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an application."""

    name: str
    description: str
    kind: str
    """`integer`, `number` or `string`."""
    required: bool
    allowed: tuple[str | int, ...] = ()
    """Every valid value; empty when any value of the kind is."""
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    influenceable: bool = False
    """Whether the applicant can change it by asking for another loan."""
    sentinel: float | None = None
    """A value outside the range that stands for "unknown" or "does not apply"."""

    @property
    def is_number(self) -> bool:
        """Whether a number is typed, as opposed to a choice or a text."""
        return self.kind != "string" and not self.allowed

    @property
    def is_day(self) -> bool:
        """Whether the number is a day, counted from the application back: people give a date."""
        return self.is_number and is_day(self.unit, self.minimum)

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest valid number; a day is not after the application. The sentinel is valid beside them."""
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return low, min(high, 0.0) if self.is_day else high

    def days(self, today: date) -> tuple[date, date]:
        """First and last date that a day may be."""
        low, high = self.bounds
        return as_date(low, today), as_date(high, today)


def read_fields(document: Mapping[str, Any], *, reduced: bool) -> list[Field]:
    """Fields of an application in the order of the contract, without those that nothing reads: they are not asked.

    Args:
        document: OpenAPI document of the service.
        reduced: whether the model bears that optional fields are left out; else all that may not be null are required.
    """
    schema = document["components"]["schemas"]["Application"]
    required = set(schema["required"])
    return [
        _field(name, declared, required=name in required or not (reduced or _nullable(declared)))
        for name, declared in schema["properties"].items()
        if declared.get("x-used", True)
    ]


def _nullable(declared: Mapping[str, Any]) -> bool:
    """Whether the contract knows null here: what a reduced application may leave out, it does not."""
    return not declared.get("x-left-out-if-reduced") and any(
        option.get("type") == "null" for option in _options(declared)
    )


def _options(declared: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of a schema, those inside others included."""
    if "anyOf" not in declared:
        return [declared]
    return [inner for option in declared["anyOf"] for inner in _options(option)]


def _field(name: str, declared: Mapping[str, Any], *, required: bool) -> Field:
    options = _options(declared)
    main = next(option for option in options if option.get("type") not in (None, "null"))
    # A value that stands for "unknown" is valid beside the range.
    sentinels = [option["const"] for option in options if isinstance(option.get("const"), int | float)]
    low, high = main.get("minimum"), main.get("maximum")
    if low is not None and high is not None:
        low, high = max(low, -_MOST), min(high, _MOST)
    unit = declared.get("x-unit")
    return Field(
        name=name,
        description=str(declared.get("description", "")).removesuffix(f" Unit: {unit}."),
        kind=main["type"],
        required=required,
        allowed=(*main["enum"], *sentinels) if "enum" in main else (),
        minimum=low,
        maximum=high,
        unit=unit,
        influenceable=bool(declared.get("x-influenceable", False)),
        sentinel=sentinels[0] if sentinels else None,
    )


def is_day(unit: str | None, minimum: float | None) -> bool:
    """Whether a column counts days before the application: 0 is its day, -365 a year before."""
    return unit == "days" and minimum is not None and minimum < 0


def as_date(days: float, today: date) -> date:
    """The date of a day that is counted from `today`."""
    return today + timedelta(days=int(days))


def as_typed(field: Field, value: object) -> object:
    """A value of a widget or a table in the type that the service wants; what is no such value stays as it is."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        whole = field.kind == "integer" and float(value).is_integer()
        return int(value) if whole else value if field.kind == "integer" else float(value)
    return value
