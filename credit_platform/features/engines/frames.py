"""The engine for tables: stages on the data frames that are handed in, Polars lazy frames or PySpark's.

What is here: each stage on a Narwhals frame, and a list of them.
What must not be here: which tables there are (`build.py`), converting to another library's expressions (`native.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import narwhals as nw

from credit_platform.features.stages import AddColumns, Aggregate, Filter, JoinParent, Select, Stage

Frame = nw.LazyFrame[Any]


def apply_stages(frame: Frame, stages: Iterable[Stage], parent: Callable[[JoinParent], Frame]) -> Frame:
    """Apply stages in order; `parent` gives the cleaned table that a join takes columns from."""
    for stage in stages:
        if isinstance(stage, JoinParent):
            taken = parent(stage).select(*stage.key, *stage.columns)
            frame = frame.join(taken, on=list(stage.key), how="inner")
        else:
            frame = apply_stage(frame, stage)
    return frame


def apply_stage(frame: Frame, stage: Stage) -> Frame:
    """Apply one stage that needs no other table."""
    match stage:
        case Filter():
            return frame.filter(stage.condition)
        case AddColumns():
            return frame.with_columns(*stage.expressions)
        case Aggregate():
            return frame.group_by(*stage.key, drop_null_keys=True).agg(*stage.expressions)
        case Select():
            present = frame.collect_schema().names()
            return frame.select(*(name for name in stage.carried if name in present), *stage.expressions)
        case JoinParent():
            raise ValueError("A join with the parent needs the parent's frame.")
