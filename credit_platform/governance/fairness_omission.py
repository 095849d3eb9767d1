"""The model without an attribute that its features read: one of the less discriminatory alternatives.

What is here: `without_attribute`, the same candidate cross-validated without the features that read an audited
attribute, on the same applicants and folds.
What to add here: another thing to leave out.
What must not be here: searching thresholds and other models (`fairness_alternatives.py`), deciding (`gate.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from credit_platform.governance.attributes import Audited
from credit_platform.governance.fairness_alternatives import judged_groups, least_impact_ratio
from credit_platform.modelling.candidates import Candidate
from credit_platform.modelling.cross_validation import CrossValidation, cross_validate
from credit_platform.modelling.intervals import paired_bootstrap
from credit_platform.modelling.metrics import applicant_costs, check_outcomes, roc_auc
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import is_refused


@dataclass(frozen=True, kw_only=True)
class Omission:
    """The model with and without the features that read an attribute; out of fold, before calibration."""

    attribute: str
    features: int
    """Features left out."""
    applicants: int
    group: str | None
    """Attribute of the audit by which groups are told; None when it has no two groups that can be judged."""
    least_ratio: float | None
    """Least impact ratio without the features."""
    least_ratio_now: float | None
    cost: float
    """Cost per applicant without the features."""
    cost_now: float
    cost_change_low: float
    cost_change_high: float
    auc: float
    auc_now: float

    @property
    def sentence(self) -> str:
        """For the report."""
        change = self.cost - self.cost_now
        chance = "beyond chance" if self.cost_change_low > 0 or self.cost_change_high < 0 else "within chance"
        ratio = (
            f"the least impact ratio by {self.group} would be {self.least_ratio:.2f} instead of "
            f"{self.least_ratio_now:.2f}"
            if self.least_ratio is not None and self.least_ratio_now is not None
            else f"no groups by {self.attribute} could be compared"
        )
        count = f"{self.features} features" if self.features > 1 else "one feature"
        read = "read" if self.features > 1 else "reads"
        return (
            f"Without the {count} of the portfolio that {read} {self.attribute}, {ratio}, at a cost of {self.cost:.3f} "
            f"per applicant instead of {self.cost_now:.3f} ({change:+.3f}, 95%: {self.cost_change_low:+.3f} to "
            f"{self.cost_change_high:+.3f}, {chance}) and an AUC of {self.auc:.3f} instead of {self.auc_now:.3f}. "
            f"Measured on {self.applicants:,} applicants out of fold and before calibration, at the present threshold."
        )

    def to_dict(self) -> dict[str, Any]:
        """Fields and sentence as JSON values."""
        return {**asdict(self), "sentence": self.sentence}


def without_attribute(  # noqa: PLR0917  # as cross_validate takes them
    candidate: Candidate,
    frame: pl.DataFrame,
    used: pl.DataFrame,
    groups: pl.DataFrame,
    portfolio: Portfolio,
    params: Mapping[str, Any],
    *,
    audited: Audited,
    now: CrossValidation,
    threshold: float,
    seed: int,
    threads: int,
) -> Omission:
    """Cross-validate the candidate without the features that read `audited`; the model is not kept.

    Args:
        candidate: what to train.
        frame: feature table.
        used: applicants to use with their folds, as from `splits.split`.
        groups: applicant key and attributes of the audit.
        portfolio: names the key, features and costs.
        params: of the candidate.
        audited: the attribute; at least one feature reads it, and not all do.
        now: the same candidate, parameters and applicants with all features.
        threshold: at which costs and acceptance are compared.
        seed: of everything random.
        threads: threads to use at most.

    Raises:
        ModellingError: see `cross_validation.cross_validate`.
    """
    kept = tuple(feature for feature in portfolio.features if feature.name not in audited.features)
    less = cross_validate(candidate, frame, used, portfolio, params, seed=seed, threads=threads, features=kept)
    y, p = check_outcomes(now.oof["target"], now.oof["probability"])
    _, q = check_outcomes(less.oof["target"], less.oof["probability"])
    costs_now, costs = (applicant_costs(y, is_refused(one, threshold), portfolio.costs) for one in (p, q))
    gap = paired_bootstrap(costs, costs_now)
    key = portfolio.applicant_key
    of = now.oof.select(key).join(groups, on=key, how="left", maintain_order="left")
    ratios = {
        name: (ratio, before)
        for name in audited.groups
        for codes, judged in (judged_groups(of[name]),)
        if (ratio := least_impact_ratio(~is_refused(q, threshold), codes, judged)) is not None
        and (before := least_impact_ratio(~is_refused(p, threshold), codes, judged)) is not None
    }
    group = next(iter(ratios), None)
    return Omission(
        attribute=audited.attribute,
        features=len(audited.features),
        applicants=int(y.size),
        group=group,
        least_ratio=None if group is None else ratios[group][0],
        least_ratio_now=None if group is None else ratios[group][1],
        cost=float(costs.mean()),
        cost_now=float(costs_now.mean()),
        cost_change_low=gap.low,
        cost_change_high=gap.high,
        auc=roc_auc(y, q),
        auc_now=roc_auc(y, p),
    )
