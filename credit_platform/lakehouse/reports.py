"""Files that people read, beside the tables: charts, lists and pages of one portfolio, or of one of its models.

What is here: `write_reports`, keys of reports, and where the newest lie for people.
What to add here: nothing of a particular report.
What must not be here: drawing, writing text.

A report is stored by key, with its digest. Beside that the newest of each lies in `reports/` of the home under a plain
name: a copy to look at, which nothing reads and which may be deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import REPORTS, model_reports_artefacts, reports_artefacts

Content = pl.DataFrame | bytes | str
"""A table (as CSV), a picture, a text."""


def reports_key(portfolio: str) -> str:
    """What the keys of a portfolio's reports begin with."""
    return reports_artefacts(portfolio)


def model_reports_key(portfolio: str, digest: str) -> str:
    """What the keys of everything written about one model version begin with."""
    return model_reports_artefacts(portfolio, digest)


def write_reports(shelf: Shelf, place: str, contents: Mapping[str, Content]) -> str:
    """Store files under `place` (`reports_key` or `model_reports_key`) by their names, over what was there.

    Returns:
        `place`, for what is recorded: an address that opens is made when it is shown.
    """
    folder = shown_at(shelf.home, place)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        stored = _bytes(content)
        shelf.store.put(f"{place}/{name}", stored)
        # Whole or not at all: somebody may be looking at it.
        draft = folder / f".{name}.draft"
        draft.write_bytes(stored)
        draft.replace(folder / name)
    return place


def shown_at(home: Path, place: str) -> Path:
    """Folder of the home in which the newest reports of a place lie for people."""
    portfolio, _, below = place.partition("/")
    return home / REPORTS / portfolio / below.removeprefix(REPORTS).lstrip("/")


def pictures(drawn: Mapping[str, bytes]) -> dict[str, Content]:
    """File names of pictures that are named without an ending."""
    return {f"{name}.png": png for name, png in drawn.items()}


def _bytes(content: Content) -> bytes:
    if isinstance(content, pl.DataFrame):
        return content.write_csv().encode()
    return content if isinstance(content, bytes) else content.encode()
