"""Files that people read, beside the tables: charts, lists and pages of one portfolio, or of one of its models.

What is here: `write_reports`, keys of reports, and where the newest lie for people; `ReportFiles`, what there is of
which age, and their removal.
What to add here: nothing of a particular report.
What must not be here: drawing, writing text.

A report is stored by key, with its digest. Beside that the newest of each lies in `reports/` of the home under a plain
name: a copy to look at, which nothing reads and which may be deleted.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import REPORTS, model_reports_artefacts, reports_artefacts

Content = pl.DataFrame | bytes | str
"""A table (as CSV), a picture, a text."""
_MODELS = "models"


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


@dataclass(frozen=True, kw_only=True)
class ReportFiles:
    """What was written about one model, or a file about whatever was newest."""

    name: str
    """Below the reports of its portfolio."""
    place: str
    """What the keys of its artefacts begin with, or the key itself."""
    changed: datetime
    """When it was last written, UTC."""
    bytes: int
    model: str | None
    """First digits of the digest of the model; None for a file that belongs to none."""

    def remove(self, shelf: Shelf) -> None:
        """Delete it, and the copy for people; nothing happens when it is gone."""
        for key in shelf.all_keys():
            if key == self.place or key.startswith(f"{self.place}/"):
                shelf.store.delete(key)
        copy = shown_at(shelf.home, self.place)
        if copy.is_dir():
            shutil.rmtree(copy, ignore_errors=True)
        else:
            copy.unlink(missing_ok=True)


def report_files(shelf: Shelf, portfolio: str) -> list[ReportFiles]:
    """All reports of a portfolio, stored by key or left in the home by versions of before keys, by name."""
    root, found = reports_key(portfolio), defaultdict[str, list[tuple[datetime, int]]](list)
    for key in shelf.all_keys():
        if key.startswith(f"{root}/"):
            found[_unit(key.removeprefix(f"{root}/"))].append((shelf.store.changed(key), shelf.store.stat(key).size))
    stored = set(found)
    folder = shown_at(shelf.home, root)
    for path in sorted(folder.rglob("*")):
        name = _unit(path.relative_to(folder).as_posix())
        if path.is_file() and name not in stored:
            status = path.stat()
            found[name].append((datetime.fromtimestamp(status.st_mtime, UTC), status.st_size))
    return [_report(root, name, files) for name, files in sorted(found.items())]


def is_of_model(model: str, digest: str) -> bool:
    """Whether a folder `model` holds what was written about the scorer of `digest`."""
    return digest.startswith(model)


def _unit(name: str) -> str:
    """What goes together: all that was written about one model, else one file."""
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] == _MODELS else name


def _report(root: str, name: str, files: list[tuple[datetime, int]]) -> ReportFiles:
    return ReportFiles(
        name=name,
        place=f"{root}/{name}",
        changed=max(changed for changed, _ in files),
        bytes=sum(size for _, size in files),
        model=name.partition("/")[2] if name.startswith(f"{_MODELS}/") else None,
    )
