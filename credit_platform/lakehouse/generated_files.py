"""Raw files that a generator made: making them where they replace nobody's, and their likeness to real ones.

What is here: `generate_raw_files`, `mark_of` (what a generator left beside its files), `write_fidelity`.
What to add here: another question about generated files.
What must not be here: how anything is drawn (`portfolios/<name>/generator`), where raw files are read (`raw_files.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import GenerationError
from credit_platform.lakehouse.raw_files import has_files, is_generated
from credit_platform.portfolios import get_generator, get_portfolio
from credit_platform.portfolios.generator import (
    FIDELITY_PAGE,
    SYNTHETIC_MARKER,
    Fidelity,
    GenerationReport,
    Progress,
)

LEAST_COMPARABLE_SCALE = 0.02
"""Below this chance alone moves small tables further than the tolerances of a fidelity report allow."""


def generate_raw_files(
    name: str,
    out: Path,
    *,
    scale: float,
    seed: int,
    drift: Sequence[str] = (),
    defects: Sequence[str] = (),
    progress: Progress | None = None,
) -> GenerationReport:
    """Write the raw files of portfolio `name` to `out`; real ones are not to be had again, so they stay.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
        GenerationError: it has no generator, an option cannot be used, or `out` holds files that nobody generated.
    """
    generator, portfolio = get_generator(name), get_portfolio(name)
    if has_files(out, portfolio) and not is_generated(out):
        raise GenerationError(
            f"{out} holds raw files of {portfolio.title} that carry no {SYNTHETIC_MARKER}: they may be real.",
            "Name another folder with --out, or move them elsewhere first.",
        )
    return generator.generate(out, scale=scale, seed=seed, drift=drift, defects=defects, progress=progress)


def mark_of(folder: Path) -> Mapping[str, Any] | None:
    """What the generator says of the files in `folder`: scale, seed, whether it finished; None where none made them."""
    return json.loads((folder / SYNTHETIC_MARKER).read_text(encoding="utf-8")) if is_generated(folder) else None


@dataclass(frozen=True, kw_only=True)
class FidelityReport:
    """How close generated files come to the real ones."""

    page: Path
    """Every comparison, as HTML beside the files."""
    summary: pl.DataFrame
    """Per table and statistic, as `Fidelity.summary`."""
    compared: int
    within: int
    """Comparisons within tolerance."""


def write_fidelity(fidelity: Fidelity, folder: Path) -> FidelityReport:
    """Compare the files in `folder` with the statistics of the real ones, and write the page beside them."""
    comparison = fidelity.compare(folder)
    page = folder / FIDELITY_PAGE
    page.write_text(fidelity.to_html(comparison), encoding="utf-8")
    return FidelityReport(
        page=page,
        summary=fidelity.summary(comparison),
        compared=comparison.height,
        within=int(comparison["within"].sum()),
    )
