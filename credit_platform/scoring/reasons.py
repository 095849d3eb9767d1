"""From contributions of features to the reasons an applicant is told.

What is here: merging features into the portfolio's reason families, ranking, and the choice of the sentence.
What to add here: another rule of choice.
What must not be here: the sentences (they are the portfolio's), and the computation of contributions.

Source of the limit of four: Regulation B (ECOA), 12 CFR 1002.9(b)(2), official interpretation 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from credit_platform.errors import ScorerError
from credit_platform.features.inputs import feature_inputs
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason, Situation, Wording
from credit_platform.scoring.decision import DataUsed, Language, Outcome, ReasonGiven
from credit_platform.scoring.wordings import Phrase, ValueOf

Floats = NDArray[np.float64]

MOST_REASONS = 4
_APPLICATION_ONLY = DataUsed()


class ReasonMap:
    """Which reason family each feature of a model belongs to."""

    def __init__(self, portfolio: Portfolio, features: Sequence[str], reasons: Sequence[Reason] | None = None) -> None:
        """Map `features`, in the order of their contributions; with the words of `reasons` or of the portfolio.

        Raises:
            ScorerError: a feature is not the portfolio's, or its reason family is not declared. A contribution that
                nobody can explain must not be dropped in silence.
        """
        declared = {feature.name: feature.reason for feature in portfolio.features}
        by_code = {reason.code: reason for reason in (portfolio.reasons if reasons is None else reasons)}
        unmapped = [name for name in features if declared.get(name) not in by_code]
        if unmapped:
            raise ScorerError(
                f"Portfolio {portfolio.name} has no reason for {', '.join(unmapped)}.",
                "Declare the feature, and its reason family in the portfolio's reasons.",
            )
        families = [declared[name] for name in features]
        inputs = feature_inputs(portfolio)
        read = {
            code: frozenset().union(*(inputs[name] for name in features if declared[name] == code))
            for code in set(families)
        }
        self._families = [_Family(by_code[code], inputs, read[code]) for code in sorted(read)]
        self._order = np.argsort(np.array(families), kind="stable")
        ordered = [families[position] for position in self._order]
        self._starts = [ordered.index(family.code) for family in self._families]
        self.features = sorted(frozenset().union(*(family.features for family in self._families)))
        """Features whose values the wordings depend on."""

    @property
    def codes(self) -> list[str]:
        """Codes of the families in use, alphabetically."""
        return [family.code for family in self._families]

    def by_family(self, contributions: Floats) -> Floats:
        """Contributions (n, features) added up by family: (n, families), in the order of `codes`."""
        # reduceat, not a matrix product: its order of summation does not depend on the number of rows.
        return np.add.reduceat(contributions[:, self._order], self._starts, axis=1)

    def possible(self, value_of: ValueOf, used: DataUsed) -> list[tuple[bool, Wording]]:
        """What each family would say of one applicant on either side, whatever the score: if adverse, and what."""
        return [
            (adverse, family.phrase(value_of, used, adverse=adverse).wording)
            for family in self._families
            for adverse in (True, False)
        ]

    def choose(
        self,
        by_family: Floats,
        outcome: Outcome,
        language: Language,
        value_of: ValueOf,
        used: DataUsed = _APPLICATION_ONLY,
    ) -> tuple[ReasonGiven, ...]:
        """Reasons for one applicant, from `by_family` (families,), the strongest first, at most `MOST_REASONS`.

        Refused or sent to review: families that raised the risk above that of the average applicant, in adverse
        words. Accepted: families that lowered it, in favourable words. Nobody goes without a reason: where no family
        points the way of the decision (the average applicant is refused, say), the one that comes nearest is given.
        Of each family the first sentence is said that is true of the values that `value_of` gives, among those about
        something that the model reads.
        """
        adverse = outcome != "accepted"
        values: list[float] = by_family.tolist()
        return tuple(
            ReasonGiven(
                code=self._families[i].code,
                text=self._families[i].phrase(value_of, used, adverse=adverse).texts[language],
                contribution=values[i],
            )
            for i in _strongest(values, adverse=adverse)
        )

    def codes_for(self, by_family: Floats, outcome: Outcome) -> tuple[str, ...]:
        """Codes of the reasons that `choose` gives, which do not depend on words."""
        chosen = _strongest(by_family.tolist(), adverse=outcome != "accepted")
        return tuple(self._families[i].code for i in chosen)


def _strongest(values: list[float], *, adverse: bool) -> list[int]:
    """Which families point most the way of the decision, the strongest first."""
    # Plain numbers: one by one, those of an array cost five times as much. Families are in the order of their codes and
    # so are equal ones after sorting.
    strength = values if adverse else [-value for value in values]
    ranked = sorted(range(len(strength)), key=strength.__getitem__, reverse=True)
    return [i for i in ranked[:MOST_REASONS] if strength[i] > 0] or ranked[:1]


class _Family:
    """A family with its sentences ready to be chosen from."""

    def __init__(self, reason: Reason, inputs: Mapping[str, frozenset[str]], read: frozenset[str]) -> None:
        self.code = reason.code
        # The last two say nothing in particular, so they are always about what counted.
        phrases = [Phrase(one) for one in reason.all_wordings if _counted(one, inputs, read)]
        self.features = frozenset().union(*(phrase.features for phrase in phrases))
        tables = () if reason.source is None else reason.source.tables
        # By side, and by whether all of the source was looked at: what cannot be said is not asked.
        self._phrases = {
            (adverse, complete): tuple(
                phrase
                for phrase in phrases
                if _may_be_said(phrase.wording.situation, adverse=adverse, complete=complete)
            )
            for adverse in (True, False)
            for complete in (True, False)
        }
        self._tables = tables

    def phrase(self, value_of: ValueOf, used: DataUsed, *, adverse: bool) -> Phrase:
        """The first sentence that is true; the last one of a side always is."""
        phrases = self._phrases[adverse, not self._tables or used.all_of(self._tables)]
        for phrase in phrases:
            if phrase.fits(value_of):
                return phrase
        return phrases[-1]


def _counted(wording: Wording, inputs: Mapping[str, frozenset[str]], read: frozenset[str]) -> bool:
    """Whether a sentence is about columns of the application that the family's features in the model `read`.

    What is true of somebody and did not move the score is no reason: that one owns a home, where the model kept only
    the age of the car. Sentences about histories depend on no such column.
    """
    about: frozenset[str] = frozenset().union(*(inputs.get(one.feature, frozenset()) for one in wording.when))
    return about <= read or (wording.situation == "nothing_known" and bool(about & read))


def _may_be_said(situation: Situation, *, adverse: bool, complete: bool) -> bool:
    """Whether a sentence for `situation` can be said, given the side and whether all of its source was looked at."""
    said = {"adverse": adverse, "favourable": not adverse, "nothing_known": complete, "not_looked_at": not complete}
    return said[situation]
