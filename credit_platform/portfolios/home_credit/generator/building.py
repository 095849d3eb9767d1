"""Columns about the building of residence: missing together, alike in all three statistics.

What is here: 14 measures driven by one factor of the building, its missing values by another.
What to add here: a relation between measures.
What must not be here: anything else of the application.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from credit_platform.portfolios.home_credit.generator.facts import (
    categories,
    normal_score,
    numeric_shape,
    table_facts,
)
from credit_platform.portfolios.home_credit.generator.latent import loading
from credit_platform.portfolios.home_credit.generator.sampling import FloatArray, correlated, mixed, nulled, words
from credit_platform.portfolios.home_credit.tables.housing import HOUSING_MEASURES, HOUSING_STATISTICS

_WORDS = ("FONDKAPREMONT_MODE", "HOUSETYPE_MODE", "WALLSMATERIAL_MODE", "EMERGENCYSTATE_MODE")
_MISSING_CORRELATION = 0.043
"""Correlation with the outcome of having no building data, from the default rates with and without."""


def building_columns(table: str, risk: FloatArray, rng: np.random.Generator) -> dict[str, Any]:
    """All building columns of the file `table` for applicants with these risks."""
    facts = table_facts(table)
    unknown = correlated(rng, risk, loading(_MISSING_CORRELATION))
    quality = correlated(rng, risk, loading(-0.03))

    def missing(column: str) -> Any:
        score = mixed((0.97, unknown), (0.24, rng.standard_normal(len(risk))))
        return score > normal_score(1.0 - facts[column].null)

    columns: dict[str, Any] = {}
    for stem in HOUSING_MEASURES:
        base = mixed((0.75, quality), (0.66, rng.standard_normal(len(risk))))
        null = missing(f"{stem}_AVG")
        for suffix in HOUSING_STATISTICS:
            score = mixed((0.995, base), (0.1, rng.standard_normal(len(risk)))) if suffix == "MODE" else base
            values = np.round(numeric_shape(table, f"{stem}_{suffix}")(score), 4)
            columns[f"{stem}_{suffix}"] = nulled(np.clip(values, 0.0, 1.0), null)
    area = mixed((0.8, quality), (0.6, rng.standard_normal(len(risk))))
    columns["TOTALAREA_MODE"] = nulled(
        np.clip(np.round(numeric_shape(table, "TOTALAREA_MODE")(area), 4), 0.0, 1.0), missing("TOTALAREA_MODE")
    )
    for column in _WORDS:
        kinds = categories(table, column, "application_train")
        score = mixed((0.4, -quality), (0.92, rng.standard_normal(len(risk))))
        columns[column] = words(kinds(score), kinds.names, missing(column))
    return columns
