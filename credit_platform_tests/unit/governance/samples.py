"""Challengers and champions whose truth is known, at the size of German Credit: 800 for development, 200 held out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from credit_platform.governance.approval import PolicyInForce
from credit_platform.governance.assurance import Assurance
from credit_platform.governance.decision import Contender
from credit_platform.governance.evidence import Evidence, GateInput
from credit_platform.governance.stability import SHIFT, Shift
from credit_platform.modelling.calibration import fit_platt
from credit_platform.modelling.metrics import Floats, Outcomes
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.approval import ApprovalPolicy
from credit_platform.scoring import sigmoid

PORTFOLIO = get_portfolio("german_credit")
THRESHOLD = PORTFOLIO.costs.break_even
CHALLENGER = Contender(name="lightgbm", version="4", digest="c" * 64)
CHAMPION = Contender(name="logistic_regression", version="2", digest="a" * 64)
MANUAL = PolicyInForce(policy=ApprovalPolicy(required=True), basis="The portfolio asks for it.")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def sound(**changes: Any) -> Assurance:
    """Facts of a model that nothing is wrong with; `changes` replace fields."""
    fields: dict[str, Any] = {
        "digests": {"scorer": "c" * 64, "fairness": "c" * 64},
        "data_hashes": {"scorer": "d" * 32, "applicants": "d" * 32},
        "fold_outcomes": {-1: (60, 140), 0: (50, 110), 1: (48, 112)},
        "strongest_alone": ("amount", 0.70),
        "dominant": ("amount", 0.20),
        "constant_features": (),
        "features": 12,
        "unexplained_features": (),
        "answers_checked": 400,
        "untrue_reasons": (),
        "largest_gap": 1e-15,
        "score_shift": Shift(name="score", psi=0.02, bound=SHIFT),
        "feature_shifts": (Shift(name="amount", psi=0.03, bound=SHIFT), Shift(name="months", psi=0.01, bound=SHIFT)),
        "flipped_features": (),
        "parity_applicants": 30,
        "parity_differing": (),
        "p95_milliseconds": 3.0,
        "adverse_groups": (),
        "watched_groups": (),
        "small_groups": (),
        "fairness_severity": "block",
    }
    return Assurance(**{**fields, **changes})


def margins(kind: str, truth: Floats, random: np.random.Generator, *, held_out: bool) -> Floats:
    """What a model of `kind` says where `truth` are the real log-odds."""
    if kind == "random":
        return random.normal(-1.1, 1.45, truth.size)
    if kind == "constant":
        return np.full(truth.size, -0.9)
    if kind == "weak":
        return 0.35 * truth + random.normal(0.0, 0.8, truth.size)
    if kind == "overconfident" and held_out:
        return 2.2 * truth
    if kind == "flipped" and held_out:
        return -truth - 2.2
    return truth


def applicants(random: np.random.Generator, rows: int) -> tuple[Outcomes, Floats]:
    """Outcomes and true log-odds: default rate 0.31, best possible AUC 0.81."""
    truth = random.normal(-1.1, 1.45, rows)
    return (random.random(rows) < sigmoid(truth)).astype(np.int64), truth


def gate_input(kind: str = "decent", seed: int = 1, **changes: Any) -> GateInput:
    """A first promotion of a model of `kind`, calibrated on development; `changes` replace fields."""
    random = np.random.default_rng(seed)
    y, truth = applicants(random, 800)
    margin = margins(kind, truth, random, held_out=False)
    y_holdout, truth_holdout = applicants(random, 200)
    margin_holdout = margins(kind, truth_holdout, random, held_out=True)
    if kind == "constant":
        probability, probability_holdout = sigmoid(margin), sigmoid(margin_holdout)
    else:
        calibrator = fit_platt(margin, y)
        probability, probability_holdout = calibrator.probability(margin), calibrator.probability(margin_holdout)
    fields: dict[str, Any] = {
        "portfolio": PORTFOLIO,
        "challenger": CHALLENGER,
        "development": Evidence.at_threshold(y, probability, THRESHOLD),
        "holdout": Evidence.at_threshold(y_holdout, probability_holdout, THRESHOLD),
        "champion": None,
        "champion_holdout": None,
        "assurance": sound(),
        "decided_by": "credit-platform run",
        "decided_at": NOON,
        "run_id": "run-1",
        "digests": {"scorer": "c" * 64, "applicants": "d" * 64},
    }
    return GateInput(**{**fields, **changes})
