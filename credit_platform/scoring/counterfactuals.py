"""What would have to change for a refused applicant to be accepted.

What is here: the search over the columns for which the portfolio has advice.
What to add here: another way to walk through them.
What must not be here: a column of a portfolio; advice on what somebody is. Which columns may be touched, and which way,
the portfolio declares (`Column.advice`).

Source of the idea: Wachter, Mittelstadt, Russell, Counterfactual explanations without opening the black box (2018).
Changes are looked for on a grid, smallest first; every one of them was scored by the model itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from credit_platform.errors import RequestError
from credit_platform.portfolios.source_table import Column
from credit_platform.scoring.decision import Decision, Request
from credit_platform.scoring.row_encoder import FeatureValues
from credit_platform.scoring.scorer import Scorer

MOST = 3
"""Counterfactuals given at most."""
_SHARES = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
_FEW = 12
_WITHOUT_FRACTION = 100  # beyond it a fraction says nothing
"""A range of whole numbers up to this long is tried value by value."""


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """Changed inputs, and what the model then says."""

    changes: Mapping[str, object]
    """Column to its new value."""
    probability_of_default: float
    accepted: bool


def find_counterfactuals(
    scorer: Scorer, request: Request, *, stored: FeatureValues | None = None, decided: Decision | None = None
) -> list[Counterfactual]:
    """Look for the smallest changes with which `request` would be accepted.

    Args:
        scorer: what decides.
        request: whom it decides about.
        stored: feature values of the applicant's histories, used when the request brings none.
        decided: what `scorer` decided about `request`; by default it is checked and decided about here.

    Returns:
        At most `MOST`, those with one change first, then by how little changes; empty when the applicant is accepted as
        it is. When nothing is enough, the one combination that lowers the risk most, with `accepted` false; empty when
        nothing lowers it.

    Raises:
        RequestError: the request itself cannot be scored.
    """
    search = _Search(scorer, stored)
    now = search.probability_now(request) if decided is None else decided.probability_of_default
    if scorer.outcome(now) == "accepted":
        return []
    singles = search.singles(request)
    found = [option for option in singles if option.accepted][:MOST]
    if found:
        return found
    combined = search.combine(request, now)
    return [] if combined is None else [combined]


class _Search:
    def __init__(self, scorer: Scorer, stored: FeatureValues | None) -> None:
        self._scorer = scorer
        self._stored = stored
        self._columns = [column for column in scorer.portfolio.application_columns if column.advice is not None]

    def probability_now(self, request: Request) -> float:
        """Probability of default of a request that nobody has checked yet."""
        self._scorer.check(request)
        return float(self._scorer.score_features([self._scorer.features_of(request, stored=self._stored)])[0])

    def probabilities(self, requests: Sequence[Request]) -> list[float | None]:
        """Probability of default of each request; None where its values are none that an application can have."""
        features: list[FeatureValues | None] = []
        for request in requests:
            try:
                features.append(self._scorer.features_of(request, stored=self._stored))
            except RequestError:
                features.append(None)
        known = [values for values in features if values is not None]
        found = iter(self._scorer.score_features(known).tolist() if known else [])
        return [None if values is None else next(found) for values in features]

    def singles(self, request: Request) -> list[Counterfactual]:
        """For each column the smallest change that is enough, else the best one; those that are enough first."""
        options = [self._best_of(request, column) for column in self._columns]
        known = [option for option in options if option is not None]
        return sorted(known, key=lambda option: (not option.accepted, option.probability_of_default))

    def combine(self, request: Request, probability: float) -> Counterfactual | None:
        """Change one column after another, each time the one that helps most, until that is enough."""
        changes: dict[str, object] = {}
        left = list(self._columns)
        accepted = False
        while left and not accepted:
            options = [(column, self._best_of(_changed(request, changes), column)) for column in left]
            better = [(c, o) for c, o in options if o is not None and o.probability_of_default < probability]
            if not better:
                break
            column, option = min(better, key=lambda pair: (not pair[1].accepted, pair[1].probability_of_default))
            changes |= option.changes
            probability, accepted = option.probability_of_default, option.accepted
            left.remove(column)
        if not changes:
            return None
        return Counterfactual(changes=changes, probability_of_default=probability, accepted=accepted)

    def _best_of(self, request: Request, column: Column) -> Counterfactual | None:
        values = alternatives(column, request.application.get(column.name))
        probabilities = self.probabilities([_changed(request, {column.name: value}) for value in values])
        options = [
            Counterfactual(
                changes={column.name: value},
                probability_of_default=probability,
                accepted=self._scorer.outcome(probability) == "accepted",
            )
            for value, probability in zip(values, probabilities, strict=True)
            if probability is not None
        ]
        # Alternatives come smallest change first.
        enough = next((option for option in options if option.accepted), None)
        return enough or min(options, key=lambda option: option.probability_of_default, default=None)


def alternatives(column: Column, value: Any) -> list[object]:
    """Other values that the column's advice allows, the nearest first; none when there is no value to start from."""
    if value is None or value == column.sentinel:
        return []
    if column.allowed is not None:
        return [other for other in column.allowed if other != value and _is_advised(column, value, other)]
    if not column.type.is_numeric:
        return []
    low, high = column.minimum, column.maximum
    whole = column.type.is_integer
    if whole and low is not None and high is not None and high - low < _FEW:
        grid: set[float] = {float(number) for number in range(int(low), int(high) + 1)}
    else:
        grid = {value * share for share in _SHARES} | {value / share for share in _SHARES}
    rounded = {float(round(number)) for number in grid} if whole or abs(value) > _WITHOUT_FRACTION else grid
    valid = [n for n in rounded if (low is None or n >= low) and (high is None or n <= high) and n != value]
    advised = [number for number in valid if _is_advised(column, value, number)]
    return [int(n) if whole else n for n in sorted(advised, key=lambda number: abs(number - value))]


def _is_advised(column: Column, value: Any, other: Any) -> bool:
    if column.advice == "any" or not isinstance(other, int | float):
        return True
    return bool(other < value if column.advice == "lower" else other > value)


def _changed(request: Request, changes: Mapping[str, object]) -> Request:
    return replace(request, application={**request.application, **changes})
