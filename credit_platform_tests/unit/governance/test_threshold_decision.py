"""The document about the threshold: with and without reviews, on generated data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from credit_platform import presented
from credit_platform.governance.threshold_decision import threshold_decision
from credit_platform.governance.threshold_facts import ThresholdFacts, threshold_facts, threshold_pictures
from credit_platform.modelling.economics import profit, review_table, sensitivity
from credit_platform.modelling.records import ThresholdRecord
from credit_platform.modelling.threshold import choose_threshold
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import model_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import DecisionRule
from credit_platform_tests.finished_run import FinishedRun

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture(scope="module")
def facts() -> ThresholdFacts:
    rng = np.random.default_rng(0)
    p = rng.beta(1.2, 3.0, 500)
    y = (rng.random(500) < p).astype(np.int8)
    fold = np.arange(500) % 5
    choice = choose_threshold(y, p, PORTFOLIO.costs, fold)
    return ThresholdFacts(
        choice=choice,
        money=profit(y, choice.refused, PORTFOLIO.economics),
        everybody=profit(y, np.zeros(500, dtype=bool), PORTFOLIO.economics),
        best_profit=0.2,
        sensitivity=sensitivity(y, p, fold, choice.threshold),
        review=review_table(y, p, PORTFOLIO.costs, choice.threshold, [0.2, 0.9]),
        rule=DecisionRule(threshold=choice.threshold),
        metrics={},
        candidate="lightgbm",
        data_hash="abc",
        data_at=datetime(2026, 1, 1, tzinfo=UTC),
        code_version="def",
        synthetic=False,
    )


def text(facts: ThresholdFacts, portfolio: Portfolio = PORTFOLIO) -> str:
    return threshold_decision(portfolio, facts).render("document.md.j2")


def test_it_says_what_was_decided_why_and_what_it_is_worth(facts: ThresholdFacts) -> None:
    words = text(facts)
    for said in (
        f"{facts.choice.threshold:.2%} or more",
        f"Chosen: {presented.method(facts.choice.method.value)}",
        str(facts.choice.cost_interval),
        f"{facts.money.per_applicant.estimate:.2%}",
        f"{facts.everybody.on_lent:.2%}",
        "real outcomes",
        "5.0 times",
        "No price of a review",
        "reject inference was not done",
    ):
        assert said in words, said


def test_a_review_band_and_generated_data_are_named(facts: ThresholdFacts) -> None:
    portfolio = replace(PORTFOLIO, economics=replace(PORTFOLIO.economics, review_cost=0.2))
    words = text(replace(facts, rule=replace(facts.rule, review=(0.04, 0.8)), synthetic=True), portfolio)
    assert "At a price of 0.2 per review" in words
    assert "from 4.0% to below 80.0%" in words
    assert "From 4.00% to below 80.00% a person decides instead." in words
    assert "says nothing about real loans" in words
    assert "nobody was refused before" in words


def test_both_files_are_written(facts: ThresholdFacts, tmp_path: Path) -> None:
    for name in ("cost_curve.png", "profit_curve.png"):
        (tmp_path / name).write_bytes(b"png")
    markdown, html = threshold_decision(PORTFOLIO, facts).write(tmp_path)
    assert (markdown.name, html.name) == ("threshold_decision.md", "threshold_decision.html")
    assert "<table" in html.read_text(encoding="utf-8")


def test_thresholds_that_could_not_differ_are_no_evidence(facts: ThresholdFacts) -> None:
    even = facts.choice.theoretical
    constant = replace(facts, choice=replace(facts.choice, fold_thresholds=dict.fromkeys(range(5), even)))
    assert "each time it was break-even" in text(constant)
    assert "says nothing of how sure the threshold is" in text(constant)
    spread = replace(facts, choice=replace(facts.choice, fold_thresholds={0: 0.21, 1: 0.25, 2: 0.22}))
    assert "21.00%, 25.00%, 22.00%. They lie 4.00% apart" in text(spread)
    some = replace(facts, choice=replace(facts.choice, fold_thresholds={0: 0.21, 1: even}))
    assert "Some kept break-even" in text(some)
    equal = replace(facts, choice=replace(facts.choice, fold_thresholds={0: 0.21, 1: 0.21}))
    assert "They do not differ at this precision." in text(equal)
    assert not any("spread shows" in text(one) for one in (constant, spread, some, equal))
    # Its figures are of the run that chose, and nothing else claims to list them.
    assert "taken from a stored table" not in text(constant)


def test_break_even_is_chosen_on_nobody(facts: ThresholdFacts) -> None:
    even = facts.choice.theoretical
    choice = replace(facts.choice, threshold=even, fold_thresholds=dict.fromkeys(range(5), even))
    words = text(replace(facts, choice=choice))
    assert "Cost per applicant at this threshold:" in words
    assert "cross-fitted)" not in words
    assert "that others chose, so that" not in words
    chosen = replace(facts.choice, threshold=0.21, fold_thresholds={0: 0.21, 1: 0.25, 2: 0.22})
    assert "(cross-fitted)" in text(replace(facts, choice=chosen))


def test_the_facts_of_a_run_are_those_that_were_stored(finished: FinishedRun) -> None:
    name, lakehouse = finished.portfolio.name, finished.lakehouse
    stored, tuned = lakehouse.read(model_key(name, "threshold")), lakehouse.read(model_key(name, "tuned"))
    calibrated = lakehouse.scan(model_key(name, "calibration")).collect()
    found = threshold_facts(
        finished.portfolio,
        calibrated,
        candidate="c",
        data=tuned.version,
        code_version="v",
        seed=finished.settings.seed,
    )
    assert found.record == ThresholdRecord.of(stored)
    assert found.rule == DecisionRule(threshold=found.choice.threshold)
    drawn = threshold_pictures(finished.portfolio, calibrated, found, seed=7)
    assert all(png.startswith(b"\x89PNG") for png in drawn.values())


def test_a_price_of_a_review_gives_the_rule_a_band(finished: FinishedRun) -> None:
    priced = replace(PORTFOLIO, economics=replace(PORTFOLIO.economics, review_cost=0.2))
    calibrated = finished.lakehouse.scan(model_key(PORTFOLIO.name, "calibration")).collect()
    data = finished.lakehouse.read(model_key(PORTFOLIO.name, "tuned")).version
    found = threshold_facts(priced, calibrated, candidate="c", data=data, code_version="v", seed=7)
    assert found.rule.review is not None
    assert found.rule.review[0] < found.rule.threshold < found.rule.review[1]
    assert found.record.to_summary()["review"] == list(found.rule.review)
