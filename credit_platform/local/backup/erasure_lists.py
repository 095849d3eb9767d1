"""Where it is found who was erased since a backup was made.

What is here: `Known`, `known_in_home`, `known_in_store`, `known_in_backups`.
What to add here: another place that keeps a list of erasures.
What must not be here: carrying them out (`serving/erasures.py`), what `--erasures` names (`named_erasures.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from credit_platform.errors import BackupError
from credit_platform.lakehouse.object_store import folder_of
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.store_errors import shown
from credit_platform.local.backup.contents import DECISIONS, REPLACED
from credit_platform.local.backup.databases import open_reading
from credit_platform.local.backup.finding import Found, backups_in
from credit_platform.local.backup.manifest import HOME, MANIFEST
from credit_platform.serving.erasures import (
    ARTEFACTS,
    Marks,
    Place,
    kept_lists,
    lists_of,
    merge,
)
from credit_platform.settings import Settings

_WRITERS: Final = "SELECT writer FROM decisions UNION SELECT writer FROM removed_decisions"
_ERASED: Final = """
SELECT gone.writer, gone.sequence FROM removed_decisions AS gone
JOIN removals AS act ON act.id = gone.removal_id WHERE act.kind = 'erasure'
"""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Who was erased, as one place knows it."""

    where: str
    """For people."""
    lists: Mapping[str, Marks] = field(default_factory=dict)
    """Marks by portfolio."""
    places: Sequence[Place] = ()
    """Rows that its decision log erased."""

    @property
    def people(self) -> int:
        """How many persons its lists name: each stands in the list of every portfolio."""
        return max((len(marks) for marks in self.lists.values()), default=0)


def merged_lists(known: Iterable[Known]) -> dict[str, dict[str, datetime | None]]:
    """All lists together, by portfolio."""
    found: dict[str, dict[str, datetime | None]] = {}
    for one in known:
        for portfolio, marks in one.lists.items():
            found[portfolio] = merge(found.get(portfolio, {}), marks)
    return found


def known_in_home(home: Path, where: str) -> Known | None:
    """What a home knows; None where it never held a decision or a list.

    Raises:
        BackupError: something cannot be read.
    """
    log = home / DECISIONS
    try:
        lists = lists_of(home)
        if not log.is_file() and not lists:
            return None
        return Known(where=where, lists=lists, places=_places_in(log))
    except (OSError, UnicodeDecodeError, sqlite3.Error) as error:
        raise BackupError(f"The erasures in {home} cannot be read: {error}.", "Mend that, or move it away.") from error


def known_in_store(settings: Settings) -> list[Known]:
    """What the artefact store knows, where it lies outside the home and so is in no backup.

    Raises:
        ArtefactError: a list was altered.
        StorageError: the store cannot be read.
    """
    shelf = Shelf.of(settings)
    if folder_of(shelf.root) == shelf.home / ARTEFACTS:
        return []
    lists = kept_lists(shelf)
    return [Known(where=f"the artefacts in {shown(shelf.root)}", lists=lists)] if lists else []


def known_in_replaced(home: Path, found: Found) -> list[Known]:
    """What the home knows that is to be replaced, and those before it that it keeps, where they are of the backup's.

    Another home's erasures are of other people: a key may mean somebody else there.
    """
    folders = [home, *sorted((home / REPLACED).glob("*"))]
    same_place = found.manifest.home == str(home)
    related = [folder for folder in folders if same_place or _is_related(folder, found)]
    known = (known_in_home(folder, f"the home that was replaced ({folder})") for folder in related)
    return [one for one in known if one is not None]


def known_in_backups(found: Found) -> list[Known]:
    """What later backups of the same home know that lie beside the one that is restored."""
    own = found.manifest
    later = [
        one
        for one in backups_in(found.folder.parent)
        if one.manifest.made_at > own.made_at
        and ((one.manifest.home, one.manifest.host) == (own.home, own.host) or _is_related(one.folder / HOME, found))
    ]
    known = (known_in_home(one.folder / HOME, f"the later backup {one.folder.name}") for one in later)
    return [one for one in known if one is not None]


def _is_related(home: Path, found: Found) -> bool:
    """Whether the logs of a home and of a backup have a writer in common."""
    return bool(_writers_in(home / DECISIONS) & _writers_in(found.folder / HOME / DECISIONS))


def _writers_in(log: Path) -> set[str]:
    if not log.is_file():
        return set()
    try:
        with closing(open_reading(log, nobody_writes=_is_of_a_backup(log))) as database:
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "removals" not in names:
                return set()
            return {writer for (writer,) in database.execute(_WRITERS) if writer is not None}
    except sqlite3.Error as error:
        raise BackupError(f"The decision log {log} cannot be read: {error}.", "Mend that, or move it away.") from error


def _places_in(log: Path) -> list[Place]:
    if not log.is_file():
        return []
    with closing(open_reading(log, nobody_writes=_is_of_a_backup(log))) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"removed_decisions", "removals"} <= names:  # of a version before the chain
            return []
        return [(writer, sequence) for writer, sequence in database.execute(_ERASED)]


def _is_of_a_backup(log: Path) -> bool:
    return (log.parents[2] / MANIFEST).is_file()
