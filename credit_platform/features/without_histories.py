"""What a feature table looks like for applicants of whom no history is known.

What is here: `without_histories`.
What must not be here: another way to compute a feature; the stages are those of `build.py`.
"""

from __future__ import annotations

import narwhals as nw
import polars as pl

from credit_platform.features.build import grouped_schema
from credit_platform.features.compiling import compile_row_features
from credit_platform.features.engines.frames import apply_stage
from credit_platform.portfolios.portfolio import Portfolio


def without_histories(frame: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """The rows of a feature table as if nobody had a history: as a request is scored that brings none.

    Args:
        frame: all features of `portfolio`, and further columns, which stay.
        portfolio: whose table it is.

    Returns:
        The same columns: features of histories null, those across groups computed anew, all others as they were.
    """
    schema = grouped_schema(portfolio)
    gone = [
        feature.name
        for group in portfolio.feature_groups
        if group.table != portfolio.training_table or group.history
        for feature in group.all_features
    ]
    if not gone:
        return frame
    bare = frame.with_columns(pl.lit(None, dtype=schema[name]).alias(name) for name in gone)
    across = [feature.name for feature in portfolio.cross_features]
    others = [name for name in frame.columns if name not in across]
    computed = nw.from_native(bare.select(others).lazy())
    for stage in compile_row_features(portfolio.cross_features, schema, f"{portfolio.name}/cross"):
        computed = apply_stage(computed, stage)
    made = computed.to_native().collect()
    return bare.with_columns(made[name] for name in across if name in frame.columns)
