"""Checks of evidence and documents: about the scorer in force, and every figure sourced."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.tables.checks.governance import DOCUMENTS, RECORD, governance_stored_checks
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.tables.checks.stored import refused, verdicts


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_about_another_scorer_or_with_a_figure_from_nowhere_is_noticed(
    finished: FinishedRun, name: str
) -> None:
    key = f"german_credit/governance/{name}"
    assert refused(verdicts(finished, key)) == []
    assert refused(verdicts(finished, key, digest="0" * 64)) == ["page_written", "about_the_scorer"]
    figures = finished.lakehouse.scan(key).with_columns(table=pl.lit(None, pl.String))
    assert "every_figure_sourced" in refused(verdicts(finished, key, figures))


def test_evidence_is_held_against_the_scorer_but_not_the_record_of_the_gate(finished: FinishedRun) -> None:
    assert refused(verdicts(finished, "german_credit/governance/fairness", digest="0" * 64)) == ["about_the_scorer"]
    assert governance_stored_checks(get_portfolio("german_credit"), RECORD) == []
