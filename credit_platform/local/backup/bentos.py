"""Bentos in a backup are whole: one that was being built, or from which somebody was being erased, is copied again.

What is here: `copy_bentos`.
What must not be here: what makes a Bento whole (`serving/verification.py`).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from credit_platform.local.backup.contents import files_of_home
from credit_platform.local.backup.copying import Draft
from credit_platform.serving.verification import bento_fault

BENTOS: Final = "bentos"
_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 1.0


def copy_bentos(draft: Draft, home: Path, promoted: set[Path]) -> list[str]:
    """Copy the Bentos of a home.

    Args:
        draft: the backup.
        home: the home.
        promoted: folders of the Bentos in force, which go in whatever their state.

    Returns:
        A sentence about each that was not whole.

    Raises:
        BackupError: something cannot be read or written.
    """
    folders = {path.parent.relative_to(home).as_posix() for path in home.glob(f"{BENTOS}/bentos/*/*/src")}
    said = [_copy_whole(draft, home, folder, promoted) for folder in sorted(folders)]
    for inside in files_of_home(home, BENTOS):
        # A folder without `src` has just begun to be one.
        if inside.count("/") < f"{BENTOS}/bentos/name/version/file".count("/"):
            _add(draft, home, inside)
    return [one for one in said if one]


def _copy_whole(draft: Draft, home: Path, folder: str, promoted: set[Path]) -> str:
    fault: str | None = None
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
            draft.drop(folder)
        for inside in files_of_home(home, folder):
            _add(draft, home, inside)
        fault = bento_fault(draft.home / folder)
        if fault is None:
            return ""
        if bento_fault(home / folder) == fault:  # not for the copying
            break
    if (home / folder).resolve() in promoted:
        return f"The Bento {home / folder}, which is in force, is not whole: {fault}"
    draft.drop(folder)
    return f"The Bento {home / folder} is not in the backup, for it is not whole: {fault}"


def _add(draft: Draft, home: Path, inside: str) -> None:
    try:
        draft.add(home / inside, inside)
    except FileNotFoundError:
        return  # what is missing then, the comparison tells
