"""What the platform asks of an engine.

What is here: the `Engine` protocol and `Prepared`, the form in which a result leaves an engine.
What to add here: an operation that each engine does in its own way.
What must not be here: an implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from credit_platform.lakehouse.staging import StagedTable
from credit_platform.lakehouse.versions import StoredTable


@dataclass(frozen=True)
class Prepared:
    """A result that can be checked (`frame`) and stored: as the finished files where there are any, else `frame`."""

    frame: pl.LazyFrame
    staged: StagedTable | None = None


class Engine(Protocol):
    """Reads versions of tables into frames of its own, which Narwhals expressions run on, and gives results back."""

    @property
    def name(self) -> str:
        """`polars` or `spark`."""
        ...

    def read(self, stored: StoredTable) -> Any:
        """Frame of the engine, lazy, over the rows of a stored version."""
        ...

    def prepare(self, frame: Any, folder: Path, sort_by: Sequence[str] = ()) -> Prepared:
        """Make a frame of the engine ready to be stored.

        Args:
            frame: what to compute.
            folder: does not exist yet and may be written to.
            sort_by: columns that order the rows, for engines that would mix them differently each time.
        """
        ...

    def close(self) -> None:
        """End what the engine started; it may be used again and then starts anew."""
        ...
