"""Feature values of known applicants' histories, shipped with the service.

What is here: `StoredHistories`, read from a Parquet file that lies beside the scorer.
What must not be here: features of the application: those are computed from each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import ScorerError
from credit_platform.portfolios.portfolio import Portfolio

FILE_NAME = "applicants.parquet"


def history_features(portfolio: Portfolio) -> tuple[str, ...]:
    """Names of the features that come from histories, in the order of the feature table."""
    groups = [group for group in portfolio.feature_groups if group.table != portfolio.training_table]
    return tuple(feature.name for group in groups for feature in group.all_features)


class StoredHistories:
    """Looks up what was computed before for an applicant."""

    def __init__(self, portfolio: Portfolio, path: Path | None) -> None:
        """Read the file at `path`; without one nobody is known.

        Raises:
            ScorerError: the file lacks a feature: it was made by other definitions than the scorer.
        """
        self._names = history_features(portfolio)
        self._rows: dict[str, int] = {}
        self._frame = pl.DataFrame()
        if path is None or not path.is_file() or not self._names:
            return
        frame = pl.read_parquet(path)
        absent = [name for name in (portfolio.applicant_key, *self._names) if name not in frame.columns]
        if absent:
            raise ScorerError(f"{path} lacks {absent[0]}.", "Build the Bento again.")
        keys = frame[portfolio.applicant_key].cast(pl.String).to_list()
        self._rows = {key: row for row, key in enumerate(keys)}
        self._frame = frame.select(self._names)

    def __len__(self) -> int:
        """Number of known applicants."""
        return len(self._rows)

    def find(self, applicant_id: str | None) -> Mapping[str, Any] | None:
        """Feature values of an applicant's histories; None when the applicant is not known."""
        row = None if applicant_id is None else self._rows.get(applicant_id)
        return None if row is None else self._frame.row(row, named=True)
