"""What a portfolio's generator of synthetic raw files looks like from outside.

What is here: `Generator`, its functions' types, and the mark it leaves.
What to add here: an option that every generator could have.
What must not be here: the name of a portfolio, and how anything is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

SYNTHETIC_MARKER = "SYNTHETIC.json"
"""File that a generator leaves beside the files it made; whatever is made of them is labelled synthetic."""

FIDELITY_PAGE = "fidelity.html"
"""File beside generated files that says how close they come to the real ones."""

Progress = Callable[[str, float], None]
"""Called with what is being made and the share that is done, 0 to 1."""


class GenerationReport(Protocol):
    """What was written."""

    @property
    def folder(self) -> Path:
        """Where."""
        ...

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows per table."""
        ...

    @property
    def bytes(self) -> int:
        """Size of all files."""
        ...

    @property
    def seconds(self) -> float:
        """Wall time."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What each planted defect did."""
        ...


class Generate(Protocol):
    """Writes the raw files of a portfolio to `out`: same seed, scale and options, same bytes.

    Raises:
        GenerationError: an option is unknown or the scale is out of range.
    """

    def __call__(
        self,
        out: Path,
        *,
        scale: float,
        seed: int,
        drift: Sequence[str],
        defects: Sequence[str],
        progress: Progress | None,
    ) -> GenerationReport:
        """Write the files and the mark."""
        ...


@dataclass(frozen=True, kw_only=True)
class Generator:
    """The sub-package `generator` of a portfolio."""

    generate: Generate
    drifts: Mapping[str, str]
    """Named shifts of the applicants to be scored, with what each does."""
    defects: Mapping[str, str]
    """Named damages for the quality checks to find, with what each does."""


class Fidelity(Protocol):
    """The module `fidelity` of a portfolio: how close generated files come to the statistics of the real ones."""

    def compare(self, folder: Path) -> pl.DataFrame:
        """One row per comparison: table, column, statistic, real, generated, distance, tolerance, within."""
        ...

    def summary(self, comparison: pl.DataFrame) -> pl.DataFrame:
        """Per table and statistic: compared, within (tolerance), mean_distance, largest_distance, tolerance."""
        ...

    def to_html(self, comparison: pl.DataFrame) -> str:
        """Every comparison as one page."""
        ...
