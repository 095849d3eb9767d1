"""Backups in an object store: put together on this machine, then stored whole under their time.

What is here: `back_up_to_store`, `fetched` (one backup, with what later ones know of erasures), `knowing_backups`
(nothing but that).
What to add here: something that a store can do for backups and a folder cannot.
What must not be here: what goes into a backup (`making.py`), what a restore does (`restoring.py`).

A backup is one artefact: its manifest is put there last and in one piece, so one that was cut short is none. Whatever
is fetched is compared with its digest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import obstore

from credit_platform.errors import ArtefactError, BackupError, OvertakenError
from credit_platform.files.scratch import scratch_folder
from credit_platform.lakehouse.artefact_manifest import Artefact
from credit_platform.lakehouse.artefacts import ArtefactStore, Seen
from credit_platform.lakehouse.object_store import open_store
from credit_platform.lakehouse.store_errors import reaching, shown
from credit_platform.local.backup.finding import Found, find_backup
from credit_platform.local.backup.making import Backup, make_backup
from credit_platform.local.backup.manifest import HOME, MANIFEST
from credit_platform.portfolios import portfolio_names
from credit_platform.portfolios.keys import erased_artefact
from credit_platform.serving.erasures import ARTEFACTS
from credit_platform.serving.shipped_histories import ERASED_FOLDER
from credit_platform.settings import Settings

_NAME: Final = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_SETTING: Final = "the address of the backups"
_CACHE: Final = "CREDIT_PLATFORM_ARTEFACT_CACHE"
_LEFT_OVER: Final = timedelta(days=1)
"""Of what a backup left that was cut short; one that is being stored is younger."""
_KNOWS_OF_ERASURES: Final = (
    *(MANIFEST, f"{HOME}/decisions/", f"{HOME}/{ERASED_FOLDER}/"),
    *(f"{HOME}/{ARTEFACTS}/{erased_artefact(name)}/" for name in portfolio_names()),
)
Say = Callable[[str], None]


class _Backups(ArtefactStore):
    """Backups by their time."""

    setting = _SETTING


def back_up_to_store(
    settings: Settings, address: str, *, logs: bool = False, say: Say = lambda _: None
) -> tuple[str, Backup]:
    """Make a backup of the home and store it at `address`, beside those that lie there.

    It is put together in `CREDIT_PLATFORM_ARTEFACT_CACHE` first, which takes the room of the home for that time.

    Returns:
        Where it is stored, and what it is.

    Raises:
        BackupError: there is nothing to back up, something cannot be read, or the address is where the home keeps what
            is to be secured.
        StorageError: the store cannot be used, or the folder in which the backup is put together.
        ArtefactError: a file of the home has a name that no store can hold.
    """
    _require_apart(settings, address)
    store = _Backups(address, settings.artefact_cache_folder)
    store.exists("probe")  # a wrong key or bucket is told before anything is copied
    with _scratch(settings, ".backing-up-") as scratch:
        made = make_backup(settings, scratch / "backups", logs=logs, say=say)
        say(f"Storing {made.manifest.bytes / 1e6:,.1f} MB in {shown(address)}.")
        name = _put(store, made)
    _remove_left_over(store, address)
    return f"{shown(address).rstrip('/')}/{name}", made


@contextmanager
def fetched(settings: Settings, address: str, *, say: Say = lambda _: None) -> Iterator[Found]:
    """The backup at `address` (the newest of those below it) in a folder, as long as the block lasts.

    Beside it lies what later backups know of erasures, as it would in a folder of backups.

    Raises:
        BackupError: there is none, or it is not as it was stored.
        StorageError: the store cannot be used, or the folder to which it is fetched.
    """
    root, chosen = _split(address)
    store = _Backups(root, settings.artefact_cache_folder)
    names = _names(store)
    if not names or (chosen is not None and chosen not in names):
        raise BackupError(
            f"There is no backup in {shown(address)}, or only one that was never finished.",
            "Name the address that `credit-platform backup` was given, or the one that it said.",
        )
    wanted = chosen or max(names)
    with _scratch(settings, ".restoring-") as scratch:
        say(f"Fetching the backup {wanted} from {shown(address)}.")
        for name in names:
            if name >= wanted:
                _fetch(store, name, scratch / "backups" / name, whole=name == wanted)
        at = f"{shown(root.rstrip('/'))}/{wanted}"
        yield replace(find_backup(scratch / "backups" / wanted), at=at)


@contextmanager
def knowing_backups(settings: Settings, address: str) -> Iterator[list[Path]]:
    """What all backups below `address`, or the one that it names, know of erasures: a folder each, for a while.

    Raises:
        BackupError: one is not as it was stored.
        StorageError: the store cannot be used, or the folder to which it is fetched.
    """
    root, chosen = _split(address)
    store = _Backups(root, settings.artefact_cache_folder)
    names = [name for name in _names(store) if chosen in (None, name)]
    with _scratch(settings, ".asking-") as scratch:
        for name in names:
            _fetch(store, name, scratch / name, whole=False)
        yield [scratch / name for name in names]


def _split(address: str) -> tuple[str, str | None]:
    """Where backups lie, and which one of them is named, if one is."""
    root, _, last = address.rstrip("/").rpartition("/")
    return (root, last) if _NAME.fullmatch(last) else (address, None)


def _names(store: ArtefactStore) -> list[str]:
    """What the whole backups are called."""
    stored = store.keys()
    return [name for name in stored if _NAME.fullmatch(name)]


@contextmanager
def _scratch(settings: Settings, prefix: str) -> Iterator[Path]:
    """A folder for what is on its way to a store or from it."""
    cache = settings.artefact_cache_folder
    with reaching(str(cache), _CACHE):
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        with scratch_folder(cache, prefix) as scratch:
            yield scratch


def _require_apart(settings: Settings, address: str) -> None:
    """What takes a store of the home would take its backups; and tables in a backup would be taken for the home's."""
    if address.startswith("memory://"):
        raise BackupError(
            f"{address} ends with this process.", "Name a folder, or an address with s3://, gs:// or az://."
        )
    place = f"{address.rstrip('/')}/"
    roots = (settings.lakehouse_root, settings.artefact_root, settings.mlflow_artifacts or "")
    for root in roots:
        if root and place.startswith(f"{root.rstrip('/')}/"):
            raise BackupError(
                f"{shown(address)} lies in {shown(root)}, which the home uses itself.", "Name another bucket or prefix."
            )


def _put(store: ArtefactStore, made: Backup) -> str:
    """Store a backup under its time, or under the next free name where another one of the same second lies there."""
    for number in range(1, 1000):
        name = f"{made.folder.name}-{number}" if number > 1 else made.folder.name
        try:
            store.put(name, made.folder, over=Seen(None, None))
        except OvertakenError:
            continue
        return name
    raise BackupError(f"There are too many backups called {made.folder.name}.", "Try again.")


def _remove_left_over(store: ArtefactStore, address: str) -> None:
    """Remove what backups left that were cut short more than a day ago."""
    whole = {store.stat(name).prefix for name in _names(store)}
    before = datetime.now(UTC) - _LEFT_OVER
    with reaching(address, _SETTING):
        opened = open_store(address)
        paths = [
            entry["path"]
            for chunk in obstore.list(opened)
            for entry in chunk
            if entry["last_modified"] < before and _is_left_over(entry["path"], whole)
        ]
        if paths:
            obstore.delete(opened, paths)


def _is_left_over(path: str, whole: Set[str]) -> bool:
    """Whether an object is of a backup, and of none that is whole."""
    name, _, inside = path.partition("/")
    folder, slash, _ = inside.partition("/")
    return bool(slash) and _NAME.fullmatch(name) is not None and f"{name}/{folder}" not in whole


def _fetch(store: ArtefactStore, name: str, folder: Path, *, whole: bool) -> None:
    try:
        artefact: Artefact = store.stat(name)
        for member in artefact.members:
            if whole or member.name.startswith(_KNOWS_OF_ERASURES):
                store.fetch_member(artefact, member, folder / member.name)
    except ArtefactError as error:
        raise BackupError(
            f"The backup {name} is not as it was stored: {error.what} Nothing was restored.", "Restore another backup."
        ) from error
