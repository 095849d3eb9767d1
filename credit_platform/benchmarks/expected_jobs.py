"""The job of the benchmark of expected performance: how many months of a world lie in the intervals that were expected.

What is here: `months_held`.
What must not be here: the worlds (`expected_worlds.py`), printing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from credit_platform.benchmarks.expected_worlds import WORLDS, Chance
from credit_platform.errors import BenchmarkError
from credit_platform.modelling.metrics import Floats, applicant_costs, roc_auc
from credit_platform.monitoring.performance.expected import expected_of
from credit_platform.monitoring.performance.recalibration import Recalibration, recalibration
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.scoring.rule import is_refused

COSTS = CostMatrix(false_negative=10, false_positive=1, source="made up for the benchmark")
FIGURES = ("auc", "default_rate", "cost_per_applicant")
_CONCEPT = 0.7
"""Added to the log-odds of everybody when the concept shifts, as in a recession."""
_Draw = Callable[[Chance, int], tuple[Floats, Floats]]


def months_held(
    world: str, *, holdouts: int, holdout: int, months: int, decisions: int, seed: int
) -> Mapping[str, Any]:
    """Ask for intervals of months under each shift of a world, and count those that hold what came.

    Args:
        world: one of `WORLDS`.
        holdouts: how many there are, each with months of its own.
        holdout: applicants of each.
        months: of each holdout.
        decisions: of each month.
        seed: of everybody and everything they do.

    Returns:
        `shifts`: by name of the shift (also `none`, and `concept`: nobody else applies, and they default more often),
        for each of `FIGURES` the shares `held` of all months and `least` of a holdout's, and the mean `width`.
    """
    made = WORLDS[world]()
    started = time.perf_counter()
    chance = np.random.default_rng(seed)
    known = [_holdout(made.before, chance, holdout) for _ in range(holdouts)]
    shifts: dict[str, tuple[_Draw, float]] = {"none": (made.before, 0.0)}
    shifts |= {name: (draw, 0.0) for name, draw in made.after.items()} | {"concept": (made.before, _CONCEPT)}
    found = {
        name: _held([[_month(draw, trust, chance, decisions, concept) for _ in range(months)] for trust in known])
        for name, (draw, concept) in shifts.items()
    }
    return {"seconds": time.perf_counter() - started, "shifts": found}


def _holdout(draw: _Draw, chance: Chance, size: int) -> Recalibration:
    scores, truth = draw(chance, size)
    found = recalibration(chance.random(size) < truth, scores)
    if isinstance(found, str):
        raise BenchmarkError(f"A holdout of {size} says nothing: {found}", "Ask for a larger one.")
    return found


def _month(draw: _Draw, trust: Recalibration, chance: Chance, size: int, concept: float) -> list[tuple[bool, float]]:
    """For each figure whether it came as expected, and how wide the interval is."""
    scores, truth = draw(chance, size)
    if concept:
        odds = truth / (1.0 - truth) * np.exp(concept)
        truth = odds / (1.0 + odds)
    y = (chance.random(size) < truth).astype(np.int64)
    refused = is_refused(scores, COSTS.break_even)
    expected = expected_of(scores, refused, trust, COSTS, seed=int(chance.integers(1 << 30)))
    came = (roc_auc(y, scores), float(y.mean()), float(applicant_costs(y == 1, refused, COSTS).mean()))
    told = (expected.auc, expected.default_rate, expected.cost_per_applicant)
    return [
        (one is not None and one.low <= value <= one.high, 0.0 if one is None else one.high - one.low)
        for one, value in zip(told, came, strict=True)
    ]


def _held(found: list[list[list[tuple[bool, float]]]]) -> dict[str, dict[str, float]]:
    """(holdouts, months, figures) to shares and widths by figure."""
    every = np.array(found)
    inside, width = every[..., 0].mean(axis=1), every[..., 1].mean(axis=(0, 1))
    return {
        name: {
            "held": float(inside[:, number].mean()),
            "least": float(inside[:, number].min()),
            "width": float(width[number]),
        }
        for number, name in enumerate(FIGURES)
    }
