"""Moving a broken newest commit aside, so that the version before it is the newest again.

What is here: `plan_repair`, `repair`, `Repair`.
What must not be here: mending anything else: what lies below the newest commit, and the bytes of files, come from a
backup or are made again.

It is safe because nothing is lost that could be read: the commit is kept in `_damaged/` of the table's folder, with a
line in `repairs.jsonl` of who moved it, when and why, and its files stay until retention removes them as those of a
killed writer.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from credit_platform.accounts import account
from credit_platform.errors import DamagedTableError
from credit_platform.files.durable import make_folder, replace_synced, sync_file, sync_folder
from credit_platform.lakehouse.log import LOG, commit_file, damaged_commit, fault_of, read_history
from credit_platform.lakehouse.storage import Storage
from credit_platform.lakehouse.versions import VERSION_KEY

_ASIDE = "_damaged"


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A commit that is moved, or would be."""

    key: str
    commit: int
    fault: str
    """What is wrong with it, as the end of a sentence."""
    newest_after: int | None
    """The version that is the newest afterwards; None when the table has no version then."""
    sha256: str
    at: str
    by: str
    """Account of the operating system."""


def plan_repair(root: str, key: str) -> Repair | None:
    """What `repair` would do; None when the newest commit is whole.

    Raises:
        DamagedTableError: a commit below the newest is damaged, or the table lies in an object store.
    """
    storage = Storage(root, None)
    if storage.folder is None:
        raise DamagedTableError(
            f"{storage.address(key)} lies in an object store, where commits are not moved.",
            "Restore the object from its versions there.",
        )
    history = read_history(storage.address(key), None)
    broken = [commit for commit in history if fault_of(commit) is not None]
    if not broken:
        return None
    newest = broken[0]
    if newest["version"] != history[0]["version"]:
        raise damaged_commit(key, storage.address(key), newest, history)
    path = commit_file(storage.folder / key / LOG, newest["version"])
    return Repair(
        key=key,
        commit=newest["version"],
        fault=str(fault_of(newest)),
        newest_after=next((commit["version"] for commit in history if VERSION_KEY in commit), None),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        by=account(),
    )


def repair(root: str, plan: Repair) -> Path:
    """Move the commit aside and note it; where it is now."""
    table = Path(Storage(root, None).address(plan.key))
    aside = table / _ASIDE
    make_folder(aside)
    notes = aside / "repairs.jsonl"
    # Noted first: a commit that went without a note would be one that vanished.
    with notes.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(asdict(plan), ensure_ascii=False)}\n")
    sync_file(notes)
    sync_folder(aside)
    moved = aside / f"{plan.commit:020}-{plan.sha256[:12]}.json"
    replace_synced(commit_file(table / LOG, plan.commit), moved)
    sync_folder(table / LOG)
    return moved
