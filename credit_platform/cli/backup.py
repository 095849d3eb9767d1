"""`credit-platform backup` and `restore`: a home to another place, and back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from credit_platform.settings import Settings

if TYPE_CHECKING:
    from credit_platform.local.backup.finding import Found
    from credit_platform.local.backup.restoring import Restored


def back_up(settings: Settings, target: str, *, logs: bool) -> None:
    """Make a backup in a folder or an object store, and say what is in it, and what is not.

    Raises:
        BackupError: none was made.
        StorageError: the object store cannot be used.
    """
    from credit_platform.lakehouse.object_store import folder_of
    from credit_platform.local.backup.in_store import back_up_to_store
    from credit_platform.local.backup.making import make_backup

    folder = folder_of(target)
    if folder is None:
        where, made = back_up_to_store(settings, target, logs=logs, say=_progress)
    else:
        made = make_backup(settings, folder, logs=logs, say=_progress)
        where = str(made.folder)
    manifest = made.manifest
    decisions = "no decision log" if manifest.decisions is None else f"{manifest.decisions:,} decisions"
    shared = f", {_size(made.linked)} of it shared with the backup before" if made.linked else ""
    _say(
        f"{settings.home.resolve()} is backed up in {where}: {len(manifest.tables)} tables, {decisions}, "
        f"{len(manifest.files):,} files, {_size(manifest.bytes)}{shared}."
    )
    for sentence in (*manifest.remarks, *(f"Not in the backup: {one}" for one in manifest.elsewhere)):
        _say(sentence)
    _say("It holds what the home holds, personal data and hashes of API keys among it. Try it: credit-platform restore")


def restore(settings: Settings, source: str, *, erasures: Sequence[str], yes: bool) -> None:
    """Restore a backup from a folder or an object store, and say what was done on the way.

    Raises:
        BackupError: nothing was restored.
        ComponentError: somebody works on the home.
        StorageError: the object store cannot be used.
    """
    from credit_platform.lakehouse.object_store import folder_of
    from credit_platform.local.backup.finding import find_backup
    from credit_platform.local.backup.in_store import fetched

    folder = folder_of(source)
    if folder is not None:
        _restore(settings, find_backup(folder), erasures=erasures, replace=_may_replace(settings, yes=yes))
        return
    replace = _may_replace(settings, yes=yes)  # asked before anything is fetched
    with fetched(settings, source, say=_progress) as found:
        _restore(settings, found, erasures=erasures, replace=replace)


def _may_replace(settings: Settings, *, yes: bool) -> bool:
    """Whether a home that holds something may be replaced; asked of whoever is there.

    Raises:
        BackupError: nobody is.
    """
    from credit_platform.local.backup.restoring import in_use
    from credit_platform.local.backup.swapping import is_used

    if yes or not is_used(settings.home.resolve()):
        return yes
    if not sys.stdin.isatty():
        raise in_use(settings.home.resolve())
    return typer.confirm(f"{settings.home.resolve()} is not empty. Put what it holds aside?", abort=True)


def _restore(settings: Settings, found: Found, *, erasures: Sequence[str], replace: bool) -> None:
    from credit_platform.local.backup.restoring import restore_backup

    done = restore_backup(found, settings, erasures=erasures, replace=replace, say=_progress)
    manifest = found.manifest
    _say(
        f"The backup {found.where} of {manifest.home} on {manifest.host}, made {manifest.made_at:%Y-%m-%d %H:%M:%S} "
        f"UTC, is restored to {done.home}: {len(manifest.files):,} files, each as it was put there."
    )
    if done.replaced is not None:
        _say(f"What was there is kept in {done.replaced}. Erasures do not reach it: delete it when it is not needed.")
    _say_erasures(found, done)
    _say_log(done)
    if done.ended_runs:
        _say(f"{done.ended_runs} runs that were under way when the backup was made are marked as failed.")
    for sentence in manifest.elsewhere:
        _say(f"Not in the backup: {sentence}")
    _say("Compare all of it once more: credit-platform verify --all")


def _say_erasures(found: Found, done: Restored) -> None:
    if not done.holds_people:
        _say("The backup holds no decisions and no stored histories, so nobody had to be erased from it again.")
        return
    if not done.later:
        _say(
            f"Nobody could be asked who was erased since {found.manifest.made_at:%Y-%m-%d %H:%M} UTC: no home with "
            "decisions or a list of erasures was replaced that is the backup's own, no later backup of it lies beside "
            "this one, and no --erasures was given. Whoever was erased since is in this home again. Before anything is "
            "served from it: credit-platform decisions erase-again --erasures …"
        )
        return
    asked = "; ".join(one.where for one in done.later)
    people = max(one.people for one in done.later)
    _say(f"Asked who was erased: {asked}. At most {people} applicants are on one list.")
    took = done.erased
    _say(
        f"Erasures were carried out again: {took.decisions} decisions and the stored histories of {took.histories} "
        "applicants were removed."
        if took.decisions or took.histories
        else "The backup holds nothing that was erased since."
    )


def _say_log(done: Restored) -> None:
    log = done.log
    if log is None:
        _say("The backup holds no decision log.")
        return
    if log.is_clean:
        covered = "every row is covered by a checkpoint" if not log.uncovered else f"{log.uncovered} rows by none"
        _say(f"The decision log is proven up to the backup: {log.decisions} decisions hold, {covered}.")
    else:
        _say(f"The decision log is not as it was written: {log.findings[0].what} See credit-platform decisions verify.")
    if done.checkpoints is not None:
        _say(done.checkpoints)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _progress(text: str) -> None:
    Console(stderr=True).print(text, markup=False, highlight=False, soft_wrap=True)


def _say(text: str) -> None:
    Console().print(text, markup=False, highlight=False, soft_wrap=True)
