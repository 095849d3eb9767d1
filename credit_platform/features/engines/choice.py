"""Which engine computes what for one applicant: the direct one where it knows every expression, else Polars.

What is here: the choice, made once when a scorer is loaded.
What must not be here: how anything is computed (beside this module).
"""

from __future__ import annotations

from collections.abc import Sequence

from credit_platform.features.engines.direct import RowProgram, Unsupported
from credit_platform.features.engines.direct.groups import DirectApplication, DirectHistory
from credit_platform.features.engines.engine import GroupEngine, NoFeatures, RowEngine
from credit_platform.features.engines.native import NativeGroup, NativeRowFeatures
from credit_platform.features.reading import Schema
from credit_platform.features.stages import AddColumns, CompiledGroup, feature_schema
from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.portfolio import Portfolio


def group_engine(compiled: CompiledGroup, portfolio: Portfolio) -> GroupEngine:
    """The engine of a feature group."""
    native = NativeGroup(compiled, portfolio.applicant_key)
    group = compiled.group
    derived = row_engine(group.derived, compiled.finish[1:], feature_schema(group.features))
    try:
        if group.history:
            return DirectHistory(compiled, portfolio, derived, native)
        if group.table == portfolio.training_table:
            return DirectApplication(compiled, portfolio, derived)
    except Unsupported:
        return native
    return native


def row_engine(features: tuple[Feature, ...], stages: Sequence[AddColumns], available: Schema) -> RowEngine:
    """The engine of features over other features.

    Args:
        features: what is to be computed.
        stages: the same, compiled.
        available: types of what they may read.
    """
    if not features:
        return NoFeatures()
    try:
        return RowProgram(stages, available)
    except Unsupported:
        return NativeRowFeatures(features, available)
