"""Where a Bento lies: stored by key for good, and in the home while it is built and served.

What is here: `keep_bento` (into the store), `bring_bento` (out of it), `forget_erased` (who was erased from what is
stored), the folder of the home in between.
What to add here: another part of a Bento that is stored on its own.
What must not be here: building (`bentos.py`), starting services (`local/`).

What is stored never changes: code, scorer, requirements. Two things in a Bento do: when it was promoted, which the
table `serving/bento` knows, and the stored histories, out of which people are erased; those are an artefact of their
own.
The folder below `<home>/bentos` is put together of the three, and may be deleted while no service runs from it.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from credit_platform.files.durable import make_folder, replace_synced, write_synced
from credit_platform.files.scratch import scratch_folder
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import bento_artefact, bento_name, histories_artefact
from credit_platform.scoring.folder import PROMOTION
from credit_platform.scoring.served_source import record_promotion
from credit_platform.scoring.stored_histories import FOLDER as HISTORIES
from credit_platform.scoring.stored_histories import (
    ROWS,
    ROWS_DIGEST,
    HistoriesFacts,
    erase_applicants,
    known_applicants,
    rows_state,
)

_ENDING = "_scoring"
_CAUGHT_UP = "stored_rows.sha256"
"""File with the digest of the stored rows of whose people these are."""


@dataclass(frozen=True, kw_only=True)
class BentoPlace:
    """What has to be known of a Bento to bring it to this machine."""

    tag: str
    """`name:version`."""
    histories: str | None
    """Digest of the stored histories that belong to it; None for none."""
    promoted_at: str | None
    """When its scorer was promoted; ISO 8601."""
    promoted_by: str | None = None
    """Id of the run that promoted it."""

    @property
    def portfolio(self) -> str:
        """Whose it is."""
        return self.tag.partition(":")[0].removesuffix(_ENDING)

    @property
    def key(self) -> str:
        """Key of its code and scorer."""
        return bento_artefact(self.portfolio, self.tag.partition(":")[2])

    @property
    def histories_key(self) -> str | None:
        """Key of its stored histories."""
        return None if self.histories is None else histories_artefact(self.portfolio, self.histories)

    def folder(self, home: Path) -> Path:
        """Where it is put together in a home."""
        name, _, version = self.tag.partition(":")
        return home / "bentos" / "bentos" / name / version


def keep_bento(shelf: Shelf, place: BentoPlace) -> str:
    """Store the Bento that lies in the home, and its histories where there are any; returns its key."""
    folder = place.folder(shelf.home)
    with scratch_folder(shelf.home / "bentos", ".keep-") as scratch:
        whole = shutil.copytree(folder, scratch / "bento", ignore=_leave_out(folder / "src"))
        shelf.store.put(place.key, whole)
    rows = folder / "src" / HISTORIES
    if place.histories_key is not None and not shelf.store.exists(place.histories_key):
        shelf.store.put(place.histories_key, rows)
    return place.key


def bring_bento(shelf: Shelf, place: BentoPlace) -> Path:
    """The folder of a stored Bento in the home; fetched where it is not there.

    What is there is left as it is: whether it is whole is asked by whoever starts a service from it. Only whoever was
    erased from the stored histories since is erased here, too; histories that still differ then are fetched again.

    Raises:
        ArtefactError: it is not there, nor stored; or what is stored was altered.
    """
    folder = place.folder(shelf.home)
    if not folder.is_dir():
        _fetch(shelf, place, folder)
    elif (key := place.histories_key) is not None and not _holds(shelf, key, folder / "src" / HISTORIES):
        rows = folder / "src" / HISTORIES
        _catch_up(shelf, key, rows)
        if not _holds(shelf, key, rows):
            _fetch_histories(shelf, key, folder / "src")
    return folder


def forget_erased(shelf: Shelf, portfolio: str) -> int:
    """Erase from the histories in this home whoever was erased from the stored ones, by this host or another one.

    In their place, so that a service that reads them finds these people no longer. Where nobody was erased since, it
    costs reading one manifest for each Bento that lies here.

    Returns:
        How many rows went.

    Raises:
        ArtefactError: what is stored was altered.
        ScorerError: histories cannot be read or written.
        StorageError: the store cannot be reached.
    """
    removed = 0
    for rows in sorted((shelf.home / "bentos" / "bentos" / bento_name(portfolio)).glob(f"*/src/{HISTORIES}")):
        key = histories_artefact(portfolio, HistoriesFacts.read(rows).digest)
        if shelf.store.exists(key) and not _holds(shelf, key, rows):
            removed += _catch_up(shelf, key, rows)
    return removed


def _fetch(shelf: Shelf, place: BentoPlace, folder: Path) -> None:
    stored = shelf.store.local(place.key)
    make_folder(folder.parent)
    with scratch_folder(shelf.home / "bentos", ".fetch-") as scratch:
        fresh = shutil.copytree(stored, scratch / "bento")
        record_promotion(fresh / "src", place.promoted_at, place.promoted_by)
        if place.histories_key is not None:
            shutil.copytree(shelf.store.local(place.histories_key), fresh / "src" / HISTORIES)
        try:
            replace_synced(fresh, folder)
        except OSError:
            if not folder.is_dir():  # else another process was first, with an equal one
                raise


def _holds(shelf: Shelf, key: str, folder: Path) -> bool:
    """Whether the rows in `folder` are those that are stored now."""
    noted = [folder / name for name in (ROWS_DIGEST, _CAUGHT_UP) if (folder / name).is_file()]
    return _stored_rows(shelf, key) in [file.read_text(encoding="utf-8").strip() for file in noted]


def _stored_rows(shelf: Shelf, key: str) -> str:
    """Digest of the rows that are stored now."""
    return next(member.digest for member in shelf.store.stat(key).members if member.name == ROWS)


def _catch_up(shelf: Shelf, key: str, folder: Path) -> int:
    """Erase in their place the rows that are not stored any more; returns how many.

    The same people in two files make no equal bytes, so it is noted which stored rows these are the same as.
    """
    if rows_state(folder)[0] != "whole":
        return 0  # nobody knows what else is not as it is stored
    stored = _stored_rows(shelf, key)
    kept = set(known_applicants(shelf.store.local(key)))
    here = set(known_applicants(folder))
    removed = erase_applicants(folder, here - kept) if here - kept else 0
    if kept <= here:
        write_synced(folder / _CAUGHT_UP, f"{stored}\n".encode())
    return removed


def _fetch_histories(shelf: Shelf, key: str, source: Path) -> None:
    stored = shelf.store.local(key)
    with scratch_folder(shelf.home / "bentos", ".fetch-") as scratch:
        fresh = shutil.copytree(stored, scratch / HISTORIES)
        aside = scratch / uuid.uuid4().hex
        if (source / HISTORIES).is_dir():
            (source / HISTORIES).rename(aside)
        replace_synced(fresh, source / HISTORIES)


def _leave_out(source: Path) -> Callable[[str, list[str]], set[str]]:
    """What is not stored with the code: `promotion.json` and the histories."""

    def names(folder: str, _: list[str]) -> set[str]:
        return {PROMOTION, HISTORIES} if Path(folder) == source else set()

    return names
