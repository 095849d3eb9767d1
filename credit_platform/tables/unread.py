"""Which raw tables are not what their newest file says, because it was damaged or refused, or has to wait for another.

What is here: `note_unread`, `note_read`, `unread_tables`.
What to add here: another thing worth knowing of a file that was not put in force.
What must not be here: what a person reads (`quality_page.py`).

A damaged file leaves no version behind, so that it is noted: a small text per table, stored by key. A note holds
until the table is read, or a newer version is in force, whoever put it there.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.artefact_changes import change_text, text_of
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

FOLDER = "unread"


class _Note(TypedDict):
    reason: str
    at: str
    """When it was noted (UTC)."""
    waits_for: str | None
    """The table that holds this one up; None when its own file is at fault."""


def note_unread(portfolio: Portfolio, settings: Settings, lakehouse: Lakehouse, name: str, reason: str) -> None:
    """Note why the file of table `name` was not put in force, and that those which wait for it were not either."""
    at = datetime.now(UTC).isoformat()
    _write(portfolio, settings, name, _Note(reason=reason, at=at, waits_for=None))
    known = _standing(portfolio, settings, lakehouse)
    for held, parent in held_up(portfolio, name).items():
        if held not in known or known[held]["waits_for"] is not None:
            said = f"It waits for {parent}, which was not put in force."
            _write(portfolio, settings, held, _Note(reason=said, at=at, waits_for=parent))


def note_read(portfolio: Portfolio, settings: Settings, name: str) -> bool:
    """Forget the note on table `name`, whose file was read; whether there was one."""
    before, shelf = _path(portfolio, settings, name), Shelf.of(settings)
    noted = before.exists()
    before.unlink(missing_ok=True)
    return (shelf.is_used and shelf.store.delete(_key(portfolio, name))) or noted


def unread_tables(portfolio: Portfolio, settings: Settings, lakehouse: Lakehouse) -> dict[str, str]:
    """Tables whose newest file is not in force, each with the reason."""
    return {name: note["reason"] for name, note in _standing(portfolio, settings, lakehouse).items()}


def held_up(portfolio: Portfolio, damaged: str) -> dict[str, str]:
    """Tables that are not read while `damaged` is not in force, however far down; each with the one it waits for."""
    held: dict[str, str] = {}
    # A table may come before the one it waits for, so look until nothing new is found.
    while waiting := {
        table.name: parent
        for table in portfolio.tables
        for parent in sorted(portfolio.read_before(table))
        if table.name != damaged and table.name not in held and (parent == damaged or parent in held)
    }:
        held |= waiting
    return held


def _standing(portfolio: Portfolio, settings: Settings, lakehouse: Lakehouse) -> dict[str, _Note]:
    """Notes that nothing has overtaken: no newer version, and what a table waits for is not in force either."""
    found = {table.name: _read(portfolio, settings, table.name) for table in portfolio.tables}
    notes: dict[str, _Note] = {name: json.loads(text) for name, text in found.items() if text}
    standing = {name: note for name, note in notes.items() if not _overtaken(portfolio, lakehouse, name, note)}
    while gone := [name for name, note in standing.items() if note["waits_for"] not in (None, *standing)]:
        standing = {name: note for name, note in standing.items() if name not in gone}
    return standing


def _overtaken(portfolio: Portfolio, lakehouse: Lakehouse, name: str, note: _Note) -> bool:
    newest = lakehouse.latest(raw_key(portfolio.name, name))
    return newest is not None and newest.timestamp > datetime.fromisoformat(note["at"])


def _key(portfolio: Portfolio, name: str) -> str:
    return f"{portfolio.name}/{FOLDER}/{name}.json"


def _read(portfolio: Portfolio, settings: Settings, name: str) -> str:
    """A note; "" where there is none."""
    shelf, before = Shelf.of(settings), _path(portfolio, settings, name)
    kept = text_of(shelf.store, _key(portfolio, name)) if shelf.is_used else ""
    return kept or (before.read_text(encoding="utf-8") if before.exists() else "")


def _path(portfolio: Portfolio, settings: Settings, name: str) -> Path:
    """Where a version before keys kept a note."""
    folder: Path = settings.reports_folder(portfolio.name)
    return folder / FOLDER / f"{name}.json"


def _write(portfolio: Portfolio, settings: Settings, name: str, note: _Note) -> None:
    text = json.dumps(note, ensure_ascii=False)
    # Steps of one run may be processes of their own, and read each other's notes.
    change_text(Shelf.of(settings).store, _key(portfolio, name), lambda _: text)
