"""What is scored: a portfolio, declared.

What is here: `Portfolio`, whose words are those of `source_table`, `feature_group`, `economics`, `reason` and
`retention`.
What to add here: a field, when every portfolio could need it.
What must not be here: the name of a column, table or feature of any portfolio, and anything that computes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from credit_platform.portfolios.approval import ApprovalPolicy
from credit_platform.portfolios.economics import CostMatrix, Economics, PointsScale
from credit_platform.portfolios.feature_group import Feature, FeatureGroup
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy
from credit_platform.portfolios.reason import Contact, Reason
from credit_platform.portfolios.responsible import Responsible
from credit_platform.portfolios.retention import Retention
from credit_platform.portfolios.source_table import Column, SourceTable


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
    """Least AUC, as the lower end of its 95% interval, with which the gate lets a model pass."""
    fairness_severity: Literal["block", "warn"] = "warn"
    """What a disparity does that the fairness audit finds: "block" refuses the promotion, "warn" notes it.

    The four-fifths rule is a screen, not a verdict: groups that differ in risk differ in acceptance under any accurate
    model, and a person must weigh the cause. A lender bound to the rule sets "block"."""
    economics: Economics = field(default_factory=Economics)
    """What a granted loan earns and loses, for expected profit and return."""
    contact: Contact = field(default_factory=Contact)
    """Whom a refused applicant asks for a review. The default is made up: a lender names their own."""
    owner: Responsible = field(default_factory=Responsible)
    """Who answers for its models, with whom a reader of their documents gets in touch. The default is made up."""
    approval: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    """Whether a person must approve a model, and who may; a home may ask for more (`credit-platform approval`)."""
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
    """Columns with which alone an applicant can be scored; none: every column that may not be null is required."""
    examples: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Named application rows for documentation and demonstration."""
    example_histories: Mapping[str, Mapping[str, Sequence[Mapping[str, object]]]] = field(default_factory=dict)
    """Raw rows of the other tables, by name of the example and of the table."""

    def table(self, name: str) -> SourceTable:
        """Return the table called `name`; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(f"{self.name} has no table {name}")

    @property
    def application_tables(self) -> set[str]:
        """Names of the tables with a row per application: outcome known, and to be scored where there are any."""
        return {self.training_table, *([self.scoring_table] if self.scoring_table else [])}

    def read_before(self, table: SourceTable) -> set[str]:
        """Names of the tables that are read before `table`.

        Those are the tables it points at, and for the applicants to be scored those whose outcome is known, for nobody
        may be in both.
        """
        pointed_at = {name for key in table.foreign_keys for name in (key.parent, *key.also)}
        return pointed_at | ({self.training_table} if table.name == self.scoring_table else set())

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
