"""What two models scored, brought together: on the holdout and out of the decision log."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.monitoring.decision_log import DecisionStore, ShadowLog
from credit_platform.monitoring.swap_sets import on_holdout, on_live_decisions, swap_set_record
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.records import scorer_record
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record
from credit_platform_tests.unit.monitoring.decision_log.test_shadow import CHALLENGER, CHAMPION, said

GERMAN = get_portfolio("german_credit")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def model(settings: Settings, name: str, scores: dict[int, float], threshold: float) -> StoredTable:
    lakehouse, key = Lakehouse(settings.lakehouse_root), f"german_credit/models/{name}"
    frame = pl.DataFrame(
        {
            GERMAN.applicant_key: list(scores),
            "target": [int(one % 2) for one in scores],
            "probability": list(scores.values()),
        }
    )
    lakehouse.write(key, frame, summary=scorer_record(name, threshold=threshold).to_summary())
    return lakehouse.read(key)


def test_on_the_holdout_that_both_scored(settings: Settings) -> None:
    champion = model(settings, "champion", {1: 0.1, 2: 0.4, 3: 0.1}, 0.2)
    challenger = model(settings, "challenger", {3: 0.5, 2: 0.1, 1: 0.1, 9: 0.9}, 0.3)
    compared = on_holdout(GERMAN, champion, challenger)
    assert compared.found is not None
    assert dict(compared.found.table.select("cell", "applicants").iter_rows()) == {
        "accepted_by_both": 1,
        "refused_by_both": 0,
        "swapped_in": 1,
        "swapped_out": 1,
        "to_a_person": 0,
        "all": 3,
    }
    # 2 repaid and is accepted now, 3 defaulted and is refused now: that saves 1 and 5.
    assert compared.found.table.row(-1, named=True)["cost_difference"] == pytest.approx(-2.0)
    assert compared.sentence.endswith("By their outcomes the challenger costs 2.0000 less per applicant.")


def test_where_there_is_nobody_to_swap_it_is_said(settings: Settings) -> None:
    one, other = model(settings, "one", {1: 0.1}, 0.2), model(settings, "other", {2: 0.1}, 0.2)
    assert on_holdout(GERMAN, None, one).sentence.startswith("There is no champion yet")
    assert on_holdout(GERMAN, one, one).sentence.startswith("The challenger is the champion")
    assert "no holdout applicant in common" in on_holdout(GERMAN, one, other).sentence
    assert on_holdout(GERMAN, one, other).found is None


def test_on_live_decisions_that_were_scored_along(settings: Settings) -> None:
    store = DecisionStore(settings.decision_log)
    store.append([make_record("r1", decision="refused"), make_record("r2", decision="refused")])
    ShadowLog(store).append([said("r1", decision="accepted"), said("r2", decision="refused")])
    compared = on_live_decisions(GERMAN, settings, CHAMPION, CHALLENGER)
    assert compared.found is not None
    assert (compared.found.applicants, compared.found.swapped) == (2, 1)
    assert "is expected to cost" in compared.sentence
    record = swap_set_record(
        CHALLENGER, CHAMPION, on_holdout(GERMAN, None, model(settings, "one", {1: 0.1}, 0.2)), compared
    )
    assert record.holdout is None
    assert record.live is not None
    assert record.live["applicants"] == 2
    assert set(record.sentences) == {"holdout", "live"}
    assert record.compared == {"sentences": record.sentences, "holdout": None, "live": record.live}


def test_without_any_it_is_said_and_no_log_is_made(settings: Settings) -> None:
    for champion in (None, CHAMPION):
        compared = on_live_decisions(GERMAN, settings, champion, CHALLENGER)
        assert compared.found is None
        assert compared.sentence.startswith("The decision log holds no live decision")
    assert not settings.home.exists()


def test_a_log_that_cannot_be_read_stops_no_promotion(settings: Settings) -> None:
    file = settings.home / "decisions" / "decisions.db"
    file.parent.mkdir(parents=True)
    file.write_text("this is no database " * 100)
    compared = on_live_decisions(GERMAN, settings, CHAMPION, CHALLENGER)
    assert compared.found is None
    assert compared.sentence.startswith("Live decisions could not be compared: The decision log")
