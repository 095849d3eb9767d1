"""The vocabulary in which a portfolio is declared.

What is here: frozen dataclasses only: tables and columns, features and feature groups, costs, reasons, the portfolio.
What to add here: a field, when every portfolio could need it.
What must not be here: the name of a column, table or feature of any portfolio, and anything that computes.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

import narwhals as nw

from credit_platform.portfolios.monitoring_policy import MonitoringPolicy
from credit_platform.portfolios.reason import Contact, Reason
from credit_platform.portfolios.retention import Period, Retention

# The words of a portfolio are part of its vocabulary; what is defined here is exported anyway.
__all__ = ["Contact", "MonitoringPolicy", "Period", "Reason", "Retention"]

FLOAT32_MAX = 3.4028234663852886e38
"""Greatest number of 32 bits."""
EMPTY_TEXTS = ("", "\\N")
"""Null in a text column: an empty field, quoted or not, and what PostgreSQL and MySQL write."""
EMPTY_NUMBERS = ("", "NA", "NaN", ".", "\\N")
"""Null in a number column: besides those, what R (`NA`), Python (`NaN`) and SAS (`.`) write."""


class ColumnType(StrEnum):
    """Storage types of raw columns; no wider than the contract needs."""

    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    STRING = "string"

    @property
    def is_integer(self) -> bool:
        """Whether values of this type are whole numbers."""
        return self.value.startswith("int")

    @property
    def is_numeric(self) -> bool:
        """Whether values of this type are numbers."""
        return self is not ColumnType.STRING

    @property
    def bits(self) -> int:
        """Bits that a stored number takes; 0 for text."""
        return int(self.value.lstrip("intfloa")) if self.is_numeric else 0

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest number of this type, integers as int; infinite for text, which has no order here."""
        if self.is_integer:
            half: int = 1 << (self.bits - 1)
            return -half, half - 1
        greatest = {"float32": FLOAT32_MAX, "float64": sys.float_info.max}.get(self.value, math.inf)
        return -greatest, greatest

    @property
    def empty_texts(self) -> tuple[str, ...]:
        """Texts of a file that stand for null in a column of this type; for numbers blanks around them do not count."""
        return EMPTY_NUMBERS if self.is_numeric else EMPTY_TEXTS


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a raw table: what it means and what a valid value is."""

    name: str
    type: ColumnType
    description: str
    """In the project's own words."""
    unit: str | None = None
    """Unit of a number ("months", "DM"); None for categories and pure numbers."""
    nullable: bool = False
    allowed: tuple[str | int, ...] | None = None
    """Every value that is valid; None when any value of the type is."""
    minimum: float | None = None
    maximum: float | None = None
    """Inclusive range of valid numbers. Null passes a range; `nullable` decides about null."""
    sentinel: int | float | str | None = None
    """A value that stands for "unknown"; it is valid, and becomes null once, before features are computed."""
    protected: str | None = None
    """The attribute that this column reveals, for which it must not reach the model ("gender"); None when it may."""
    audited: str | None = None
    """The attribute that this column reveals and features may read, while the audit watches it ("age"); None for none.
    Documents name it, with the features that read it, and fairness is measured without them."""
    influenceable: bool = False
    """Whether the applicant can change this value by asking for another loan (amount, duration, …)."""
    advice: Literal["lower", "higher", "any"] | None = None
    """Which way the lender would advise an applicant to change this value, to be accepted; None for no advice. Never
    for what somebody is (age, family, work), nor where the advice would be to say something else (purpose)."""
    typical_median: tuple[float, float] | None = None
    """Range in which the median lies when unit and column are right; outside it a finding asks, no row is rejected."""
    usual_null_share: float | None = None
    """Share of nulls in a sound file, 0 to 1. Clearly more is a finding; None where nobody knows what is usual."""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many of the parents have rows in a table, in a sound file: "95 % of applicants have instalments"."""

    share: float
    """Of the parents, 0 to 1."""
    parents: str
    """What the parents are, in the plural: "applicants"."""
    rows: str
    """What the rows are, in the plural: "instalments"."""


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """Rows of a table point at rows of `parent`; rows whose parent is absent are orphans."""

    column: str
    parent: str
    parent_column: str
    also: tuple[str, ...] = ()
    """Further tables whose rows, by the same column, are parents as well."""
    usual_orphan_share: float = 0.0
    """Share of rows whose parent is absent, in a sound file, 0 to 1. Clearly more is a finding."""
    usual_coverage: Coverage | None = None
    """Share of parents that have rows here, in a sound file; below half of it is a finding. None: it may be any."""


@dataclass(frozen=True, kw_only=True)
class DescriptionFile:
    """A file in the raw folder that describes the columns of the others in words, for people."""

    file_name: str
    table_column: str
    """Column of the file that says of which table it speaks."""
    name_column: str
    """Column of the file with the name of the described column."""
    tables: Mapping[str, tuple[str, ...]]
    """How the file calls each table, by the table's name."""
    slips: Mapping[str, str] = field(default_factory=dict)
    """Names that the file is known to misspell, and the right ones."""
    left_out: tuple[str, ...] = ()
    """Names that the file is known to describe though no table has them, or to describe for another table only."""


@dataclass(frozen=True, kw_only=True)
class SourceTable:
    """One raw CSV file and its contract."""

    name: str
    file_name: str
    description: str
    columns: tuple[Column, ...]
    """In the order of the file's header."""
    primary_key: tuple[str, ...] = ()
    """Columns that identify a row; empty when the table has no key."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    sort_by: tuple[str, ...] = ()
    """Columns by which stored rows are sorted, where that pays."""
    max_rejected_share: float = 0.01
    """Above this share of rejected rows the asset's blocking check fails."""
    contract_version: str = "1"
    described_in: DescriptionFile | None = None
    """File beside this one that describes its columns; where it is there, it is compared with the contract."""

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order of the file's header."""
        return tuple(column.name for column in self.columns)


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


@dataclass(frozen=True, kw_only=True)
class CostMatrix:
    """What wrong decisions cost, in units of the cheaper one. Right decisions cost nothing."""

    false_negative: float
    """A loan granted that defaults."""
    false_positive: float
    """A good applicant refused."""
    source: str

    @property
    def break_even(self) -> float:
        """Probability of default at which granting and refusing cost the same (optimal if calibrated)."""
        return self.false_positive / (self.false_positive + self.false_negative)


@dataclass(frozen=True, kw_only=True)
class Economics:
    """What a granted loan earns and loses, as shares of the amount lent. A refused applicant earns and costs nothing.

    The defaults are round figures for consumer loans, not measurements: a lender replaces them by their own.
    """

    loss_given_default: float = 0.45
    """Share of the amount that is lost when a loan defaults."""
    margin: float = 0.09
    """Share of the amount earned over the life of a loan that is repaid, after funding and running costs."""
    mean_amount: float = 1.0
    """Amount of an average loan, in `currency`. The default counts money in average loans."""
    currency: str = "average loans"
    review_cost: float | None = None
    """Cost of one review by a person, in units of the cost matrix. With it, applicants near the threshold get the
    decision `review`; without it a machine decides about everybody."""
    source: str = (
        "Loss given default: 45 %, the Basel II foundation approach for senior unsecured claims; margin: a fifth of it"
    )

    def cost_ratio(self) -> float:
        """Cost of a granted default in units of a refused good applicant, as these figures imply it."""
        return self.loss_given_default / self.margin


@dataclass(frozen=True, kw_only=True)
class PointsScale:
    """Scorecard points: `base_points` at `base_odds` (good : bad), `points_to_double_odds` more when odds double.

    Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 6.
    """

    base_points: float = 600.0
    base_odds: float = 20.0
    points_to_double_odds: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """A product line: its data, features, costs and words. Everything the platform does is driven by one of these."""

    name: str
    title: str
    description: str
    source: str
    """Where the data come from, with their licence."""
    tables: tuple[SourceTable, ...]
    training_table: str
    """Application table with the target."""
    scoring_table: str | None = None
    """Application table without the target, where there is one."""
    applicant_key: str
    target: str
    """Column of the training table: 1 = default, 0 = repaid."""
    feature_groups: tuple[FeatureGroup, ...]
    cross_features: tuple[Feature, ...] = ()
    """Row expressions over the features of all groups, computed last."""
    audit_features: tuple[Feature, ...] = ()
    """Row expressions over the application table for the audit table (age band, …); never seen by a model."""
    reasons: tuple[Reason, ...]
    costs: CostMatrix
    points: PointsScale = field(default_factory=PointsScale)
    auc_floor: float = 0.65
    """Least AUC, as the lower end of its 95 % interval, with which the gate lets a model pass."""
    fairness_severity: Literal["block", "warn"] = "warn"
    """What a disparity does that the fairness audit finds: "block" refuses the promotion, "warn" notes it.

    The four-fifths rule is a screen, not a verdict: groups that differ in risk differ in acceptance under any accurate
    model, and a person must weigh the cause. A lender bound to the rule sets "block"."""
    economics: Economics = field(default_factory=Economics)
    """What a granted loan earns and loses, for expected profit and return."""
    contact: Contact = field(default_factory=Contact)
    """Whom a refused applicant asks for a review by a person. The default is made up: a lender names their own."""
    retention: Retention = field(default_factory=Retention)
    """How long decisions, features and reports are kept, and on what legal ground."""
    monitoring: MonitoringPolicy = field(default_factory=MonitoringPolicy)
    """Whose day it is, when an outcome counts, and when a retraining may start."""
    candidates: tuple[str, ...] = (
        "logistic_regression",
        "scorecard",
        "random_forest",
        "gradient_boosting",
        "xgboost",
        "lightgbm",
        "mlp",
        "linear_svm",
        "stacked",
    )
    bundled_raw: Path | None = None
    """Folder inside the package with raw files, used when the user gave none."""
    express_columns: tuple[str, ...] = ()
    """Columns of the reduced application: with them alone an applicant can be scored, where the model can bear the
    others missing. None: every column that may not be null is required."""
    examples: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Named application rows for documentation and demonstration."""
    example_histories: Mapping[str, Mapping[str, Sequence[Mapping[str, object]]]] = field(default_factory=dict)
    """Raw rows of the other tables, by name of the example and of the table, for examples that have histories."""

    def table(self, name: str) -> SourceTable:
        """Return the table called `name`; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(f"{self.name} has no table {name}")

    def reason(self, code: str) -> Reason:
        """Return the reason family with `code`; KeyError when there is none."""
        for reason in self.reasons:
            if reason.code == code:
                return reason
        raise KeyError(f"{self.name} has no reason {code}")

    @property
    def features(self) -> tuple[Feature, ...]:
        """Every feature a model may use, in the order of the feature table's columns."""
        return (*(feature for group in self.feature_groups for feature in group.all_features), *self.cross_features)

    @property
    def application_columns(self) -> tuple[Column, ...]:
        """Columns of an application as an applicant gives them: the training table less key and target."""
        return tuple(
            c for c in self.table(self.training_table).columns if c.name not in (self.applicant_key, self.target)
        )
