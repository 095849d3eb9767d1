"""One home in the place of another, so that whoever is killed on the way leaves neither for the other.

What is here: `is_used`, `swap_in`.
What must not be here: how the new home is put together (`restoring.py`).

The home itself stays, with the lock of its owner in it, also where it is the mount of a disk: what is in it moves into
`replaced/<time>`, then the new content moves in. A file marks the time between, and no command works on a home with it.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from credit_platform.environment import UNFINISHED_RESTORE
from credit_platform.errors import BackupError
from credit_platform.files.durable import make_folder, sync_folder, write_synced
from credit_platform.local.backup.contents import REPLACED, RESTORING
from credit_platform.local.home_owner import LOCK_NAME, RECORD_NAME

_STAYS: Final = frozenset((REPLACED, UNFINISHED_RESTORE, LOCK_NAME, RECORD_NAME))
_OF_NO_WORTH: Final = frozenset(("dagster/dagster.yaml", "running_services.lock", "page_token", "workspace.yaml"))
"""What any command leaves in a home that holds nothing yet."""


def is_used(home: Path) -> bool:
    """Whether a home holds something that a restore would put aside."""
    if (home / UNFINISHED_RESTORE).exists():
        return True
    for path in home.rglob("*") if home.is_dir() else ():
        inside = path.relative_to(home).as_posix()
        top = inside.partition("/")[0]
        if path.is_file() and not _stays(top) and inside not in _OF_NO_WORTH and top != "matplotlib":
            return True
    return False


def swap_in(staged: Path, home: Path) -> Path | None:
    """Put what lies in `staged` into the home, in place of what lies there.

    Returns:
        Where that is now; None where there was nothing.

    Raises:
        BackupError: something cannot be moved; then everything is where it was.
    """
    try:
        aside, was_cut_short = _aside(home)
        if was_cut_short:  # the old home is aside already, and what is here are copies of a backup
            _remove(home)
        else:
            _move_all(home, aside)
        _mark(home, aside, done=True)
        _move_all(staged, home)
        sync_folder(home)
        (home / UNFINISHED_RESTORE).unlink()
        sync_folder(home)
        if any(aside.iterdir()):
            return aside
        aside.rmdir()
        if not any(aside.parent.iterdir()):
            aside.parent.rmdir()
    except OSError as error:
        raise BackupError(
            f"{error.filename or home} cannot be moved ({error.strerror}). {home} is as it was, or marked as half "
            "restored.",
            "Mend that (a folder in the home may be the mount of another disk), then restore again.",
        ) from error
    return None


def _aside(home: Path) -> tuple[Path, bool]:
    """Where the old home goes, and whether it is there already, moved by a restore that was cut short."""
    mark = home / UNFINISHED_RESTORE
    if mark.is_file():
        document = json.loads(mark.read_bytes())
        aside = home / REPLACED / str(document["aside"])
        make_folder(aside, 0o700)
        return aside, bool(document["done"])
    aside = _free(home / REPLACED / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    make_folder(aside, 0o700)
    _mark(home, aside, done=False)
    return aside, False


def _free(path: Path) -> Path:
    tried = [path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000))]
    return next(one for one in tried if not one.exists())


def _mark(home: Path, aside: Path, *, done: bool) -> None:
    write_synced(home / UNFINISHED_RESTORE, json.dumps({"aside": aside.name, "done": done}).encode(), mode=0o600)


def _move_all(source: Path, target: Path) -> None:
    """Move everything; where one thing cannot be moved, what was moved goes back."""
    moved: list[Path] = []
    try:
        for path in sorted(source.iterdir()):
            if not _stays(path.name):
                path.rename(target / path.name)
                moved.append(path)
    except OSError:
        for path in reversed(moved):
            (target / path.name).rename(path)
        raise
    sync_folder(target)
    sync_folder(source)


def _remove(home: Path) -> None:
    for path in home.iterdir():
        if not _stays(path.name):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def _stays(name: str) -> bool:
    return name in _STAYS or name.startswith(RESTORING)
