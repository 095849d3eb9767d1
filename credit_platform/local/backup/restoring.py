"""Restoring a backup: compared, erasures carried out again, and only then in the place of the home.

What is here: `restore_backup` and what it returns.
What to add here: something that a restored home must be told before anybody uses it.
What must not be here: words for people (`cli/backup.py`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from credit_platform.errors import BackupError, ComponentError, DecisionLogLostError
from credit_platform.files.durable import sync_tree
from credit_platform.files.scratch import scratch_folder
from credit_platform.local.backup.contents import DECISIONS, RESTORING, lies_inside
from credit_platform.local.backup.databases import CHECKPOINTS
from credit_platform.local.backup.erasure_lists import (
    Known,
    known_in_backups,
    known_in_home,
    known_in_replaced,
    known_in_store,
    merged_lists,
)
from credit_platform.local.backup.finding import Found
from credit_platform.local.backup.manifest import HOME, Entry
from credit_platform.local.backup.named_erasures import known_by_name
from credit_platform.local.backup.swapping import is_used, swap_in
from credit_platform.local.home_owner import owned
from credit_platform.monitoring.decision_log import Act, DecisionStore, Verification, verify
from credit_platform.monitoring.decision_log.checkpoints import add_lines
from credit_platform.orchestration.recorded_runs import end_restored_runs, runs_at_work
from credit_platform.serving.erasures import ErasedAgain, erase_again, merge, write_lists
from credit_platform.serving.running_services import announcers
from credit_platform.serving.shipped_histories import histories_folders
from credit_platform.settings import Settings

_PIECE: Final = 1 << 22
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A home that was restored."""

    home: Path
    replaced: Path | None
    """Where what was there before is kept."""
    later: tuple[Known, ...]
    """Whoever knew of erasures since the backup; empty where nobody could be asked."""
    erased: ErasedAgain
    log: Verification | None
    """What was found about its decision log; None where the backup holds none."""
    holds_people: bool
    """Whether decisions or stored histories are in it."""
    ended_runs: int
    """Runs that were under way when the backup was made."""
    checkpoints: str | None
    """What somebody has to know who keeps checkpoints outside the home; None where nothing is to be said."""


def restore_backup(
    found: Found, settings: Settings, *, erasures: Sequence[str] = (), replace: bool = False, say: Say = lambda _: None
) -> Restored:
    """Put a backup into the home of these settings.

    Args:
        found: the backup.
        settings: name the home, which may be another one than the backup is of.
        erasures: further places that know who was erased since.
        replace: whether a home that holds something may be replaced; what it held is kept.
        say: is told what is being done.

    Raises:
        BackupError: the home holds something or is used by runs or services, a file of the backup is not the one that
            was put there, or the home cannot be written. The home is as it was then.
        ComponentError: `up` runs on the home.
        DecisionLogError: a decision log cannot be read, or its erasures not be carried out.
    """
    home = settings.home.resolve()
    _require_apart(found, home)
    if is_used(home) and not replace:
        raise in_use(home)
    named = [known_by_name(settings, one) for one in erasures]
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with owned(settings, say, "restore"), scratch_folder(home, RESTORING) as scratch:
            _require_quiet(settings)
            if is_used(home) and not replace:
                raise in_use(home)
            asked = [*known_in_replaced(home, found), *known_in_backups(found), *known_in_store(settings)]
            later = [*asked, *named]
            staged = scratch / HOME
            _copy(found, staged, say)
            erased, log = _settle(found, staged, later, say)
            ended = end_restored_runs(staged)
            sync_tree(staged)
            _require_quiet(settings)  # what began meanwhile would lose what it writes
            home.chmod(0o700)
            replaced = swap_in(staged, home)
    except OSError as error:
        raise _unwritable(home, error) from error
    return Restored(
        home=home,
        replaced=replaced,
        later=tuple(later),
        erased=erased,
        log=log,
        holds_people=log is not None or bool(histories_folders(Settings(home=home))),
        ended_runs=ended,
        checkpoints=_bring_checkpoints(settings, home) if log is not None else None,
    )


def in_use(home: Path) -> BackupError:
    """The refusal to replace a home that holds something."""
    return BackupError(
        f"{home} is not empty. Nothing was restored.",
        "Name another folder with --home, or say --yes: what is there is then kept in its folder `replaced`.",
    )


def _require_apart(found: Found, home: Path) -> None:
    if lies_inside(found.folder, home) or lies_inside(home, found.folder):
        raise BackupError(
            f"The backup {found.where} and the home {home} lie in one another.", "Copy the backup elsewhere first."
        )
    if home.exists() and not home.is_dir():
        raise BackupError(f"{home} is no folder.", "Name a folder that does not exist yet, or an empty one.")


def _require_quiet(settings: Settings) -> None:
    """Refuse a home that somebody works on."""
    serving = announcers(settings)
    if serving:
        raise ComponentError(
            f"A scoring service of {settings.home} runs: {serving[0]}.", "Stop it, then restore again."
        )
    running = runs_at_work(settings.home.resolve())
    if running:
        raise ComponentError(
            f"A run of {running[0]} writes to {settings.home}.", "Wait for its end, then restore again."
        )


def _copy(found: Found, staged: Path, say: Say) -> None:
    manifest = found.manifest
    say(f"Copying {len(manifest.files)} files ({manifest.bytes / 1e6:,.1f} MB), each compared with its digest.")
    staged.mkdir(mode=0o700)
    for entry in manifest.files:
        _copy_file(found, entry, staged)


def _copy_file(found: Found, entry: Entry, staged: Path) -> None:
    source, target = found.folder / HOME / entry.path, staged / entry.path
    if not lies_inside(target.parent, staged):
        raise _not_whole(found, entry.path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    try:
        read = source.open("rb")
    except OSError as error:
        raise _not_whole(found, entry.path) from error
    with read, target.open("xb") as written:
        while piece := _piece(found, entry.path, read.read):
            digest.update(piece)
            written.write(piece)
    if digest.hexdigest() != entry.sha256:
        raise _not_whole(found, entry.path)
    target.chmod(entry.mode)
    os.utime(target, ns=(entry.changed_ns, entry.changed_ns))


def _piece(found: Found, path: str, read: Callable[[int], bytes]) -> bytes:
    try:
        return read(_PIECE)
    except OSError as error:
        raise _not_whole(found, path) from error


def _not_whole(found: Found, path: str) -> BackupError:
    return BackupError(
        f"The file {path} of the backup {found.where} is missing, or not the one that was put there. Nothing was "
        "restored.",
        "Restore another backup.",
    )


def _settle(found: Found, staged: Path, later: Sequence[Known], say: Say) -> tuple[ErasedAgain, Verification | None]:
    """Carry out erasures again before anything of the home can be served, and follow its decision log."""
    own = known_in_home(staged, "the backup")
    before = merge(*(own.lists.values() if own else ()))
    lists = merged_lists([*([own] if own else []), *later])
    write_lists(staged, lists)
    say("Carrying out erasures again.")
    act = Act(person="restore", reason=f"erasures since the backup of {found.manifest.made_at.isoformat()}")
    settings = Settings(home=staged, lakehouse_url=None, artefact_url=None, decision_log_url=None, database_url=None)
    log = staged / DECISIONS
    store = DecisionStore(f"sqlite:///{log}", staged / CHECKPOINTS) if log.is_file() else None
    marks, places = merge(*lists.values()), {place for one in later for place in one.places}
    if store is None:
        return erase_again(settings, None, marks, places, act, before=before), None
    with closing(store):
        erased = erase_again(settings, store, marks, places, act, before=before)
    return erased, verify(DecisionStore(f"sqlite:///{log}", staged / CHECKPOINTS))


def _bring_checkpoints(settings: Settings, home: Path) -> str | None:
    """Where checkpoints lie outside the home, add to them what the restored log needs, and take nothing away."""
    store = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    if not lies_inside(Path(str(store.engine.url.database)), home):
        return None
    outside = store.checkpoints.parent
    if isinstance(outside, Path) and lies_inside(outside, home):
        return None
    for source in sorted((home / CHECKPOINTS).glob("*/*.jsonl")):
        add_lines(outside / source.parent.name, source.stem, source.read_bytes())
    try:
        store.require_whole()
    except DecisionLogLostError as error:
        return str(error)
    return f"Its checkpoints lie in {outside}; they vouch for nothing that the backup lacks."


def _unwritable(home: Path, error: OSError) -> BackupError:
    return BackupError(
        f"The backup cannot be restored to {home}: {error.strerror or error}. What was there is as it was.",
        "Make room there or mend its rights, or name another folder with --home.",
    )
