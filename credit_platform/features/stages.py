"""What happens to a frame, one stage after another, whoever carries it out.

What is here: the stages, `CompiledGroup` (a feature group as a list of them), names and final types of features.
What to add here: another kind of stage; every engine of `engines/` then has to know it, or to leave it to another.
What must not be here: how a group becomes stages (`compiling.py`), how a stage is carried out (`engines/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from credit_platform.features.reading import Schema
from credit_platform.portfolios.feature_group import Feature, FeatureGroup, FeatureKind
from credit_platform.portfolios.source_table import SourceTable


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Keep the rows for which `condition` is true; null counts as not true."""

    condition: nw.Expr


@dataclass(frozen=True, kw_only=True)
class AddColumns:
    """Add or replace columns."""

    expressions: tuple[nw.Expr, ...]


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One row per `key`."""

    key: tuple[str, ...]
    expressions: tuple[nw.Expr, ...]


@dataclass(frozen=True, kw_only=True)
class JoinParent:
    """Take `columns` from the parent table by `key`; rows without a parent are dropped, nobody owns them."""

    parent: SourceTable
    key: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Select:
    """Keep `carried` columns where they exist, and compute the others."""

    carried: tuple[str, ...]
    expressions: tuple[nw.Expr, ...]


Preparation = Filter | AddColumns | Aggregate | JoinParent
Stage = Preparation | Select


@dataclass(frozen=True, kw_only=True)
class CompiledGroup:
    """A feature group, ready to run."""

    group: FeatureGroup
    table: SourceTable
    prepare: tuple[Preparation, ...]
    """From the cleaned table to the frame that features read."""
    compute: Aggregate | Select
    """The features as they are declared."""
    finish: tuple[AddColumns, ...]
    """Final types of the features; the derived features and their final types."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Everything, in order."""
        return (*self.prepare, self.compute, *self.finish)


def feature_schema(features: Sequence[Feature]) -> Schema:
    """Final types of features: strings and float64."""
    return {f.name: pl.String() if f.kind is FeatureKind.CATEGORICAL else pl.Float64() for f in features}


def named(features: tuple[Feature, ...]) -> tuple[nw.Expr, ...]:
    """Expressions of features under their names."""
    return tuple(feature.expression.alias(feature.name) for feature in features)
