"""What could be done about a disparity, and what leaving protected attributes out costs.

What is here: the search for a less discriminatory threshold or model at equal cost, and the comparison of the model
with one that sees the protected attributes.
What to add here: another kind of alternative.
What must not be here: measuring groups (`fairness.py`), deciding (`gate.py`), training other than for comparison.

The search for a less discriminatory alternative is the third step of a disparate-impact case; see CFPB, Supervisory
Highlights 28 (2022), section on models, and E. Black et al., Less Discriminatory Algorithms (2024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from credit_platform.governance.document import words
from credit_platform.governance.evidence import Evidence
from credit_platform.governance.fairness import LEAST_MEMBERS
from credit_platform.modelling.candidates import Candidate
from credit_platform.modelling.cross_validation import CrossValidation, cross_validate
from credit_platform.modelling.intervals import auc_difference, paired_bootstrap
from credit_platform.modelling.metrics import Floats, applicant_costs, check_outcomes, roc_auc
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.feature_group import Feature, FeatureKind
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import is_refused

EQUAL_COST = 0.02
"""Costs that differ by less than this share count as equal, as in the gate."""
BETTER_RATIO = 0.02
"""An alternative must raise the least impact ratio by at least this much to be worth naming."""
MOST_ROWS = 10_000
"""The comparison with protected attributes uses at most so many applicants: it is a measurement, not a product."""
_STEPS = 200


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """A threshold or a model with a smaller disparity at equal cost."""

    kind: str
    """`threshold` or `model`."""
    name: str
    """The candidate."""
    threshold: float
    attribute: str
    least_ratio: float
    """Least impact ratio of the attribute with the alternative."""
    least_ratio_now: float
    """The same as decided now."""
    cost: float
    """Cost per applicant with the alternative."""
    cost_now: float

    @property
    def sentence(self) -> str:
        """For the report."""
        what = f"threshold {self.threshold:.3f}" if self.kind == "threshold" else f"model {self.name}"
        return (
            f"With {what} the least impact ratio by {self.attribute} would be {self.least_ratio:.2f} instead of "
            f"{self.least_ratio_now:.2f}, at a cost of {self.cost:.3f} per applicant instead of {self.cost_now:.3f}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Fields and sentence as JSON values."""
        return {**asdict(self), "sentence": self.sentence}


@dataclass(frozen=True, kw_only=True)
class ExclusionCost:
    """What the model would gain by seeing the protected attributes; out of fold, on the same applicants and folds."""

    applicants: int
    attributes: tuple[str, ...]
    auc_with: float
    auc_without: float
    auc_gain: float
    auc_gain_low: float
    auc_gain_high: float
    cost_with: float
    cost_without: float
    cost_of_exclusion: float
    """Cost per applicant without less that with them: above 0 when excluding them costs."""
    cost_of_exclusion_low: float
    cost_of_exclusion_high: float

    @property
    def sentence(self) -> str:
        """For the report."""
        beyond = (
            "beyond chance" if self.cost_of_exclusion_low > 0 or self.cost_of_exclusion_high < 0 else "within chance"
        )
        return (
            f"For comparison the same kind of model was trained with {words(self.attributes)} as further inputs, on "
            f"{self.applicants:,} applicants out of fold and before calibration. Not giving it these changes the cost "
            f"per applicant by {self.cost_of_exclusion:+.3f} (95%: {self.cost_of_exclusion_low:+.3f} to "
            f"{self.cost_of_exclusion_high:+.3f}, {beyond}); the AUC is {self.auc_without:.3f} without them as inputs "
            f"and {self.auc_with:.3f} with them."
        )

    def to_dict(self) -> dict[str, Any]:
        """Fields and sentence as JSON values."""
        return {**asdict(self), "attributes": list(self.attributes), "sentence": self.sentence}


def least_impact_ratio(
    accepted: np.ndarray[Any, Any], codes: np.ndarray[Any, Any], judged: Sequence[int]
) -> float | None:
    """Least acceptance rate of the judged groups over the highest; None without two groups, or when none is accepted.

    One group, or nobody granted, is nothing to compare: a ratio of 1 would call it fair.
    """
    rates = [float(accepted[codes == code].mean()) for code in judged]
    return min(rates) / max(rates) if len(rates) > 1 and max(rates) > 0 else None


def judged_groups(labels: pl.Series) -> tuple[np.ndarray[Any, Any], list[int]]:
    """Code of each applicant's group, and the codes of the groups that are large enough to be judged."""
    _, codes, counts = np.unique(
        labels.cast(pl.String).fill_null("unknown").to_numpy(), return_inverse=True, return_counts=True
    )
    return codes, np.flatnonzero(counts >= LEAST_MEMBERS).tolist()


def less_discriminatory(
    now: Evidence,
    threshold: float,
    groups: pl.DataFrame,
    models: Mapping[str, Floats],
    costs: CostMatrix,
    *,
    name: str,
    attributes: Sequence[str],
) -> list[Alternative]:
    """Search thresholds of the model, and the other models, for a smaller disparity at equal cost.

    Args:
        now: outcomes, probabilities and decisions as they are, out of sample.
        threshold: of the model now.
        groups: group of each applicant by attribute, in the order of `now`.
        models: calibrated probabilities of other models for the same applicants, in the same order.
        costs: of wrong decisions.
        name: of the model now.
        attributes: those with a disparity; the rest need no alternative.

    Returns:
        The best threshold and the best model of each attribute, where there is one.
    """
    search = _Search(now, threshold, groups, costs)
    options = [("threshold", name, now.probability, one) for one in _near(now.probability, threshold)]
    options += [("model", other, p, threshold) for other, p in models.items()]
    found = []
    for attribute in attributes:
        better = [one for option in options if (one := search.alternative(attribute, *option))]
        for kind in ("threshold", "model"):
            of_kind = [one for one in better if one.kind == kind]
            found += sorted(of_kind, key=lambda one: (-one.least_ratio, one.cost))[:1]
    return found


class _Search:
    """Judges alternatives against what is decided now."""

    def __init__(self, now: Evidence, threshold: float, groups: pl.DataFrame, costs: CostMatrix) -> None:
        self._now, self._threshold, self._costs = now, threshold, costs
        self._codes = {attribute: judged_groups(groups[attribute]) for attribute in groups.columns}
        self._cost_now = self._cost(now.probability, threshold)

    def alternative(self, attribute: str, kind: str, name: str, p: Floats, threshold: float) -> Alternative | None:
        cost = self._cost(p, threshold)
        if cost > self._cost_now * (1 + EQUAL_COST):
            return None
        codes, judged = self._codes[attribute]
        ratio = least_impact_ratio(~is_refused(p, threshold), codes, judged)
        ratio_now = least_impact_ratio(~is_refused(self._now.probability, self._threshold), codes, judged)
        if ratio is None or ratio_now is None or ratio < ratio_now + BETTER_RATIO:
            return None
        return Alternative(
            kind=kind,
            name=name,
            threshold=threshold,
            attribute=attribute,
            least_ratio=ratio,
            least_ratio_now=ratio_now,
            cost=cost,
            cost_now=self._cost_now,
        )

    def _cost(self, p: Floats, threshold: float) -> float:
        return float(applicant_costs(self._now.y, is_refused(p, threshold), self._costs).mean())


def _near(p: Floats, threshold: float) -> list[float]:
    """Thresholds between half and twice the present one, evenly by rank of the scores."""
    inside = np.unique(p[(p > threshold / 2) & (p <= min(1.0, threshold * 2))])
    places = np.unique(np.linspace(0, inside.size - 1, min(_STEPS, inside.size)).round().astype(np.int64))
    return [float(value) for value in inside[places]]


def cost_of_exclusion(  # noqa: PLR0917  # as cross_validate takes them
    candidate: Candidate,
    frame: pl.DataFrame,
    split: pl.DataFrame,
    groups: pl.DataFrame,
    portfolio: Portfolio,
    params: Mapping[str, Any],
    *,
    threshold: float,
    seed: int,
    threads: int,
    most_rows: int = MOST_ROWS,
    without: CrossValidation | None = None,
) -> ExclusionCost:
    """Cross-validate the model with and without protected attributes on the same folds; neither model is kept.

    Args:
        candidate: what to train.
        frame: feature table.
        split: as from `splits.split`.
        groups: applicant key and protected attributes.
        portfolio: names the key, features and costs.
        params: of the candidate.
        threshold: at which costs are compared.
        seed: of everything random.
        threads: threads to use at most.
        most_rows: applicants to use at most; the first by a hash of the key.
        without: the same candidate and parameters, cross-validated without protected attributes on the same folds and
            with the same seed; taken instead of doing that again where it scored exactly the applicants used here.

    Raises:
        ModellingError: see `cross_validation.cross_validate`.
    """
    key = portfolio.applicant_key
    used = at_most(split.filter(pl.col("fold") != HOLDOUT), key, most_rows)
    attributes = tuple(name for name in groups.columns if name != key)
    joined = frame.join(groups, on=key, how="left", suffix="__protected")
    extra = tuple(_protected_feature(name) for name in attributes)

    def scores(features: Sequence[Feature]) -> CrossValidation:
        return cross_validate(candidate, joined, used, portfolio, params, seed=seed, threads=threads, features=features)

    if without is None or not without.oof[key].equals(used.sort(key)[key]):
        without = scores(portfolio.features)
    return _compare(without, scores((*portfolio.features, *extra)), portfolio, threshold, attributes)


def _compare(
    without: CrossValidation,
    with_them: CrossValidation,
    portfolio: Portfolio,
    threshold: float,
    attributes: tuple[str, ...],
) -> ExclusionCost:
    y, p = check_outcomes(without.oof["target"], without.oof["probability"])
    _, q = check_outcomes(with_them.oof["target"], with_them.oof["probability"])
    auc = auc_difference(y, q, p)
    ours, theirs = (applicant_costs(y, is_refused(one, threshold), portfolio.costs) for one in (p, q))
    gap = paired_bootstrap(ours, theirs)
    return ExclusionCost(
        applicants=int(y.size),
        attributes=attributes,
        auc_with=roc_auc(y, q),
        auc_without=roc_auc(y, p),
        auc_gain=auc.difference,
        auc_gain_low=auc.low,
        auc_gain_high=auc.high,
        cost_with=float(theirs.mean()),
        cost_without=float(ours.mean()),
        cost_of_exclusion=gap.difference,
        cost_of_exclusion_low=gap.low,
        cost_of_exclusion_high=gap.high,
    )


def _protected_feature(name: str) -> Feature:
    return Feature(
        name=name,
        expression=nw.col(name),
        description="Protected attribute, for comparison only.",
        reason="audit",
        kind=FeatureKind.CATEGORICAL,
    )


def at_most(split: pl.DataFrame, key: str, rows: int) -> pl.DataFrame:
    """About `rows` rows of `split`, in the same shares of folds and outcomes; all of them when there are few enough."""
    if split.height <= rows:
        return split
    order = split.with_columns(pl.col(key).hash(seed=11).alias("_order")).sort("_order")
    place = pl.int_range(pl.len()).over("fold", "target")
    kept = order.filter(place < (pl.len().over("fold", "target") * (rows / split.height)).ceil())
    return kept.drop("_order").sort(key)
