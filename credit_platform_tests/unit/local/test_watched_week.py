"""The week at the end of the demonstration: decided by the real service, dated over seven days, made once."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.local import watched_week
from credit_platform.local.demonstration import EXAMPLE, EXPECTED, ask
from credit_platform.local.watched_week import DAYS, week_of
from credit_platform.monitoring.decision_log import DecisionStore, StoredDecision, verify
from credit_platform.monitoring.outcomes.contract import outcome_files
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.monitoring.decisions.conftest import record

PORTFOLIO = get_portfolio("german_credit")
APPLICANTS = 28


def test_a_week_is_decided_dated_and_told_once(
    finished: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "mon été")
    for name in ("lakehouse", "artefacts"):
        shutil.copytree(finished.settings.home / name, settings.home / name)
    monkeypatch.setattr(watched_week, "APPLICANTS", APPLICANTS)
    lakehouse = Lakehouse(settings.lakehouse_root)
    ask(PORTFOLIO, lakehouse, settings)  # as the demonstration does before
    first = week_of(PORTFOLIO, lakehouse, settings)
    assert not isinstance(first, str)
    assert (first.applicants, first.new, first.watched) == (APPLICANTS, True, False)
    store = DecisionStore(settings.decision_log)
    asked, decided = _parted(store)
    assert len(asked) == len(EXPECTED)
    assert len(decided) == APPLICANTS
    assert len({one.applicant_id for one in decided}) == APPLICANTS
    assert all(str(one.applicant_id).startswith("SIM-week-") for one in decided)
    ages = [datetime.now(UTC) - one.decided_at for one in decided]
    assert all(timedelta(0) <= age <= timedelta(days=DAYS, hours=1) for age in ages)
    assert set(Counter(age.days for age in ages).values()) == {APPLICANTS // DAYS}, "as many each day"
    assert not verify(store).findings
    store.close()
    assert first.accepted == sum(one.decision == "accepted" for one in decided)
    told = pl.concat(pl.read_csv(file) for file in outcome_files(settings, PORTFOLIO))
    assert told["request_id"].n_unique() == first.accepted
    assert told["synthetic"].unique().to_list() == [1]
    again = week_of(PORTFOLIO, lakehouse, settings)
    assert not isinstance(again, str)
    assert (again.applicants, again.accepted, again.new) == (APPLICANTS, first.accepted, False)


def _parted(store: DecisionStore) -> tuple[list[StoredDecision], list[StoredDecision]]:
    """Decisions about the demonstration's examples, and the others."""
    known = list(store.each())
    examples = [one for one in known if str(one.applicant_id).startswith(EXAMPLE)]
    return examples, [one for one in known if one not in examples]


@pytest.mark.parametrize("applicant", ["A-1", None])
def test_nobody_is_made_up_among_applicants_of_the_user(
    applicant: str | None, finished: FinishedRun, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    store = DecisionStore(settings.decision_log)
    store.append([replace(record("r1", datetime.now(UTC)), applicant_id=applicant)])
    said = week_of(PORTFOLIO, finished.lakehouse, settings)
    assert said == "No week is simulated: the decision log of this home holds others than simulated applicants."
    assert store.count() == 1
    store.close()


@pytest.mark.parametrize("field", ["raw", "decision_log_url", "database_url", "decision_logs"])
def test_what_lies_elsewhere_is_left_alone(field: str, finished: FinishedRun, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/a.db"
    given: dict[str, object] = {"raw": tmp_path, "decision_logs": {"home": address}}
    settings = Settings(home=tmp_path / "home").model_copy(update={field: given.get(field, address)})
    assert "lie elsewhere, and are left alone" in str(week_of(PORTFOLIO, finished.lakehouse, settings))
    assert not (tmp_path / "home").exists()
