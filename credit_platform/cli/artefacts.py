"""`credit-platform artefacts`: what is stored by key, and where it opens."""

from __future__ import annotations

from rich.console import Console

from credit_platform.cli.listing import Field, Listing, show_listing, thousands
from credit_platform.errors import ArtefactError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.settings import Settings

_FIELDS = (Field("key", "key"), Field("bytes", "bytes", thousands))


def show_artefacts(settings: Settings, prefix: str, *, as_json: bool = False) -> None:
    """Print the path of the artefact of just this key, fetched if need be; else list those whose keys begin so.

    Raises:
        ArtefactError: there is none, or it is not as it was stored.
    """
    shelf = Shelf.of(settings)
    keys = [key for key in shelf.all_keys() if key.startswith(prefix)]
    if not keys:
        begins = f" whose key begins with {prefix!r}" if prefix else ""
        raise ArtefactError(
            f"There is no artefact{begins} in {shelf.root}.", "credit-platform artefacts lists all; a run makes them."
        )
    if prefix in keys:
        Console().print(str(shelf.store.local(prefix)), markup=False, highlight=False, soft_wrap=True)
        return
    rows = [{"key": key, "bytes": shelf.store.stat(key).size} for key in keys]
    show_listing(Listing(f"Artefacts in {shelf.root}", _FIELDS, rows), as_json=as_json)
