"""A place on the lakehouse's own disk where a table is prepared before it becomes a version.

What is here: `StagedTable`, `lend_folder`.
What must not be here: what is prepared there (`engines/`, `quality/staging.py`), committing it (`lakehouse.py`).
"""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from credit_platform.lakehouse.vacuum import ORPHAN_SECONDS


@dataclass(frozen=True)
class StagedTable:
    """A Parquet file, or a folder of them, that is finished and may be moved into a table (see `Lakehouse.staging`)."""

    path: Path

    @property
    def files(self) -> list[Path]:
        """The file itself, or the Parquet files of the folder by name."""
        return sorted(self.path.glob("*.parquet")) if self.path.is_dir() else [self.path]


@contextmanager
def lend_folder(root: Path | None, borrower: object) -> Iterator[Path]:
    """Lend a folder below `root` (the system's place for temporary files when None) and remove it afterwards.

    Folders that killed runs left behind are removed when they are a day old.
    """
    parent = root / "_staging" if root else None
    if parent:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_old_folders(parent)
    folder = Path(tempfile.mkdtemp(dir=parent))
    # A step that fails leaves its generator where it stood: then this goes with the borrower, or at the exit.
    tidy = weakref.finalize(borrower, shutil.rmtree, folder, ignore_errors=True)
    try:
        yield folder
    finally:
        tidy()


def _remove_old_folders(parent: Path) -> None:
    for folder in parent.iterdir():
        if time.time() - folder.stat().st_mtime > ORPHAN_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
