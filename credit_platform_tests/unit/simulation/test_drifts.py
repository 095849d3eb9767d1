"""Drifts of simulated applicants keep to the contract."""

from __future__ import annotations

import random

import pytest

from credit_platform.errors import GenerationError
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.simulation.drifts import DRIFTS, Shift, find_drift, shifted
from credit_platform.values import Fault, ValueRule

NAMES = [(portfolio, drift) for portfolio, drifts in DRIFTS.items() for drift in drifts]


def test_every_portfolio_has_three_drifts_or_more() -> None:
    assert {name: len(DRIFTS[name]) >= 3 for name in portfolio_names()} == dict.fromkeys(portfolio_names(), True)


@pytest.mark.parametrize(("portfolio", "name"), NAMES)
def test_a_drift_changes_what_it_names_to_what_the_service_accepts(portfolio: str, name: str) -> None:
    declared = get_portfolio(portfolio)
    drift, chance = find_drift(declared, name), random.Random(1)
    rules = {c.name: ValueRule(c) for c in declared.application_columns}
    for example in declared.examples.values():
        changed = [shifted(example, drift.shifts, declared, chance) for _ in range(30)]
        for application in changed:
            assert not any(isinstance(rules[name].read(value), Fault) for name, value in application.items())
            differing = {name for name in application if application[name] != example.get(name)}
            assert differing <= {shift.column for shift in drift.shifts}
    assert any(shifted(e, drift.shifts, declared, chance) != e for e in declared.examples.values())


def test_unknown_values_stay_unknown() -> None:
    declared = get_portfolio("home_credit")
    shifts = [Shift(column="DAYS_EMPLOYED", times=0.5), Shift(column="AMT_ANNUITY", times=2)]
    application = {"DAYS_EMPLOYED": 365243, "AMT_ANNUITY": None}
    assert shifted(application, shifts, declared, random.Random(1)) == application


def test_numbers_stay_within_the_contract() -> None:
    declared = get_portfolio("german_credit")
    changed = shifted(
        {"amount": 90_000, "age_years": 20},
        [Shift(column="amount", times=5), Shift(column="age_years", plus=-12)],
        declared,
        random.Random(1),
    )
    assert changed == {"amount": 100_000, "age_years": 18}


def test_an_unknown_drift_names_the_known_ones() -> None:
    with pytest.raises(GenerationError, match=r"larger_loans \(.*younger \(.*poorer"):
        find_drift(get_portfolio("german_credit"), "nothing")
