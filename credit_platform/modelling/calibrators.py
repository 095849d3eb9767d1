"""Choosing how margins become probabilities: Platt's line or an isotonic curve.

What is here: `calibrate`, what becomes of out-of-fold scores; fitting an isotonic calibrator, and the choice between it
and Platt's, made on cross-fitted probabilities.
What to add here: a further way to calibrate, as a line of `_FITS`.
What must not be here: measures of calibration (`calibration.py`), applying a calibrator (`scoring.calibration`).

Platt's line has two parameters, an isotonic curve as many as the data ask for. With few defaults the curve learns the
noise; it is known to win from about a thousand calibration cases. The rule, stated before the figures are seen: Platt,
unless there are at least `ENOUGH_DEFAULTS` defaults and as many repaid loans, *and* the cross-fitted log loss of the
isotonic curve is lower by more than chance explains (one-sided paired test at 95%). Beta calibration is not among the
choices: no library that the platform keeps fits it, and between a line and a free curve it would rarely decide.

Sources: A. Niculescu-Mizil and R. Caruana, Predicting good probabilities with supervised learning, ICML 2005, 625-632;
B. Zadrozny and C. Elkan, KDD 2002, 694-699.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.modelling.calibration import (
    calibration_slope_intercept,
    expected_calibration_error,
    fit_platt,
)
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.metrics import Floats, brier_score, check_outcomes, log_loss
from credit_platform.modelling.records import CalibrationRecord, CalibrationReport
from credit_platform.scoring.calibration import Calibrator, IsotonicCalibrator, PlattCalibrator, sigmoid

ENOUGH_DEFAULTS = 1000
"""Applicants of the rarer outcome from which an isotonic curve may be chosen."""
_EVIDENCE = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True)
class CalibratorChoice:
    """The calibrator to use, and what was compared."""

    calibrator: Calibrator
    """Fitted on all rows."""
    probability: Floats
    """(n,) cross-fitted: each fold calibrated by the chosen kind, fitted on the other folds."""
    table: pl.DataFrame
    """A row per calibration (none, platt, isotonic): brier, log_loss, calibration_error, slope, intercept, chosen."""
    reason: str
    """Why this calibrator, in a sentence."""


@dataclass(frozen=True)
class Calibrated:
    """Out-of-fold scores after calibration."""

    oof: pl.DataFrame
    """Of the cross-validation, with `probability` as the chosen calibration gives it, cross-fitted."""
    choice: CalibratorChoice
    report: CalibrationReport
    ways: dict[str, Floats]
    """(n,) probabilities by each way that was compared, by its name for people."""

    @property
    def record(self) -> CalibrationRecord:
        """What to store beside the rows."""
        return CalibrationRecord(
            calibrator=self.choice.calibrator.to_json(),
            method=self.choice.calibrator.kind,
            reason=self.choice.reason,
            compared=tuple(self.choice.table.to_dicts()),
            report=self.report,
        )


def calibrate(result: CrossValidation) -> Calibrated:
    """Choose a calibrator for the scores of a cross-validation, and say how true the probabilities are then.

    Raises:
        ModellingError: see `metrics.check_outcomes`.
    """
    y, margin, fold = (result.oof[name].to_numpy() for name in ("target", "margin", "fold"))
    choice = choose_calibrator(margin, y, fold)
    slope = calibration_slope_intercept(y, choice.probability)
    return Calibrated(
        oof=result.oof.with_columns(probability=pl.Series(choice.probability)),
        choice=choice,
        report=CalibrationReport(
            slope=slope.slope,
            intercept=slope.intercept,
            expected_calibration_error=expected_calibration_error(y, choice.probability),
        ),
        ways={
            "No calibration": sigmoid(margin),
            "Platt": result.oof["probability"].to_numpy(),
            "Isotonic": cross_fit(fit_isotonic, margin, y, fold),
        },
    )


def fit_isotonic(margin: npt.ArrayLike, y: npt.ArrayLike) -> IsotonicCalibrator:
    """Fit an isotonic calibrator: pool adjacent violators, then lines between the centres of the steps.

    The outcomes are smoothed as Platt does, so that no step reaches a probability of 0 or 1.

    Args:
        margin: (n,) log-odds from a model that did not see these rows.
        y: (n,) outcomes, 1 = default.

    Raises:
        ModellingError: see `metrics.check_outcomes`.
    """
    from sklearn.isotonic import IsotonicRegression

    outcomes, margins = check_outcomes(y, margin)
    defaults = int(outcomes.sum())
    repaid = outcomes.size - defaults
    target = np.where(outcomes == 1, (defaults + 1.0) / (defaults + 2.0), 1.0 / (repaid + 2.0))
    steps = IsotonicRegression().fit_transform(margins, target)
    _, block, counts = np.unique(steps, return_inverse=True, return_counts=True)
    centre = np.bincount(block, weights=margins) / counts
    value = np.bincount(block, weights=steps) / counts
    log_odds = np.maximum.accumulate(np.log(value) - np.log1p(-value))
    return IsotonicCalibrator(margins=tuple(centre.tolist()), values=tuple(log_odds.tolist()))


_FITS: Mapping[str, Callable[[Any, Any], Calibrator]] = {
    PlattCalibrator.kind: fit_platt,
    IsotonicCalibrator.kind: fit_isotonic,
}


def choose_calibrator(margin: npt.ArrayLike, y: npt.ArrayLike, fold: npt.ArrayLike) -> CalibratorChoice:
    """Choose between Platt and isotonic by the rule in the module's docstring.

    Args:
        margin: (n,) out-of-fold margins.
        y: (n,) outcomes, 1 = default.
        fold: (n,) fold of each row, two or more.

    Raises:
        ModellingError: see `metrics.check_outcomes`; also when the other folds of some fold hold one outcome only.
    """
    outcomes, margins = check_outcomes(y, margin)
    folds = np.asarray(fold)
    fitted = {kind: cross_fit(fit, margins, outcomes, folds) for kind, fit in _FITS.items()}
    kind, reason = _decide(outcomes, fitted)
    rows = [
        {"calibration": name, **_measures(outcomes, probability), "chosen": name == kind}
        for name, probability in {"none": sigmoid(margins), **fitted}.items()
    ]
    return CalibratorChoice(_FITS[kind](margins, outcomes), fitted[kind], pl.DataFrame(rows), reason)


def cross_fit(fit: Callable[[Any, Any], Calibrator], margin: Floats, y: npt.NDArray[Any], fold: Any) -> Floats:
    """Probability of each row, (n,), by a calibrator that `fit` made from the rows of the other folds."""
    probability = np.empty(margin.size)
    for number in np.unique(fold):
        here = fold == number
        probability[here] = fit(margin[~here], y[~here]).probability(margin[here])
    return probability


def _decide(y: npt.NDArray[np.int64], fitted: Mapping[str, Floats]) -> tuple[str, str]:
    rarer = int(min(y.sum(), (y == 0).sum()))
    losses = {kind: _losses(y, probability) for kind, probability in fitted.items()}
    saving = losses[PlattCalibrator.kind] - losses[IsotonicCalibrator.kind]
    gain, error = float(saving.mean()), float(saving.std() / np.sqrt(saving.size))
    figures = f"isotonic changes the cross-fitted log loss by {-gain:+.5f} (standard error {error:.5f})"
    if rarer < ENOUGH_DEFAULTS:
        return PlattCalibrator.kind, (
            f"Platt: {rarer} applicants of the rarer outcome are fewer than the {ENOUGH_DEFAULTS} from which a free "
            f"curve may be trusted; for the record, {figures}."
        )
    if gain > _EVIDENCE * error:
        return IsotonicCalibrator.kind, f"Isotonic: {figures}, an improvement beyond chance."
    return PlattCalibrator.kind, f"Platt: {figures}, no improvement beyond chance."


def _losses(y: npt.NDArray[np.int64], p: Floats) -> Floats:
    losses: Floats = -np.where(y == 1, np.log(p), np.log1p(-p))
    return losses


def _measures(y: npt.NDArray[np.int64], p: Floats) -> dict[str, float]:
    fit = calibration_slope_intercept(y, p)
    return {
        "brier": brier_score(y, p),
        "log_loss": log_loss(y, p),
        "calibration_error": expected_calibration_error(y, p),
        "slope": fit.slope,
        "intercept": fit.intercept,
    }
