"""What to do about a day, in sentences that follow from the verdicts.

What is here: `recommendations`.
What to add here: a sentence, with the case in which it is true.
What must not be here: deciding on a retraining.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from credit_platform.monitoring.drift.drift import MUCH_IMPORTANCE, Drift, Level
from credit_platform.monitoring.drift.questions import MATERIAL
from credit_platform.monitoring.drift.target import TargetDrift
from credit_platform.monitoring.drift.verdicts import Verdict

_NAMED = 5


def recommendations(drift: Drift, target: TargetDrift | None = None) -> list[str]:
    """At least one sentence; the most urgent first."""
    features, found = drift.features, []
    if drift.incidents:
        found.append(
            f"Mend the feed of {_listed(drift.incidents)} first: a model that is trained on broken values learns the "
            "damage. It is not counted as drift."
        )
    moved = features.filter("drifted")["feature"].to_list()
    if drift.level is Level.RETRAIN:
        found.append(
            f"Find out why {_listed(moved)} moved, and consider a retraining on applicants of after the change."
        )
    elif drift.level is Level.WATCH:
        found.append(f"Look at {_listed(moved)}, and whether it goes on: two features or fewer are no reason to train.")
    if drift.score > MUCH_IMPORTANCE:
        found.append(f"{drift.score:.0%} of what the model looks at has moved: do not wait for outcomes.")
    new = features.filter(pl.col("verdict") == Verdict.NEW_CATEGORY.value)["feature"].to_list()
    if new:
        found.append(f"Ask where the new values of {_listed(new)} come from; the model has never seen them.")
    found += _consequences(drift)
    if target is not None and target.verdict == "moved":
        found.append(f"{target.sentence} Look at the calibration by points band.")
    return found or [_NOTHING[drift.level]]


def _consequences(drift: Drift) -> list[str]:
    told = drift.consequence
    if told is None or told.score_verdict == Verdict.TOO_FEW.value:
        return []
    if told.score_psi > MATERIAL:
        return [
            f"The scores moved (PSI {told.score_psi:.2f}): by the model's own probabilities {told.acceptance_now:.1%} "
            f"are accepted instead of {told.acceptance_before:.1%}, at {told.cost_now:.3f} a head instead of "
            f"{told.cost_before:.3f}. Ask whether the threshold still fits."
        ]
    if drift.drifted:
        return [
            f"The scores have not moved materially (PSI {told.score_psi:.2f}); by the rule {told.acceptance_now:.1%} "
            f"are accepted instead of {told.acceptance_before:.1%}."
        ]
    return []


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_NAMED])
    if len(names) > _NAMED:
        return f"{', '.join(shown)} and {len(names) - _NAMED} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


_NOTHING = {
    Level.STABLE: "Nothing to do.",
    Level.TOO_FEW: "Wait for more applicants.",
    Level.WATCH: "Look again tomorrow.",
    Level.RETRAIN: "Find out why.",
}
