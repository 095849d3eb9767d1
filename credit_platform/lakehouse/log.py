"""Reading the log of a table: its commits as they lie there, and which of them are damaged.

What is here: `read_history`, `fault_of`, `require_sound_top`, `damaged_commit`.
What to add here: another way in which a commit can be wrong.
What must not be here: writing commits (`commits.py`), the rows (`whole_files.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable

from credit_platform.errors import DamagedTableError
from credit_platform.lakehouse.seals import chain_faults, seal_fault
from credit_platform.lakehouse.versions import VERSION_KEY

LOG = "_delta_log"
_FAULT = "fault"
"""Of a commit that must not be believed: what is wrong with it, in place of all it says."""


def read_history(address: str, options: dict[str, str] | None, limit: int | None = None) -> list[dict[str, Any]]:
    """Commits of the table, newest first, at most `limit` of them; of a damaged one only its version and `fault_of`.

    Of a folder the log is read as it lies there: delta-rs finds no commit in a folder with `#` in its name, and a
    damaged commit would keep it from reading the others. Elsewhere delta-rs numbers the commits it finds downwards from
    the version it loaded before, so a commit in between shifts every number by one: the log is read again until none
    came in between.
    """
    if "://" not in address:
        commits = _commits_in(Path(address) / LOG, limit)
    else:
        commits = [_checked(commit, None) for commit in _told_by_delta(address, options, limit)]
    faults = chain_faults([commit for commit in commits if _FAULT not in commit])
    return [_faulty(c["version"], faults[c["version"]]) if c["version"] in faults else c for c in commits]


def fault_of(commit: dict[str, Any]) -> str | None:
    """What is wrong with a commit, as the end of a sentence that begins with its name."""
    fault: str | None = commit.get(_FAULT)
    return fault


def require_sound_top(key: str, address: str, history: Sequence[dict[str, Any]]) -> None:
    """See that no damaged commit lies above the newest version of ours: it might have been a newer one.

    Raises:
        DamagedTableError: one does.
    """
    for commit in history:
        if _FAULT in commit:
            raise damaged_commit(key, address, commit, history)
        if VERSION_KEY in commit:
            return


def damaged_commit(
    key: str, address: str, commit: dict[str, Any], history: Sequence[dict[str, Any]]
) -> DamagedTableError:
    """The error that names a damaged commit of `history` and what to do about it."""
    version = commit["version"]
    good = next((c["version"] for c in history if c["version"] < version and VERSION_KEY in c), None)
    read = f"Read the version before it: credit-platform show {key} --version {good}. " if good is not None else ""
    newest = version == history[0]["version"]
    mend = f"see what can be done: credit-platform verify {key}" if not newest else f"credit-platform repair {key}"
    return DamagedTableError(
        f"Commit {version} of table {key} {commit[_FAULT]} ({address}/{LOG}/{version:020}.json).",
        f"{read}Restore the file from a backup, or {mend}",
    )


def commit_file(log: Path, version: int) -> Path:
    """The file of a commit in the folder of a log."""
    return log / f"{version:020}.json"


def _told_by_delta(address: str, options: dict[str, str] | None, limit: int | None) -> list[dict[str, Any]]:
    table = DeltaTable(address, storage_options=options)
    while True:
        version = table.version()
        commits = table.history(limit)
        table.update_incremental()
        if table.version() == version:
            return commits


def _commits_in(log: Path, limit: int | None) -> list[dict[str, Any]]:
    """As `DeltaTable.history`: what each commit says of itself, with its version."""
    entries = sorted((path for path in log.glob("*.json") if path.stem.isdecimal()), reverse=True)
    return [_commit_in(path) for path in entries[:limit]]


def _commit_in(path: Path) -> dict[str, Any]:
    version = int(path.stem)
    try:
        content = path.read_bytes()
        if not content:
            return _faulty(version, "is empty")
        actions = [json.loads(line) for line in content.splitlines() if line.strip()]
        info = next(action["commitInfo"] for action in actions if "commitInfo" in action)
        added = {unquote(a["add"]["path"]): int(a["add"]["size"]) for a in actions if "add" in a}
        return _checked({**info, "version": version}, added)
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration):
        return _faulty(version, "was cut off or altered: it cannot be read")


def _checked(commit: dict[str, Any], added: dict[str, int] | None) -> dict[str, Any]:
    fault = seal_fault(commit, added)
    return commit if fault is None else _faulty(commit["version"], fault)


def _faulty(version: int, fault: str) -> dict[str, Any]:
    return {"version": version, _FAULT: fault}
