"""The default engine: Polars, streaming, on one machine.

What is here: `PolarsEngine`.
What to add here: settings of Polars that hold for whole runs.
What must not be here: PySpark.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from credit_platform.lakehouse.engines.engine import Prepared
from credit_platform.lakehouse.versions import StoredTable


class PolarsEngine:
    """Lazy frames all the way; the lakehouse streams the result into a file when it is written."""

    name = "polars"

    def read(self, stored: StoredTable) -> pl.LazyFrame:
        """The lazy frame that the lakehouse opened."""
        return stored.frame

    def prepare(self, frame: pl.LazyFrame, folder: Path, sort_by: Sequence[str] = ()) -> Prepared:  # noqa: ARG002  # the Spark engine needs it
        """The lazy frame itself: writing it computes it, and equal input gives its rows in equal order."""
        return Prepared(frame)

    def close(self) -> None:
        """Nothing was started."""
