"""The vocabulary of what a decision costs, and of the points that a score is told in.

What is here: frozen dataclasses only: costs of both errors, the business figures they come from, the scale of points.
What to add here: another figure that costs depend on.
What must not be here: figures of any portfolio, choosing a threshold (`modelling.threshold`).
"""

from __future__ import annotations

from dataclasses import dataclass


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
        "Loss given default: 45%, the Basel II foundation approach for senior unsecured claims; margin: a fifth of it"
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
