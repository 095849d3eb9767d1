"""Files of a table that are finished and not yet in it.

What is here: `StagedTable`.
What must not be here: moving them into a table (`Lakehouse.write`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StagedTable:
    """A Parquet file, or a folder of them, that is finished and may be moved into a table (see `Lakehouse.staging`)."""

    path: Path

    @property
    def files(self) -> list[Path]:
        """The file itself, or the Parquet files of the folder by name."""
        return sorted(self.path.glob("*.parquet")) if self.path.is_dir() else [self.path]
