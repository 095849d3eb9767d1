"""The gate is given what a run stored; what is not of one scorer is seen, and a record that does not fit is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from credit_platform.errors import RecordError
from credit_platform.governance.approval import NO_APPROVAL
from credit_platform.governance.gate import evaluate_gate
from credit_platform.governance.gate_input import (
    EVIDENCE,
    PAPERS,
    Asked,
    challenger_of,
    gather_assurance,
    gather_gate_input,
)
from credit_platform.governance.promotion_history import newest
from credit_platform.lakehouse import StoredTable
from credit_platform.portfolios.keys import applicants_key, champion_key, governance_key, model_key
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.governance.samples import MANUAL

ASKED = Asked(
    decided_by="test", decided_at=datetime.now(UTC), run_id="r", approval=NO_APPROVAL, approved_by=None, seed=7
)


@pytest.fixture(scope="module")
def tables(finished: FinishedRun) -> dict[str, StoredTable]:
    name, lakehouse = finished.portfolio.name, finished.lakehouse
    return {
        "applicants": lakehouse.read(applicants_key(name)),
        **{one: lakehouse.read(model_key(name, one)) for one in ("scorer", "calibration")},
        **{
            one: lakehouse.read(governance_key(name, one))
            for one in ("registered_model", "swap_set", *EVIDENCE, *PAPERS)
        },
    }


def test_the_gate_says_again_what_it_said_in_the_run(finished: FinishedRun, tables: dict[str, StoredTable]) -> None:
    recorded = newest(finished.lakehouse, finished.portfolio.name)
    asked = replace(ASKED, seed=finished.settings.seed)
    given = gather_gate_input(finished.portfolio, tables, None, asked, finished.shelf)
    decision = evaluate_gate(given)
    assert decision.checks == recorded.checks
    assert decision.challenger == recorded.challenger == challenger_of(tables)
    assert dict(decision.digests) == dict(recorded.digests)


def test_a_champion_is_compared_on_the_holdout_of_both(finished: FinishedRun, tables: dict[str, StoredTable]) -> None:
    champion = finished.lakehouse.read(champion_key(finished.portfolio.name))
    fewer = replace(champion, frame=champion.frame.head(20))
    given = gather_gate_input(finished.portfolio, tables, fewer, ASKED, finished.shelf)
    assert given.champion == challenger_of(tables)
    assert given.champion_holdout is not None
    assert len(given.holdout.y) == len(given.champion_holdout.y) == 20


def test_evidence_about_another_scorer_is_told_by_its_digest(
    finished: FinishedRun, tables: dict[str, StoredTable]
) -> None:
    other = replace(tables["reasons"], summary={**tables["reasons"].summary, "digest": "another"})
    told = {**tables, "reasons": other}
    assurance = gather_assurance(finished.portfolio, told, finished.shelf, approval=MANUAL, approved_by="Ana")
    assert assurance.digests["reasons"] == "another"
    assert len(set(assurance.digests.values())) == 2
    assert (assurance.approval, assurance.approved_by) == (MANUAL, "Ana")


def test_evidence_that_lacks_a_field_names_it(finished: FinishedRun, tables: dict[str, StoredTable]) -> None:
    lacking = {name: value for name, value in tables["fairness"].summary.items() if name != "watched"}
    broken = {**tables, "fairness": replace(tables["fairness"], summary=lacking)}
    with pytest.raises(RecordError, match=r"german_credit/governance/fairness version 0 does not fit: watched is miss"):
        gather_assurance(finished.portfolio, broken, finished.shelf, approval=NO_APPROVAL, approved_by=None)
