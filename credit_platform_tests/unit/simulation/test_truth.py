"""What becomes of simulated loans, and that nobody who watches a model knows it beforehand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import credit_platform
from credit_platform.errors import GenerationError
from credit_platform.features import build_features
from credit_platform.modelling.metrics import roc_auc
from credit_platform.monitoring.decision_log import StoredDecision
from credit_platform.monitoring.outcomes.collecting import collect
from credit_platform.monitoring.outcomes.contract import outcome_files
from credit_platform.monitoring.outcomes.log_index import INDEX
from credit_platform.portfolios import all_portfolios, get_portfolio, get_truth
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.simulation.truth import DELAY_DAYS, ROWS, make_world, outcome_rows, write_outcomes

GERMAN = get_portfolio("german_credit")
DECIDED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def decision(number: int, features: dict[str, object] | None = None, **changed: object) -> StoredDecision:
    usual = StoredDecision(
        id=number,
        decided_at=DECIDED,
        request_id=f"r{number}",
        applicant_id=None,
        client=None,
        portfolio=GERMAN.name,
        inputs=None,
        inputs_digest="",
        features=json.dumps(features or {}),
        probability=0.1,
        decision="accepted",
        threshold=0.2,
        points=580,
        language="en",
        answer="{}",
        model_name="m",
        model_version="1",
        model_digest="a" * 64,
        feature_version="f",
        latency_ms=1.0,
    )
    return replace(usual, **changed)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize("declared", all_portfolios(), ids=lambda one: one.name)
def test_every_portfolio_has_a_truth_of_its_own_features(declared: Portfolio) -> None:
    truth, features = get_truth(declared.name), {feature.name: feature for feature in declared.features}
    assert {term.feature for term in truth.terms} <= set(features)
    for term in truth.terms:
        assert bool(term.by_category) == (features[term.feature].kind is FeatureKind.CATEGORICAL)
    assert len(truth.concepts) >= 2
    # Whoever defaults has done so when the vintage counts, so probabilities of default within that time stay true.
    assert len(truth.timing) == declared.monitoring.maturity_months


def test_applicants_like_the_shipped_loans_default_about_as_they_did() -> None:
    assert GERMAN.bundled_raw is not None
    raw = pl.scan_csv(GERMAN.bundled_raw / GERMAN.table(GERMAN.training_table).file_name)
    rows = build_features(GERMAN, {GERMAN.training_table: raw}, {}).collect()
    truth = get_truth(GERMAN.name)
    odds = np.array([truth.log_odds(row) for row in rows.to_dicts()])
    p, y = 1 / (1 + np.exp(-odds)), rows[GERMAN.target].to_numpy()
    assert p.mean() == pytest.approx(y.mean(), abs=0.03)
    assert roc_auc(y, p) > 0.75


def test_the_same_seed_gives_every_loan_the_same_fate_and_another_one_another() -> None:
    decisions = [decision(number) for number in range(300)]
    fates = [[make_world(GERMAN, seed=seed).fate_of(one).default_month for one in decisions] for seed in (1, 1, 2)]
    assert fates[0] == fates[1] != fates[2]
    share = np.mean([month is not None for month in fates[0]])
    assert share == pytest.approx(make_world(GERMAN, seed=1).fate_of(decisions[0]).probability, abs=0.08)


def test_a_lender_tells_once_a_month_late_and_until_the_default() -> None:
    world, decisions = make_world(GERMAN, seed=3), [decision(number) for number in range(60)]
    rows = outcome_rows(decisions, world, GERMAN, date(2026, 4, 30 - 1))
    assert rows["months_on_book"].max() == 2  # of March 31st it will be told on April 10th; April 30th has not come
    assert set(rows["observed_at"]) == {"2026-02-28", "2026-03-31"}
    assert outcome_rows(decisions, world, GERMAN, date(2026, 2, 28)).is_empty(), DELAY_DAYS
    for (_,), loan in outcome_rows(decisions, world, GERMAN, DECIDED.date(), months=12).group_by("request_id"):
        told = loan.sort("months_on_book")["defaulted"].to_list()
        assert told[:-1] == [0] * (len(told) - 1)
        assert len(told) == 12 or told[-1] == 1


def test_only_accepted_applicants_of_the_portfolio_become_loans() -> None:
    decisions = [decision(1, decision="refused"), decision(2, decision="review"), decision(3, portfolio="home_credit")]
    assert outcome_rows(decisions, make_world(GERMAN, seed=1), GERMAN, date(2027, 6, 1)).is_empty()


def test_a_concept_changes_what_becomes_of_those_decided_since() -> None:
    before, after = decision(1), decision(2, decided_at=DECIDED.replace(month=7))
    changed = make_world(GERMAN, seed=1, concept="recession", since=DECIDED.replace(month=5))
    as_ever = make_world(GERMAN, seed=1)
    assert changed.fate_of(before) == as_ever.fate_of(before)
    assert changed.fate_of(after).probability > as_ever.fate_of(after).probability
    with pytest.raises(GenerationError, match=r"no drift 'boom'.*Known: recession"):
        make_world(GERMAN, seed=1, concept="boom")


def test_the_file_is_read_as_any_other_and_told_to_be_synthetic(tmp_path: Path) -> None:
    settings, decisions = Settings(home=tmp_path), [decision(number) for number in range(40)]
    world = make_world(GERMAN, seed=5)
    for months in (3, 12):  # written again, it only grows
        write_outcomes(outcome_rows(decisions, world, GERMAN, date(2026, 2, 1), months=months), settings, GERMAN)
    index = pl.DataFrame(
        {
            "log": "log",
            "row": [one.id for one in decisions],
            "request_id": [one.request_id for one in decisions],
            "applicant_id": None,
            "decided_at": DECIDED,
            "decision": "accepted",
        },
        schema=INDEX,
    )
    files = outcome_files(settings, GERMAN)
    found = collect(GERMAN, files, [index], staging=tmp_path / "staging", today=date(2026, 2, 1))
    assert found.rejected.is_empty()
    assert found.synthetic
    assert found.outcomes.height == 40
    assert "synthetic" in found.record.message
    assert set(pl.read_csv(files[0]).columns) == set(ROWS)


def test_nothing_that_watches_a_model_knows_the_truth() -> None:
    root = Path(credit_platform.__file__).parent
    knows = re.compile(r"get_truth|portfolios\.\w*\.?truth|simulation\.truth")
    who = {file.relative_to(root).parts[0] for file in root.rglob("*.py") if knows.search(file.read_text("utf-8"))}
    assert who <= {"portfolios", "simulation", "benchmarks", "local", "cli"}
    assert "simulation" in who
