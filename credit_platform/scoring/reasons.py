"""From contributions of features to the reasons an applicant is told.

What is here: merging features into the portfolio's reason families, ranking, and the sentence.
What to add here: another rule of choice.
What must not be here: the sentences (they are the portfolio's), and the computation of contributions.

Source of the limit of four: Regulation B (ECOA), 12 CFR 1002.9(b)(2), official interpretation 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from credit_platform.errors import ScorerError
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.decision import Language, Outcome, ReasonGiven

Floats = NDArray[np.float64]

MOST_REASONS = 4


class ReasonMap:
    """Which reason family each feature of a model belongs to."""

    def __init__(self, portfolio: Portfolio, features: Sequence[str]) -> None:
        """Map `features`, in the order of their contributions.

        Raises:
            ScorerError: a feature is not the portfolio's, or its reason family is not declared. A contribution that
                nobody can explain must not be dropped in silence.
        """
        declared = {feature.name: feature.reason for feature in portfolio.features}
        known = {reason.code for reason in portfolio.reasons}
        unmapped = [name for name in features if declared.get(name) not in known]
        if unmapped:
            raise ScorerError(
                f"Portfolio {portfolio.name} has no reason for {', '.join(unmapped)}.",
                "Declare the feature, and its reason family in the portfolio's reasons.",
            )
        families = [declared[name] for name in features]
        self._reasons = [portfolio.reason(code) for code in sorted(set(families))]
        self._order = np.argsort(np.array(families), kind="stable")
        ordered = [families[position] for position in self._order]
        self._starts = [ordered.index(reason.code) for reason in self._reasons]

    @property
    def codes(self) -> list[str]:
        """Codes of the families in use, alphabetically."""
        return [reason.code for reason in self._reasons]

    def by_family(self, contributions: Floats) -> Floats:
        """Contributions (n, features) added up by family: (n, families), in the order of `codes`."""
        # reduceat, not a matrix product: its order of summation does not depend on the number of rows.
        return np.add.reduceat(contributions[:, self._order], self._starts, axis=1)

    def choose(self, by_family: Floats, outcome: Outcome, language: Language) -> tuple[ReasonGiven, ...]:
        """Reasons for one applicant, from `by_family` (families,), the strongest first, at most `MOST_REASONS`.

        Refused or sent to review: families that raised the risk above that of the average applicant, in adverse
        words. Accepted: families that lowered it, in favourable words. Nobody goes without a reason: where no family
        points the way of the decision (the average applicant is refused, say), the one that comes nearest is given.
        """
        adverse = outcome != "accepted"
        strength = by_family if adverse else -by_family
        ranked = sorted(range(len(strength)), key=lambda i: (-strength[i], self._reasons[i].code))
        chosen = [i for i in ranked if strength[i] > 0][:MOST_REASONS] or ranked[:1]
        return tuple(
            ReasonGiven(
                code=self._reasons[i].code,
                text=self._reasons[i].text(language, adverse=adverse),
                contribution=float(by_family[i]),
            )
            for i in chosen
        )
