"""Checks of the serving layer: the scorer lies where the table says, whole; who is scored, by which threshold."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.tables.checks.serving import SCORED, serving_stored_checks, serving_write_checks
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.tables.checks.stored import refused, verdicts


@pytest.mark.parametrize("name", ["promoted_model", "bento"])
def test_a_scorer_with_another_digest_is_noticed(finished: FinishedRun, name: str, tmp_path: Path) -> None:
    key = f"german_credit/serving/{name}"
    assert refused(verdicts(finished, key)) == []
    assert refused(verdicts(finished, key, digest="0" * 64)) == ["holds_scorer"]


def test_only_a_portfolio_with_applicants_to_be_scored_has_checks_of_their_table() -> None:
    german, home = get_portfolio("german_credit"), get_portfolio("home_credit")
    assert not serving_write_checks(german, SCORED)
    assert not serving_stored_checks(german, SCORED)
    asked = [check.name for check in serving_write_checks(home, SCORED)]
    assert asked == ["everyone_scored", "probabilities", "decisions_follow_threshold"]
    assert [check.name for check in serving_stored_checks(home, SCORED)] == ["score_shift"]
