"""Each trap beside performance gets the right answer from the gate, and the record says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.features.checks import single_feature_auc
from credit_platform.governance.assurance import (
    ASSURANCE_CHECKS,
    LATENCY_MILLISECONDS,
    LEAK_AUC,
    NEVER_OVERRIDDEN,
    advises,
)
from credit_platform.governance.gate import CHECK_NAMES, evaluate_gate
from credit_platform.governance.stability import Shift
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.small_scorer import raw_applications
from credit_platform_tests.unit.governance.samples import MANUAL, gate_input, sound

ADVERSE = "age_band 18 to 25: 26.3% granted, 0.60 times the rate of 41 to 60 (95%: 0.45 to 0.79)."


def test_a_sound_model_passes_every_check() -> None:
    assert all(check(sound()).passed for check in ASSURANCE_CHECKS.values())


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("evidence_matches", {"digests": {"scorer": "a" * 64, "fairness": "b" * 64}}, "fairness bbbbbbbbbbbb"),
        ("evidence_matches", {"data_hashes": {"scorer": "a", "applicants": "b"}}, "feature table of scorer a"),
        ("folds_usable", {"fold_outcomes": {0: (10, 20), 1: (0, 30), 2: (5, 0)}}, "Folds 1, 2 hold one outcome only"),
        ("no_leak", {"strongest_alone": ("target_copy", 0.97)}, "target_copy alone reaches an AUC of 0.970"),
        ("no_leak", {"dominant": ("noisy_copy", 0.7)}, "noisy_copy has 70% of all contributions"),
        ("no_leak", {"unrelated": ("quiet_copy",)}, "Strong alone: quiet_copy"),
        ("scores_stable", {"score_shift": Shift(name="score", psi=0.4, bound=0.25)}, "score (PSI 0.400"),
        (
            "features_stable",
            {"feature_shifts": (Shift(name="a", psi=0.3, bound=0.25),)},
            "a (PSI 0.300, allowed 0.250)",
        ),
        ("features_stable", {"feature_shifts": ()}, "were not measured"),
        ("features_keep_sign", {"flipped_features": ("income",)}, "The meaning of income flipped"),
        ("reasons_exhaustive", {"unexplained_features": ("mystery",)}, "exists for mystery"),
        ("reasons_true", {"untrue_reasons": ("'You own a car.' (assets) was false of somebody.",)}, "'You own a car.'"),
        ("reasons_true", {"answers_checked": 0}, "in 0 answers looked at"),
        ("contributions_add_up", {"largest_gap": 0.01}, "reasons would explain another score"),
        ("scorer_parity", {"parity_differing": ("42", "43")}, "2 of 30 applicants scored alone got other answers"),
        ("scorer_parity", {"parity_applicants": 0}, "0 of 0"),
        ("scoring_latency", {"p95_milliseconds": 2 * LATENCY_MILLISECONDS}, "took at most 500.0 ms"),
        ("fairness", {"adverse_groups": (ADVERSE,), "small_groups": ("sex x (20)",)}, "Too small to judge: sex x (20)"),
        ("approval", {"approval": MANUAL}, "credit-platform approve"),
    ],
)
def test_a_trap_is_refused_and_the_record_says_why(name: str, changes: dict[str, Any], said: str) -> None:
    decision = evaluate_gate(gate_input(assurance=sound(**changes)))

    assert [check.name for check in decision.failed] == [name]
    assert not decision.promoted
    assert said in decision.reason


def test_a_constant_feature_is_noted_and_does_not_refuse() -> None:
    decision = evaluate_gate(gate_input(assurance=sound(constant_features=("always_one",))))

    assert decision.promoted
    noted = next(check for check in decision.checks if check.name == "features_vary")
    assert not noted.passed
    assert noted.message.startswith("always_one constant; it harms no decision")
    assert "advice: features_vary" in decision.reason


def test_a_group_with_twenty_members_is_named_and_not_judged() -> None:
    decision = evaluate_gate(gate_input(assurance=sound(small_groups=("sex other (20)",))))

    assert decision.promoted
    assert "Too small to judge: sex other (20)" in next(c for c in decision.checks if c.name == "fairness").message


@pytest.mark.parametrize(("severity", "promoted"), [("block", False), ("warn", True)])
def test_the_portfolio_says_whether_a_disparity_refuses(severity: str, promoted: bool) -> None:
    decision = evaluate_gate(gate_input(assurance=sound(adverse_groups=(ADVERSE,), fairness_severity=severity)))

    assert decision.promoted is promoted
    fairness = next(check for check in decision.checks if check.name == "fairness")
    assert not fairness.passed
    assert fairness.blocking is not promoted
    assert ADVERSE in fairness.message


def test_a_disparity_within_chance_is_said_and_does_not_refuse() -> None:
    decision = evaluate_gate(gate_input(assurance=sound(watched_groups=("sex b: 0.70 times.",))))

    assert decision.promoted
    assert "within chance: sex b" in next(c for c in decision.checks if c.name == "fairness").message


@pytest.mark.parametrize(("spread", "found"), [(0.3, True), (0.6, True), (None, False)])
def test_a_copy_of_the_outcome_with_noise_is_a_leak_and_the_real_features_are_none(
    spread: float | None, found: bool
) -> None:
    portfolio = get_portfolio("german_credit")
    frame = build_features(portfolio, {portfolio.training_table: raw_applications(portfolio).lazy()}).collect()
    if spread is not None:
        noise = np.random.default_rng(1).normal(0.0, spread, frame.height)
        frame = frame.with_columns(application__residence_since=pl.col(portfolio.target) + noise)
    alone = single_feature_auc(portfolio, frame)
    best = max(alone, key=lambda name: alone[name])

    decision = evaluate_gate(gate_input(assurance=sound(strongest_alone=(best, alone[best]))))

    assert decision.promoted is not found
    assert ("application__residence_since alone reaches" in decision.reason) is found


def test_one_feature_may_dominate_a_model_of_few() -> None:
    assert ASSURANCE_CHECKS["no_leak"](sound(dominant=("only", 0.9), features=2)).passed
    assert ASSURANCE_CHECKS["no_leak"](sound(dominant=("one", 0.39), features=5)).passed
    refused = ASSURANCE_CHECKS["no_leak"](sound(dominant=("one", 0.41), features=5))
    assert (refused.passed, refused.bound) == (False, 0.4)
    assert refused.message.startswith("one has 41% of all contributions, of 5 features at most 40% are allowed")
    assert not ASSURANCE_CHECKS["no_leak"](sound(dominant=("one", 0.36), features=700)).passed
    assert not ASSURANCE_CHECKS["no_leak"](sound(strongest_alone=("only", LEAK_AUC), features=2)).passed


def test_an_approval_is_named() -> None:
    assert "Approved by ada" in ASSURANCE_CHECKS["approval"](sound(approval=MANUAL, approved_by="ada")).message


def test_long_lists_are_cut() -> None:
    many = tuple(f"f{number}" for number in range(9))
    assert "f4 and 4 more" in ASSURANCE_CHECKS["reasons_exhaustive"](sound(unexplained_features=many)).message


def test_what_nobody_may_override_are_checks_that_block() -> None:
    assert set(CHECK_NAMES) >= NEVER_OVERRIDDEN
    assert not any(advises(name, "warn") for name in NEVER_OVERRIDDEN)


def test_too_few_defaults_to_call_a_feature_a_leak() -> None:
    few = ASSURANCE_CHECKS["no_leak"](sound(strongest_alone=("employer", 0.84), alone_interval=(0.55, 1.0)))
    assert few.passed
    assert (
        "AUC of 0.840 (interval 0.55 to 1.00); with so few defaults an honest feature may do so by chance."
        in few.message
    )
    many = ASSURANCE_CHECKS["no_leak"](sound(strongest_alone=("copy", 0.84), alone_interval=(0.80, 0.88)))
    assert not many.passed
    assert "copy alone reaches an AUC of 0.840 (interval 0.80 to 0.88): it knows the outcome." in many.message


def test_most_of_nothing_is_no_leak() -> None:
    by_chance = ASSURANCE_CHECKS["no_leak"](sound(dominant=("hour", 0.6), features=6, dominant_by_chance=True))
    assert by_chance.passed
    assert "hour (60%), which alone is no better than chance: the model found little" in by_chance.message
