"""Making a backup of a home, while it is used.

What is here: `make_backup` and what it returns.
What to add here: the place of a new kind of state in the order of copying.
What must not be here: words for people (`cli/backup.py`).

The order makes whole what was copied at different moments: checkpoints first, for what they vouch for must be there;
then the newest version of every table, all of one moment; and after these what tables name: databases, scorers, Bentos,
documents, none of which is changed once a table names it.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from credit_platform.environment import UNFINISHED_RESTORE
from credit_platform.errors import BackupError, CreditPlatformError
from credit_platform.files.durable import sync_folder, sync_tree
from credit_platform.files.scratch import scratch_folder
from credit_platform.lakehouse.artefact_manifest import MANIFEST as ARTEFACT
from credit_platform.lakehouse.artefact_manifest import Artefact
from credit_platform.local.backup.bentos import BENTOS, copy_bentos
from credit_platform.local.backup.contents import DECISIONS, SQLITE, elsewhere, files_of_home, lies_inside, place_in
from credit_platform.local.backup.copying import Draft, unwritable
from credit_platform.local.backup.databases import (
    CHECKPOINTS,
    copy_checkpoints,
    copy_database,
    copy_decisions,
    is_database,
)
from credit_platform.local.backup.finding import backups_in
from credit_platform.local.backup.manifest import Entry, Manifest
from credit_platform.local.backup.tables import copy_table, table_heads
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.portfolios import portfolio_names
from credit_platform.serving.promoted import promoted_bento
from credit_platform.settings import Settings

_MAKING: Final = ".making-"
_PLAIN: Final = ("raw", "reports", "scorers", "mlflow/artifacts")
"""Below these lies nothing that is written to twice, whatever its first bytes."""
_ATTEMPTS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup that was made."""

    folder: Path
    manifest: Manifest
    linked: int
    """Bytes that the backup before held already, and that take no further room."""


def make_backup(
    settings: Settings, target: Path, *, logs: bool = False, say: Callable[[str], None] = lambda _: None
) -> Backup:
    """Make a dated backup of the home in a folder, beside those that lie there.

    Args:
        settings: whose home.
        target: folder of backups; made if need be.
        logs: whether the logs of processes go in, too.
        say: is told what is being done.

    Raises:
        BackupError: there is nothing to back up, `target` lies in the home or cannot be written, or something in the
            home cannot be read. No backup was made then.
    """
    home = settings.home.resolve()
    _require(home, target)
    made_at = datetime.now(UTC)
    try:
        with scratch_folder(target, _MAKING) as scratch:
            folder = scratch / uuid.uuid4().hex
            folder.mkdir(mode=0o700)
            draft = _draft(folder, target)
            manifest = _fill(draft, settings, home, made_at, logs=logs, say=say)
            say("Waiting until everything is on the disk.")
            manifest.write(folder)
            sync_tree(folder)
            final = _free_name(target, made_at)
            folder.rename(final)
            sync_folder(target)
    except OSError as error:
        raise unwritable(target, error) from error
    return Backup(folder=final, manifest=manifest, linked=draft.linked)


def _require(home: Path, target: Path) -> None:
    if not home.is_dir() or next(files_of_home(home), None) is None:
        raise BackupError(f"There is nothing to back up in {home}.", "Set CREDIT_PLATFORM_HOME to the home.")
    if (home / UNFINISHED_RESTORE).exists():
        raise BackupError(f"A restore of {home} was cut short.", "Restore again: credit-platform restore.")
    if lies_inside(target, home):
        raise BackupError(
            f"{target} lies in the home {home}: what takes the home would take its backup.", "Name a folder elsewhere."
        )
    if target.exists() and not target.is_dir():
        raise BackupError(f"{target} is no folder.", "Name a folder, in which each backup gets one of its own.")


def _draft(folder: Path, target: Path) -> Draft:
    """A draft beside the newest backup that can be read."""
    newest = next(iter(backups_in(target)), None)
    if newest is None:
        return Draft(folder, target, None, {})
    known: dict[str, Entry] = {entry.path: entry for entry in newest.manifest.files}
    return Draft(folder, target, newest.folder, known)


def _fill(
    draft: Draft, settings: Settings, home: Path, made_at: datetime, *, logs: bool, say: Callable[[str], None]
) -> Manifest:
    store = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    copy_checkpoints(draft, store.checkpoints.parent / "promotions")
    tables, artefacts = place_in(home, settings.lakehouse_root), place_in(home, settings.artefact_root)
    heads = {} if tables is None else table_heads(home / tables)
    say(f"Copying {len(heads)} tables.")
    taken = {key: copy_table(draft, home, f"{tables}/{key}", head) for key, head in heads.items()}
    say("Copying the decision log, the databases and the rest.")
    decisions, log = _copy_decisions(draft, settings, home)
    if artefacts is not None:
        _copy_artefacts(draft, home, artefacts)
    apart = {one for one in (tables, artefacts, BENTOS) if one is not None}
    remarks = _copy_rest(draft, home, apart | log, logs=logs)
    remarks += copy_bentos(draft, home, _promoted(settings) if heads else set())
    return Manifest(
        made_at=made_at,
        host=socket.gethostname(),
        home=str(home),
        tables=taken,
        decisions=decisions,
        files=tuple(draft.entries.values()),
        elsewhere=elsewhere(settings),
        remarks=tuple(remarks),
    )


def _copy_decisions(draft: Draft, settings: Settings, home: Path) -> tuple[int | None, set[str]]:
    """Decisions in the log of the settings, where it lies in its place in the home, and what is copied with it.

    A log that was there before the settings named another one is copied, too.
    """
    own = DecisionStore(f"{SQLITE}{home / DECISIONS}", settings.decision_checkpoints)
    used = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    count = copy_decisions(draft, home, own.checkpoints)
    if used.checkpoints != own.checkpoints:
        copy_checkpoints(draft, used.checkpoints)
    apart = {f"{CHECKPOINTS}/{name}" for name in (own.checkpoints.name, used.checkpoints.name, "promotions")}
    log = place_in(home, settings.decision_log.removeprefix(SQLITE))
    return count if log == DECISIONS else None, apart | {DECISIONS} | ({log} if log else set())


def _copy_rest(draft: Draft, home: Path, apart: set[str], *, logs: bool) -> list[str]:
    """Everything but the folders `apart`; a sentence about each database that is damaged."""
    remarks: list[str] = []
    for inside in files_of_home(home, logs=logs):
        if inside in apart or any(inside.startswith(f"{one}/") for one in apart):
            continue
        try:
            if not inside.startswith(tuple(f"{name}/" for name in _PLAIN)) and is_database(home / inside):
                damaged = copy_database(draft, home / inside, inside)
                remarks += [damaged] if damaged else []
            else:
                draft.add(home / inside, inside)
        except FileNotFoundError:
            continue  # it went meanwhile, as files do
    return remarks


def _copy_artefacts(draft: Draft, home: Path, root: str) -> None:
    """Artefacts by their manifests, so that none is half one and half another."""
    for inside in files_of_home(home, root):
        folder, _, name = inside.rpartition("/")
        if name == ARTEFACT:
            _copy_artefact(draft, home, root, folder)


def _copy_artefact(draft: Draft, home: Path, root: str, folder: str) -> None:
    for _ in range(_ATTEMPTS):
        try:
            draft.add(home / folder / ARTEFACT, f"{folder}/{ARTEFACT}")
            text = (draft.home / folder / ARTEFACT).read_bytes()
            artefact = Artefact.from_json(folder.removeprefix(f"{root}/"), text)
            for member in artefact.members:
                inside = f"{root}/{artefact.prefix}/{member.stored_as}"
                draft.add(home / inside, inside)
        except FileNotFoundError:
            draft.drop(folder)
            if not (home / folder / ARTEFACT).is_file():
                return  # it was deleted
        else:
            return
    raise BackupError(f"The artefact {home / folder} goes while it is copied.", "Let its run end, then again.")


def _promoted(settings: Settings) -> set[Path]:
    found: set[Path] = set()
    for name in portfolio_names():
        try:
            promoted = promoted_bento(settings, name)
        except CreditPlatformError:  # told by `verify`
            continue
        if promoted is not None:
            found.add(promoted.path.resolve())
    return found


def _free_name(target: Path, made_at: datetime) -> Path:
    name = f"{made_at:%Y%m%dT%H%M%SZ}"
    tried = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    return next(target / one for one in tried if not (target / one).exists())
