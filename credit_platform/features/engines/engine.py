"""What every engine for one applicant looks like from outside, and what it is given.

What is here: `Rows` (a checked request), `GroupEngine` (a feature group over it), `RowEngine` (features over features).
What must not be here: an engine (beside this module), who takes which one (`choice.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

Values = dict[str, Any]
"""Feature values by name: numbers as finite floats, texts, and None for null."""
HistoryColumn = tuple[NDArray[Any], NDArray[np.bool_] | None]
"""Values of a column, and which of them are known; None when all are."""


class Rows(Protocol):
    """The rows of one request, checked, in the form that an engine asks for."""

    @property
    def application(self) -> Mapping[str, Any]:
        """The application's values by column."""
        ...

    @property
    def columns(self) -> Mapping[str, Mapping[str, HistoryColumn]]:
        """Columns of the histories that were sent, by table."""
        ...

    @property
    def frames(self) -> Mapping[str, pl.DataFrame]:
        """All tables as frames, made when an engine asks for them."""
        ...


class RowEngine(Protocol):
    """Features over one row of values."""

    def compute(self, row: Mapping[str, Any], /) -> Values:
        """Values of the features, given those they read."""
        ...


class GroupEngine(Protocol):
    """A feature group of one applicant."""

    @property
    def table(self) -> str:
        """Its table."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its features."""
        ...

    def compute(self, rows: Rows) -> Values:
        """Feature values; nulls when the applicant has no row, or none that counts."""
        ...


class NoFeatures:
    """The `RowEngine` of no features."""

    def compute(self, _: Mapping[str, Any]) -> Values:
        """Nothing."""
        return {}
