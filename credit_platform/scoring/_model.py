"""What every stored model offers: the protocol, and the half of it that all formats share.

What is here: `Model` and `StoredModel`.
What must not be here: a format (`models.py`, `neural.py`, `stacked.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Model(Protocol):
    """What a scorer asks of a model."""

    @property
    def kind(self) -> str:
        """Name of the format."""
        ...

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default, (n,), for an encoded matrix (n, k)."""
        ...

    def contributions(self, matrix: Floats) -> Floats:
        """Contribution of each column, and the base value last: (n, k + 1). Rows add up to `margin`."""
        ...

    def explain(self, matrix: Floats) -> tuple[Floats, Floats]:
        """`margin` and `contributions`, for less than both cost apart."""
        ...

    def files(self) -> dict[str, bytes]:
        """What `save` writes: file name to content."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model's file into an existing folder."""
        ...


class StoredModel(ABC):
    """Writes what `files` gives; explains by asking twice."""

    @abstractmethod
    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default, (n,)."""

    @abstractmethod
    def contributions(self, matrix: Floats) -> Floats:
        """Contribution of each column, and the base value last: (n, k + 1)."""

    def explain(self, matrix: Floats) -> tuple[Floats, Floats]:
        """`margin` and `contributions`."""
        return self.margin(matrix), self.contributions(matrix)

    @abstractmethod
    def files(self) -> dict[str, bytes]:
        """File name to content."""

    def save(self, folder: Path) -> None:
        """Write the model's file into an existing folder."""
        for name, content in self.files().items():
            (folder / name).write_bytes(content)
