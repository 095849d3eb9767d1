"""What is known of an applicant beside the score, as far as an answer needs it.

What is here: `Case`, and the cases of a feature table.
What to add here: another fact that an answer depends on.
What must not be here: the score, and the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from credit_platform.errors import FeatureError
from credit_platform.scoring.decision import DataUsed, Language
from credit_platform.scoring.wordings import ValueOf


@dataclass(slots=True)
class Case:
    """One applicant."""

    request_id: str | None
    applicant_id: str | None
    language: Language
    value_of: ValueOf
    """Values of the features that wordings depend on."""
    used: DataUsed


def cases_of(
    frame: pl.DataFrame,
    key: str,
    needed: Sequence[str],
    language: Language,
    used: DataUsed | Sequence[DataUsed],
) -> list[Case]:
    """A case for each row of a feature table, in its order.

    Args:
        frame: the table.
        key: applicant key, taken where it is a column.
        needed: features that wordings depend on.
        language: of the answers.
        used: which histories were looked at, for all rows or for each.

    Raises:
        FeatureError: the table lacks one of the features.
    """
    if absent := [name for name in needed if name not in frame.columns]:
        raise FeatureError(f"The table lacks {', '.join(absent)}.", "Give every feature of the portfolio.")
    ids = frame[key].cast(pl.String).to_list() if key in frame.columns else [None] * frame.height
    values = frame.select(needed).rows(named=True) if needed else [{} for _ in ids]
    each = [used] * frame.height if isinstance(used, DataUsed) else used
    return [
        Case(None, applicant, language, row.__getitem__, looked)
        for applicant, row, looked in zip(ids, values, each, strict=True)
    ]
