"""Delta tables as of one moment, while runs write them.

What is here: `table_heads` (the newest commit of every table at one moment), `copy_table` (a table up to a commit).
What must not be here: reading rows; what a version means.

A commit and the files it names never change, so a table up to a commit is a list of files to be copied at leisure.
Only retention takes files away; it commits first which versions stay, so a file that goes meanwhile means: begin anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from credit_platform.errors import BackupError
from credit_platform.lakehouse.log import LOG
from credit_platform.local.backup.copying import Draft, reading

STAGING: Final = "_staging"
_NUMBERED: Final = re.compile(r"(\d{20})\..+")
_COMMIT: Final = re.compile(r"(\d{20})\.json")
_HINT: Final = "_last_checkpoint"
_LOOKS: Final = 100
_ATTEMPTS: Final = 5


def table_heads(root: Path) -> dict[str, int]:
    """Newest commit of every table below `root`, all of the same moment: looked at until two looks agree.

    Raises:
        BackupError: tables are committed faster than they can be listed, or cannot be read.
    """
    before = _heads(root)
    for _ in range(_LOOKS):
        now = _heads(root)
        if now == before:
            return now
        before = now
    raise BackupError(f"The tables in {root} never stand still.", "Make the backup when fewer runs write.")


def copy_table(draft: Draft, home: Path, inside: str, head: int) -> int:
    """Copy a table up to a commit: its log, the files that its commits name, and what a repair put aside.

    Args:
        draft: the backup.
        home: the home.
        inside: path of the table below it.
        head: number of the newest commit to take.

    Returns:
        Number of the newest commit that was taken: another one where the table had to be looked at anew.

    Raises:
        BackupError: it cannot be read, or the backup cannot be written.
    """
    for _ in range(_ATTEMPTS):
        try:
            files = _files_up_to(home / inside, head)
            for name in files:
                draft.add(home / inside / name, f"{inside}/{name}")
        except FileNotFoundError:
            # Retention removed what it had just committed would go, or a repair moved the commit aside.
            draft.drop(inside)
            head = _newest(home / inside / LOG)
        else:
            return head
    raise BackupError(f"Files of the table {home / inside} go while they are copied.", "Let its run end, then again.")


def _heads(root: Path) -> dict[str, int]:
    with reading(root):
        logs = sorted(root.rglob(f"{LOG}/*.json")) if root.is_dir() else []
    heads: dict[str, int] = {}
    for path in logs:
        numbered = _COMMIT.fullmatch(path.name)
        key = path.parent.parent.relative_to(root).as_posix()
        if numbered and not key.startswith(STAGING):
            heads[key] = max(heads.get(key, -1), int(numbered[1]))
    return heads


def _newest(log: Path) -> int:
    return max((int(found[1]) for path in log.iterdir() if (found := _COMMIT.fullmatch(path.name))), default=-1)


def _files_up_to(table: Path, head: int) -> list[str]:
    """Names below the table's folder: data first, and of the log the newest commit last."""
    with reading(table):
        present = {path.relative_to(table).as_posix() for path in table.rglob("*") if path.is_file()}
    log = sorted(name for name in present if name.startswith(f"{LOG}/") and _is_up_to(table / name, head))
    commits = [name for name in log if _COMMIT.fullmatch(name.rpartition("/")[2])]
    named: set[str] = set()
    for name in commits:
        added = _added(table / name)
        # A commit that cannot be read may name any file: all are taken.
        named |= present if added is None else added
    others = {name for name in present if not name.startswith("_")}
    aside = {name for name in present if name.startswith("_") and not name.startswith((f"{LOG}/", f"{STAGING}/"))}
    return sorted(named & others) + sorted(aside) + sorted(set(log) - set(commits)) + commits


def _is_up_to(path: Path, head: int) -> bool:
    """Whether a file of the log says nothing of later commits."""
    numbered = _NUMBERED.fullmatch(path.name)
    if numbered:
        return int(numbered[1]) <= head
    if path.name != _HINT:
        return False  # a commit that is being written
    try:
        hint: Mapping[str, object] = json.loads(path.read_bytes())
        return int(str(hint["version"])) <= head
    except (ValueError, KeyError, TypeError):
        return False  # only a hint


def _added(commit: Path) -> set[str] | None:
    """Files that a commit adds; None where it cannot be read."""
    with reading(commit):
        content = commit.read_bytes()
    try:
        return set(_names(content))
    except (ValueError, KeyError, TypeError):
        return None


def _names(content: bytes) -> Iterator[str]:
    for line in content.splitlines():
        action = json.loads(line) if line.strip() else {}
        if "add" in action:
            yield unquote(action["add"]["path"])
