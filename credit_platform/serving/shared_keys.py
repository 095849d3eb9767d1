"""API keys that all services of an artefact store share: stored there by key, and copied into each home.

What is here: `key_file`, for whoever makes and revokes keys; `copy_keys`, for whoever starts services.
What must not be here: what a key is (`credit_platform.api_keys`), asking for one (`bento/http/access.py`).

A service reads a file, and needs no store for it. Where the artefacts lie in the home that file is all there is; where
they lie elsewhere it is a copy, which is brought up to date while services run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from credit_platform.api_keys import ApiKey, KeyFile, dump_keys, parse_keys
from credit_platform.files.durable import make_folder, write_synced
from credit_platform.lakehouse.artefact_changes import change_text, text_of
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.settings import Settings

KEY = "api_keys.json"


class StoredKeys(KeyFile):
    """Keys in an artefact store; `path` is their copy in this home."""

    def __init__(self, shelf: Shelf, path: Path) -> None:
        """Name both; keys that are in the file alone are taken over with the first change."""
        super().__init__(path)
        self._shelf = shelf

    @property
    def where(self) -> str:
        """Where the keys are kept, for people."""
        return f"{self._shelf.root.rstrip('/')}/{KEY}"

    def read(self) -> list[ApiKey]:
        """All keys that are stored, or, before there are any, those of the file.

        Raises:
            ApiKeyError: they are damaged.
        """
        text = text_of(self._shelf.store, KEY)
        return parse_keys(text.encode(), self.where) if text else super().read()

    def change(self, edit: Callable[[Sequence[ApiKey]], list[ApiKey]]) -> list[ApiKey]:
        """Put what `edit` makes of the keys in their place, whoever else does so at the same time; returns it."""
        made: list[ApiKey] = []

        def edited(text: str) -> str:
            made[:] = edit(parse_keys(text.encode(), self.where) if text else super(StoredKeys, self).read())
            return dump_keys(made).decode()

        change_text(self._shelf.store, KEY, edited)
        self.copy()
        return made

    def copy(self) -> None:
        """Bring the file in the home up to date."""
        content = text_of(self._shelf.store, KEY).encode()
        if content and (not self.path.is_file() or self.path.read_bytes() != content):
            make_folder(self.path.parent)
            write_synced(self.path, content, mode=0o600)


def key_file(settings: Settings) -> KeyFile:
    """Where the keys of this home's services are made and revoked."""
    if settings.api_keys is not None or settings.keeps_artefacts_at_home:
        return KeyFile(settings.api_keys_file)
    return StoredKeys(Shelf.of(settings), settings.api_keys_file)


def copy_keys(settings: Settings) -> None:
    """Bring the file that services of this home read up to date, where it is a copy.

    Raises:
        StorageError: the store cannot be reached; the file stays as it is.
    """
    keys = key_file(settings)
    if isinstance(keys, StoredKeys):
        keys.copy()
