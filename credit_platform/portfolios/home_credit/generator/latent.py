"""Who applies: the hidden quantities that every table of one chunk of applicants is drawn from.

What is here: `Population`: ids, file, hidden risk, age, and the tendencies (to pay late, to borrow) behind histories.
What to add here: a quantity that two or more tables share.
What must not be here: columns of a file.

The model: a standard normal risk per applicant is seen, through noise, by everything that the files hold. The outcome
is drawn from it by a probit link: default when `LINK * risk + noise` exceeds the score of the default share. Whatever
is correlated with the outcome in the real files is given the loading on the risk that produces that correlation.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from credit_platform.portfolios.home_credit.generator.facts import TARGET_SHARE, normal_score
from credit_platform.portfolios.home_credit.generator.sampling import IntArray, correlated, stream, window

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FIRST_APPLICANT = 100_001
LINK = 0.71
"""Correlation of the hidden risk with the score that decides the outcome; tuned to the AUC of the real data."""
_THRESHOLD = normal_score(1.0 - TARGET_SHARE)
OUTCOME_CORRELATION = LINK * NormalDist().pdf(_THRESHOLD) / float(np.sqrt(TARGET_SHARE * (1.0 - TARGET_SHARE)))
"""Correlation of the hidden risk with the 0/1 outcome (point-biserial)."""


def loading(correlation: float) -> float:
    """Loading on the hidden risk that makes a score correlate with the outcome as `correlation` says."""
    return max(min(correlation / OUTCOME_CORRELATION, 0.9), -0.9)


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """One chunk of a generation: which one of how many, of how large a population."""

    seed: int
    index: int
    number: int
    applicants: int
    """Applicants of the whole population, both files."""
    scoring: int
    """Of them, those in the file without the outcome."""

    def stream(self, name: str) -> np.random.Generator:
        """The chunk's random stream called `name`."""
        return stream(self.seed, self.index, name)


@dataclass(frozen=True, kw_only=True)
class Population:
    """The applicants of one chunk; every array holds one entry per applicant."""

    chunk: Chunk
    applicant: IntArray
    """`SK_ID_CURR`."""
    scoring: BoolArray
    """Whether in the file without the outcome."""
    risk: FloatArray
    """Hidden risk of default, standard normal."""
    age: FloatArray
    """Normal score of age; positive is older."""
    pensioner: BoolArray
    discipline: FloatArray
    """Tendency to pay late, standard normal; positive is worse."""
    appetite: FloatArray
    """Tendency to borrow, standard normal."""
    target: npt.NDArray[np.int8]

    def __len__(self) -> int:
        """Number of applicants."""
        return len(self.applicant)


def draw_population(chunk: Chunk, pensioner_share: float, age_loading: float) -> Population:
    """Draw the applicants of one chunk; about `pensioner_share` of them, mostly the old, live on a pension."""
    rng = chunk.stream("population")
    first, last = window(chunk.applicants, chunk.index, chunk.number)
    size = last - first
    begin, end = window(chunk.scoring, chunk.index, chunk.number)
    scoring = np.zeros(size, dtype=bool)
    scoring[rng.permutation(size)[: end - begin]] = True
    risk = rng.standard_normal(size)
    age = -correlated(rng, risk, age_loading)
    retired = correlated(rng, age, 0.82) > normal_score(1.0 - pensioner_share)
    outcome = correlated(rng, risk, LINK) > _THRESHOLD
    return Population(
        chunk=chunk,
        applicant=np.arange(FIRST_APPLICANT + first, FIRST_APPLICANT + last),
        scoring=scoring,
        risk=risk,
        age=age,
        pensioner=retired,
        discipline=correlated(rng, risk, 0.58),
        appetite=correlated(rng, risk, 0.54),
        target=outcome.astype(np.int8),
    )
