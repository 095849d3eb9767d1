"""The vocabulary of features: an expression with its meaning, and the table and steps it is computed in.

What is here: frozen dataclasses only: a feature and its kind, a reduction to one row per parent, a group.
What to add here: a fact of a feature that every portfolio could declare.
What must not be here: a feature of any portfolio, and computing (`features`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import narwhals as nw


class FeatureKind(StrEnum):
    """How a feature is to be treated by an encoder."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One column of the feature table, declared once and run on any engine.

    `expression` is a Narwhals expression: over one row for application features, an aggregate for features of a
    history. Name = source, measure, window or condition, statistic: `bureau__active__debt__sum`.
    """

    name: str
    expression: nw.Expr
    description: str
    reason: str
    """Code of the `Reason` family that explains this feature to an applicant."""
    unit: str | None = None
    kind: FeatureKind = FeatureKind.NUMERIC
    monotone: int = 0
    """+1 when risk may only rise with the value, -1 when it may only fall, 0 when unknown."""
    minimum: float | None = None
    maximum: float | None = None
    """Inclusive range of values that can be right; outside it the feature is in error."""
    max_null_share: float | None = None
    """Largest share of nulls over all applicants of a sound table, 0 to 1; None when it may be any."""


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """A first reduction of a history, before the one to applicants: rows -> one row per `key` (a loan, say)."""

    key: tuple[str, ...]
    aggregates: Mapping[str, nw.Expr]
    parent: str | None = None
    """Table that carries the applicant key for `key`, joined after the reduction; None when `key` contains it."""
    parent_columns: tuple[str, ...] = ()
    """Further columns to take from `parent`."""


@dataclass(frozen=True, kw_only=True)
class FeatureGroup:
    """The features that come from one source table.

    Order of work: rows not known at application time are dropped (`known_at`), `steps` add columns one after another,
    `reduction` (if any) reduces to loans and `reduced_steps` add columns to those, then `features` are computed:
    selected per row when the table holds one row per applicant, aggregated per applicant otherwise. `derived`
    features are row expressions over the aggregated ones.
    """

    name: str
    table: str
    description: str
    features: tuple[Feature, ...]
    history: bool = False
    """Whether the table holds many rows per applicant, so that `features` are aggregates."""
    known_at: nw.Expr | None = None
    steps: tuple[Mapping[str, nw.Expr], ...] = ()
    reduction: Reduction | None = None
    reduced_steps: tuple[Mapping[str, nw.Expr], ...] = ()
    derived: tuple[Feature, ...] = ()

    @property
    def all_features(self) -> tuple[Feature, ...]:
        """Features and derived features, in the order of the stored columns."""
        return self.features + self.derived
