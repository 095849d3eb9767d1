"""Files with the schema, size and statistics of the Home Credit data, drawn from a statistical model of lending.

What is here: one module per table, the hidden quantities that tie them together (`latent`), the statistics aimed at
(`facts`), named shifts (`drift`) and damage (`defects`), and `generate`, which writes the files.
What to add here: a relation that the real data show and the files miss; a drift; a defect.
What must not be here: rows of the real data; contracts (see `tables`); the comparison with the real statistics
(see `fidelity`).
"""

from credit_platform.portfolios.home_credit.generator.options import DEFECTS, DRIFTS
from credit_platform.portfolios.home_credit.generator.run import (
    MARKER,
    REAL_ROWS,
    GenerationReport,
    draw_chunk,
    generate,
    is_synthetic,
    scaled_rows,
)

__all__ = [
    "DEFECTS",
    "DRIFTS",
    "MARKER",
    "REAL_ROWS",
    "GenerationReport",
    "draw_chunk",
    "generate",
    "is_synthetic",
    "scaled_rows",
]
