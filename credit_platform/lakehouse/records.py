"""What stands beside the rows of a table, as a typed record: written as a summary, checked when it is read back.

What is here: `Record`, from which the record of each table is derived in the room that makes the table; `value_at`, for
documents.
What to add here: nothing of a particular table.
What must not be here: the records themselves (`quality`, `features`, `modelling/records.py`, `governance/records.py`,
`serving/records.py`).

A record is a frozen dataclass whose fields are the keys of the summary. Marks on a field's type, as in
`Annotated[DecisionRule, SPREAD]`, say what differs from that. What else a summary holds (the verdicts on a table) is
not the record's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Self, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from credit_platform.errors import RecordError
from credit_platform.lakehouse.versions import StoredTable, plain_value
from credit_platform.portfolios.keys import champion_key, command_of, decision_key, is_whole, split_key


class Mark(Enum):
    """How a field stands in a summary, where it is not under a key of its own name."""

    SPREAD = "spread"
    """The field is a dataclass whose own fields are keys of the summary; one that is None has none."""
    SPREAD_WHOLE = "spread whole"
    """The same, with a key also for what is None."""
    LEFT_OUT = "left out"
    """The field has no key where it is None, as in tables of before it was invented."""


SPREAD, SPREAD_WHOLE, LEFT_OUT = Mark.SPREAD, Mark.SPREAD_WHOLE, Mark.LEFT_OUT


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """Base of the records."""

    def to_summary(self) -> dict[str, Any]:
        """The summary to store, of what JSON knows: exactly what will be read back."""
        found: dict[str, Any] = {}
        for name, mark in _shape(type(self)).marks.items():
            found |= _keys_of(name, getattr(self, name), mark)
        plain: dict[str, Any] = json.loads(json.dumps(found, default=plain_value))
        return plain

    @classmethod
    def from_summary(cls, summary: Mapping[str, Any], table: str = "a table") -> Self:
        """The record that `summary` holds.

        Args:
            summary: as stored, or about to be.
            table: its key, and its version where it has one, for the message.

        Raises:
            RecordError: a field is missing or of another type.
        """
        given = _given(cls, summary)
        try:
            # By way of JSON, because there a list may be a tuple, while a text is no number.
            found: Self = _shape(cls).adapter.validate_json(json.dumps(given, default=plain_value), strict=True)
        except ValidationError as error:
            raise _unreadable(cls, table, error) from error
        return found

    @classmethod
    def of(cls, stored: StoredTable) -> Self:
        """The record of a stored table.

        Raises:
            RecordError: a field is missing or of another type.
        """
        return cls.from_summary(stored.summary, _named(stored))


def value_at(stored: StoredTable, path: str) -> Any:
    """The value at an address inside of a summary, such as `holdout_metrics.auc` or `families.0.share`.

    For documents, which keep the address of each figure beside it; whoever needs a value reads the record.

    Raises:
        RecordError: there is no such value.
    """
    value: Any = stored.summary
    for step in path.split("."):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            missing = f"The record of {_named(stored)} does not fit: {path} is missing."
            raise RecordError(missing, _cure(stored.version.key)) from None
    return value


def _named(stored: StoredTable) -> str:
    return f"{stored.version.key} version {stored.version.version}"


def _keys_of(name: str, value: Any, mark: Mark | None) -> dict[str, Any]:
    """What a field is in the summary."""
    if mark in (Mark.SPREAD, Mark.SPREAD_WHOLE):
        parts = {part.name: getattr(value, part.name) for part in fields(value)}
        return {key: part for key, part in parts.items() if part is not None or mark is Mark.SPREAD_WHOLE}
    return {} if value is None and mark is Mark.LEFT_OUT else {name: value}


def _given(kind: type[Record], summary: Mapping[str, Any]) -> dict[str, Any]:
    """What the summary holds of the fields, each under its name."""
    given: dict[str, Any] = {}
    for name, mark in _shape(kind).marks.items():
        if mark in (Mark.SPREAD, Mark.SPREAD_WHOLE):
            parts = fields(_shape(kind).types[name])
            given[name] = {part.name: summary[part.name] for part in parts if part.name in summary}
        elif name in summary:
            given[name] = summary[name]
    return given


@dataclass(frozen=True)
class _Shape:
    """What is known of a kind of record, found out once."""

    adapter: TypeAdapter[Any]
    types: dict[str, Any]
    """Type of each field, without marks."""
    marks: dict[str, Mark | None]
    """Mark of each field, in their order."""


_SHAPES: dict[Any, _Shape] = {}


def _shape(kind: Any) -> _Shape:
    if kind not in _SHAPES:
        marked = get_type_hints(kind, include_extras=True)
        marks = {
            each.name: next((mark for mark in get_args(marked[each.name]) if isinstance(mark, Mark)), None)
            for each in fields(kind)
        }
        _SHAPES[kind] = _Shape(adapter=TypeAdapter(kind), types=get_type_hints(kind), marks=marks)
    return _SHAPES[kind]


def _unreadable(kind: type[Record], table: str, error: ValidationError) -> RecordError:
    first = error.errors(include_url=False, include_input=False)[0]
    aside = {name for name, mark in _shape(kind).marks.items() if mark in (Mark.SPREAD, Mark.SPREAD_WHOLE)}
    place = ".".join(str(step) for step in first["loc"] if step not in aside) or "the whole"
    wrong = "is missing" if first["type"] == "missing" else f"cannot be read: {_sentence(first['msg'])}"
    return RecordError(f"The record of {table} does not fit: {place} {wrong}.", _cure(table))


def _sentence(said: str) -> str:
    return said[:1].lower() + said[1:].rstrip(".")


def _cure(table: str) -> str:
    """What to do, by the table's name: a run makes most tables again, but not the record of who promoted what."""
    key, why = table.partition(" ")[0], "It was made by another version of the platform, or altered since."
    if not is_whole(key):
        return f"{why} Make it again: run its portfolio."
    portfolio = split_key(key).portfolio
    if key in (champion_key(portfolio), decision_key(portfolio)):
        return f"{why} No run makes it again: restore the table {key} from a backup."
    return f"{why} Make it again: {command_of(key)}."
