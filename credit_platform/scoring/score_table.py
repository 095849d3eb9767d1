"""Scoring a feature table: the answers that single requests get, as columns.

What is here: `score_table`, `decision_columns`, and how many rows are held in memory at once.
What to add here: another column of the result.
What must not be here: reading applications (`score_file.py`), and dagster.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from credit_platform.scoring.decision import Decision, Language
from credit_platform.scoring.scorer import Scorer

_VALUES_AT_ONCE = 5_000_000
_LEAST_ROWS, _MOST_ROWS = 1_000, 50_000
_SCHEMA: dict[str, type[pl.DataType]] = {
    "probability_of_default": pl.Float64,
    "decision": pl.String,
    "points": pl.Int64,
    "reasons": pl.String,
    "model_version": pl.String,
}


def rows_at_once(scorer: Scorer) -> int:
    """Rows whose features take about 40 MB; encoding and contributions take several times that."""
    return max(_LEAST_ROWS, min(_MOST_ROWS, _VALUES_AT_ONCE // len(scorer.portfolio.features)))


def score_table(scorer: Scorer, features: pl.LazyFrame, *, language: Language = "en") -> pl.DataFrame:
    """Decide about every row of a feature table, in the memory of some thousand rows.

    Args:
        scorer: what decides.
        features: applicant key and the features of the scorer's portfolio.
        language: of the reasons; their codes do not depend on it.

    Returns:
        Applicant key, probability of default, decision, points, codes of the reasons joined by "; ", model version;
        one row per row of `features`, in their order.
    """
    key = scorer.portfolio.applicant_key
    names = [key, *(feature.name for feature in scorer.portfolio.features)]
    table = features.select(names)
    parts = [pl.DataFrame(schema={key: table.collect_schema()[key], **_SCHEMA})]
    for batch in table.collect_batches(chunk_size=rows_at_once(scorer), maintain_order=True):
        decisions = scorer.decide(scorer.margins(batch), scorer.cases_of(batch, language)) if batch.height else []
        parts.append(pl.concat([batch.select(key), decision_columns(decisions)], how="horizontal"))
    return pl.concat(parts)


def decision_columns(decisions: Sequence[Decision]) -> pl.DataFrame:
    """Decisions as columns, one row each."""
    return pl.DataFrame(
        {
            "probability_of_default": [d.probability_of_default for d in decisions],
            "decision": [d.decision for d in decisions],
            "points": [d.points for d in decisions],
            "reasons": ["; ".join(reason.code for reason in d.reasons) for d in decisions],
            "model_version": [d.model.version for d in decisions],
        },
        schema=_SCHEMA,
    )
