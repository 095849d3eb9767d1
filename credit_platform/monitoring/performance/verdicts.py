"""Does the champion still hold? Three answers in words: calibration, discrimination, and whether the concept moved.

What is here: `Answer`, `Verdicts` and `judge`.
What to add here: another question that mature outcomes answer.
What must not be here: whether to train again (the rule of retraining reads these answers), measuring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.modelling.intervals import auc_error
from credit_platform.modelling.metrics import roc_auc
from credit_platform.monitoring.performance.bands import TOO_HIGH, TOO_LOW

ALPHA = 0.05
_WIDER = NormalDist().inv_cdf(1.0 - ALPHA / 4.0) / NormalDist().inv_cdf(1.0 - ALPHA / 2.0)
Rows = Mapping[tuple[str, str], Mapping[str, Any]]


class Answer(StrEnum):
    """What outcomes say."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "not known yet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """An answer with its reason."""

    answer: Answer
    reason: str
    """A sentence with the figures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdicts:
    """What mature outcomes say of the champion."""

    calibration: Judgement
    """Whether probabilities are not too low in any band of points."""
    discrimination: Judgement
    """Whether it separates as well as on the holdout, among those it accepts."""
    concept: Judgement
    """Whether outcomes are what was to be expected from the probabilities."""


def judge(mature: pl.DataFrame, yardstick: pl.DataFrame | None, rows: Rows, bands: pl.DataFrame) -> Verdicts:
    """Judge the champion by its mature months together.

    Args:
        mature: `probability` and `defaulted` of its granted loans whose outcome counts.
        yardstick: `target` and `probability` of the holdout applicants whom it accepts; None without a champion.
        rows: its figures over all mature months, by basis and figure.
        bands: as from `bands.points_bands`.
    """
    if yardstick is None:
        nothing = Judgement(answer=Answer.UNKNOWN, reason="There is no champion yet.")
        return Verdicts(calibration=nothing, discrimination=nothing, concept=nothing)
    if mature.is_empty():
        nothing = Judgement(answer=Answer.UNKNOWN, reason="No month of the champion's decisions is mature yet.")
        return Verdicts(calibration=nothing, discrimination=nothing, concept=nothing)
    return Verdicts(calibration=_calibration(bands), discrimination=_against(mature, yardstick), concept=_concept(rows))


def _calibration(bands: pl.DataFrame) -> Judgement:
    low, high = (bands.filter(pl.col("said") == said) for said in (TOO_LOW, TOO_HIGH))
    tested = f"{bands.height} band{'s' if bands.height > 1 else ''} of points, Jeffreys test, Holm over the bands"
    if low.height:
        return Judgement(answer=Answer.FAILS, reason=f"Probabilities are too low in {_named(low)} ({tested}).")
    if high.height:
        reason = f"Probabilities are too high in {_named(high)}, which costs good applicants but no losses ({tested})."
        return Judgement(answer=Answer.HOLDS, reason=reason)
    return Judgement(answer=Answer.HOLDS, reason=f"Defaults are in line with the probabilities ({tested}).")


def _named(bands: pl.DataFrame) -> str:
    rows = bands.select("points_from", "points_below", "expected", "observed").rows()
    return "; ".join(f"{low} to {high} points (expected {e:.1%}, observed {o:.1%})" for low, high, e, o in rows)


def _against(mature: pl.DataFrame, yardstick: pl.DataFrame) -> Judgement:
    """One-sided test of two independent AUCs, each with its DeLong error."""
    try:
        now, then = (
            (roc_auc(y, p), auc_error(y, p))
            for y, p in (
                (mature["defaulted"].to_numpy().astype(np.int64), mature["probability"].to_numpy()),
                (yardstick["target"].to_numpy(), yardstick["probability"].to_numpy()),
            )
        )
    except ModellingError as error:
        return Judgement(answer=Answer.UNKNOWN, reason=f"It cannot be compared: {error.what}")
    figures = f"AUC {now[0]:.3f} on {mature.height:,} granted loans, {then[0]:.3f} on the holdout it accepts"
    spread = float(np.hypot(now[1], then[1]))
    chance = NormalDist().cdf((now[0] - then[0]) / spread) if spread > 0.0 else float(now[0] >= then[0])
    if chance < ALPHA:
        return Judgement(answer=Answer.FAILS, reason=f"It separates worse than on the holdout: {figures}.")
    return Judgement(answer=Answer.HOLDS, reason=f"It separates no worse than chance allows: {figures}.")


def _concept(rows: Rows) -> Judgement:
    """Whether AUC and default rate lie where the probabilities said.

    Both are asked at once, so each interval is widened as a normal one has to be for 5% of false alarms over both.
    """
    outside: list[str] = []
    inside: list[str] = []
    for name, word in (("auc", "AUC"), ("default_rate", "default rate")):
        came, expected = (rows.get((basis, name), {}) for basis in ("outcomes", "expected"))
        value, low, high = came.get("value"), expected.get("low"), expected.get("high")
        if value is None or low is None or high is None:
            continue
        low, high = (expected["value"] + _WIDER * (end - expected["value"]) for end in (low, high))
        said = f"{word} {value:.3f}, expected {low:.3f} to {high:.3f}"
        if low <= value <= high:
            inside.append(said)
        else:
            outside.append(f"{said} ({'better' if (value > high) == (name == 'auc') else 'worse'})")
    if outside:
        reason = (
            f"Outcomes are not what the probabilities said: {'; '.join(outside)}. Applicants with the same features do "
            "otherwise than before (concept shift), or more have come about whom the model was never right."
        )
        return Judgement(answer=Answer.FAILS, reason=reason)
    if not inside:
        return Judgement(answer=Answer.UNKNOWN, reason="Nothing could be expected to compare outcomes with.")
    return Judgement(answer=Answer.HOLDS, reason=f"Outcomes are what was to be expected: {'; '.join(inside)}.")
