"""What refused applicants would change: the best and the worst that can be true of them.

What is here: `bounds_of`.
What to add here: a figure whose extremes are reached when all refused default, or when all repay.
What must not be here: guessing what refused applicants would have done (reject inference).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit_platform.errors import ModellingError
from credit_platform.modelling.metrics import Floats, Outcomes, applicant_costs, roc_auc
from credit_platform.portfolios.economics import CostMatrix


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A figure over everybody who was decided, if all refused had defaulted and if all had repaid."""

    measure: str
    if_all_default: float | None
    if_all_repay: float | None
    said: str = "measured"


def bounds_of(y: Outcomes, p: Floats, refused_p: npt.ArrayLike, costs: CostMatrix) -> list[Bound]:
    """Extremes of AUC, default rate and cost per applicant over everybody decided.

    For one model and one threshold these are exact bounds: every refused applicant scores above every accepted one, so
    that AUC is greatest when all refused default (each then outscores every repaid loan) and least when all repay.

    Args:
        y: (n,) outcomes of accepted applicants, 1 = default.
        p: (n,) their probabilities.
        refused_p: (m,) probabilities of refused applicants.
        costs: of wrong decisions.
    """
    theirs = np.asarray(refused_p, dtype=np.float64)
    if not y.size:
        return [Bound(measure=name, if_all_default=None, if_all_repay=None, said="no outcomes yet") for name in _NAMES]
    scores, refused = np.concatenate([p, theirs]), np.arange(y.size + theirs.size) >= y.size
    both = [np.concatenate([y, np.full(theirs.size, what, dtype=np.int64)]) for what in (1, 0)]
    auc: list[float | str] = [_auc(outcomes, scores) for outcomes in both]
    said = next((value for value in auc if isinstance(value, str)), "measured")
    default, repay = (None if isinstance(value, str) else value for value in auc)
    rate, cost = (
        [float(f(one)) for one in both] for f in (np.mean, lambda o: applicant_costs(o, refused, costs).mean())
    )
    return [
        Bound(measure="auc", if_all_default=default, if_all_repay=repay, said=said),
        Bound(measure="default_rate", if_all_default=rate[0], if_all_repay=rate[1]),
        Bound(measure="cost_per_applicant", if_all_default=cost[0], if_all_repay=cost[1]),
    ]


def _auc(y: Outcomes, p: Floats) -> float | str:
    try:
        return roc_auc(y, p)
    except ModellingError as error:
        return error.what


_NAMES = ("auc", "default_rate", "cost_per_applicant")
