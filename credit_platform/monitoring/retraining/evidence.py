"""What speaks for training again, and what against: the facts that the rule decides by.

What is here: `Evidence`, its `Ground`s and its hash; `PastRefit`.
What to add here: a fact that the rule needs; it goes into the hash only where another value of it is another reason.
What must not be here: where facts come from (`gathering.py`), what follows from them (`rule.py`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

HASH_DIGITS: Final = 16
RETRAIN_LEVEL: Final = "retrain"
"""The level of drift that speaks for training again."""
MOST_IMPORTANCE: Final = 0.5
"""Share of the model's importance that moved, above which drift speaks for training again, however few features."""


class Ground(StrEnum):
    """Why a model may have to be trained again."""

    CALIBRATION = "calibration"
    DISCRIMINATION = "discrimination"
    CONCEPT = "concept"
    DRIFT = "drift"
    EXPECTED = "expected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trainable:
    """Loans whose outcome is mature, and those of them that can be trained on."""

    outcomes: int = 0
    """Granted loans of mature months, of all models, whose outcome at maturity is known."""
    defaults: int = 0
    with_inputs: int = 0
    """Of them, those whose inputs the decision log keeps."""
    defaults_with_inputs: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All that the rule looks at, as it was at one moment."""

    champion: str | None
    """Digest of the model in production; None before the first promotion."""
    incidents: tuple[str, ...] = ()
    """Features whose feed broke: a data incident, which nobody trains on."""
    failing: tuple[str, ...] = ()
    """Tables whose newest data a blocking check refused, and that nobody has mended or answered for since."""
    unmade: tuple[str, ...] = ()
    """Tables of what is watched that the newest run could not make, for another reason than the data in them."""
    drift_level: str | None = None
    """`stable`, `watch` or `retrain`; None where nothing was judged, or only another model than the champion."""
    drift_score: float = 0.0
    """Share of the champion's importance that moved."""
    drifted: int = 0
    """Features that drifted."""
    fails: tuple[Ground, ...] = ()
    """What mature outcomes say does not hold: of calibration, discrimination, concept."""
    expected_worse: bool = False
    """Whether even the best AUC to be expected of young decisions lies below that of the yardstick."""
    mature_months: tuple[str, ...] = ()
    """Of the champion's decisions, the oldest first."""
    mature_outcomes: int = 0
    """Of the champion."""
    mature_defaults: int = 0
    trainable: Trainable = Trainable()

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """Why the champion may have to be trained again, what outcomes say first."""
        drift = self.drift_level == RETRAIN_LEVEL or self.drift_score > MOST_IMPORTANCE
        found = [ground for ground in Ground if ground in self.fails]
        return (*found, *([Ground.DRIFT] * drift), *([Ground.EXPECTED] * self.expected_worse))

    @property
    def hash(self) -> str:
        """16 hex digits of what decided: the champion, the grounds, and the months that outcomes are known of.

        Figures that change from day to day while they say the same (a score of drift, a count) are not in it: a refit
        that was tried is not tried again because a decimal moved.
        """
        said = {"champion": self.champion, "grounds": [*self.grounds], "months": [*self.mature_months]}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


@dataclass(frozen=True, kw_only=True, slots=True)
class PastRefit:
    """A retraining that began."""

    evidence: str
    """Hash of what it began for."""
    at: datetime
