"""Changing what is stored under a key, safe with other processes that do the same: none loses another's change.

What is here: `change`, and `text_of` and `change_text` for small files.
What to add here: another way to change an artefact in its place.
What must not be here: what is changed, and why.

A folder as root is locked with a file beside the artefacts, which the kernel lets go with the process. An object store
has no locks: what was read is put over only where it still lies there, else the change is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from credit_platform.errors import ArtefactError, OvertakenError
from credit_platform.files.scratch import scratch_folder
from credit_platform.lakehouse.artefact_manifest import Artefact
from credit_platform.lakehouse.artefacts import ArtefactStore, Seen

_LOCKS = ".locks"
_ATTEMPTS = 50
_PAUSE_SECONDS = 0.1


def change(store: ArtefactStore, key: str, edit: Callable[[Path], bool]) -> bool:
    """Let `edit` change a copy of the stored folder, and store that in its place; what it replaces is removed at once.

    Args:
        store: where.
        key: of a folder that is stored.
        edit: called with the copy, again whenever another process was first; says whether it changed anything.

    Returns:
        What `edit` said.

    Raises:
        ArtefactError: there is no such artefact, or it was altered; or others change it all the time.
    """

    def attempt(before: Seen) -> tuple[bool, Artefact | None]:
        with scratch_folder(store.folder or Path(tempfile.gettempdir()), ".changing-") as scratch:
            copy = shutil.copytree(store.local(key), scratch / "copy")
            changed = edit(copy)
            return changed, store.put(key, copy, over=before) if changed else None

    return _attempted(store, key, attempt, forget=True)


def text_of(store: ArtefactStore, key: str) -> str:
    """A small stored text; "" when there is none. One that is just being replaced is read again."""
    for _ in range(_ATTEMPTS):
        before = store.seen(key)
        if before.artefact is None:
            return ""
        try:
            return store.get(key).decode()
        except ArtefactError:
            if store.seen(key) == before:
                raise
    return store.get(key).decode()


def change_text(store: ArtefactStore, key: str, edit: Callable[[str], str]) -> None:
    """Replace a small stored text by what `edit` makes of it ("" when there is none); the same one is left as it is.

    Raises:
        ArtefactError: it was altered; or others change it all the time.
    """

    def attempt(before: Seen) -> tuple[bool, Artefact | None]:
        text = text_of(store, key)
        edited = edit(text)
        return edited != text, store.put(key, edited.encode(), over=before) if edited != text else None

    _attempted(store, key, attempt, forget=False)


def _attempted(
    store: ArtefactStore, key: str, attempt: Callable[[Seen], tuple[bool, Artefact | None]], *, forget: bool
) -> bool:
    with _alone(store, key):
        for _ in range(_ATTEMPTS):
            before = store.seen(key)
            try:
                changed, made = attempt(before)
            except OvertakenError:
                time.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311  # only to get out of step with the others
                continue
            if forget and made is not None and before.artefact is not None:
                store.forget(before.artefact)
            return changed
    raise ArtefactError(f"{key} is changed by others all the time.", "Try again later.")


@contextmanager
def _alone(store: ArtefactStore, key: str) -> Iterator[None]:
    """Keep other processes from changing an artefact in a folder; in an object store nothing has to be kept."""
    if store.folder is None:
        yield
        return
    lock = store.folder / _LOCKS / hashlib.sha256(key.encode()).hexdigest()[:16]
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
