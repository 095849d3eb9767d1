"""Are the raw rows of those whom an audit asks about still there?

What is here: `require_applications`.
What must not be here: reading tables; what is asked of the rows (`parity.py`, `reason_truth.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from credit_platform.errors import FeatureError
from credit_platform.portfolios.keys import applicants_key, raw_key
from credit_platform.portfolios.portfolio import Portfolio


def require_applications(portfolio: Portfolio, applicants: pl.Series, tables: Mapping[str, pl.LazyFrame]) -> None:
    """Refuse to audit by raw rows of another file than the features were made of: who is missing is judged by nothing.

    Args:
        portfolio: whose applicants they are.
        applicants: keys from the feature table.
        tables: raw tables in force by name, at least those of applications that the applicants come from.

    Raises:
        FeatureError: somebody has features and no application any more.
    """
    key = portfolio.applicant_key
    both = (portfolio.training_table, portfolio.scoring_table)
    names = [name for name in both if name is not None and name in tables]
    known = pl.concat([tables[name].select(key) for name in names])
    missing = applicants.to_frame(key).lazy().join(known, on=key, how="anti").sort(key).collect()[key]
    if missing.len():
        where = " or ".join(raw_key(portfolio.name, name) for name in names)
        raise FeatureError(
            f"{missing.len()} of {applicants.len()} applicants of {applicants_key(portfolio.name)}, {key} "
            f"{missing[0]} among them, have no row in {where}: what is in force there is not what the features were "
            "made of.",
            f"Make everything of the files in force: credit-platform run {portfolio.name}",
        )
