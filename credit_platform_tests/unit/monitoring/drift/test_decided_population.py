"""A refit learnt of the accepted; its reference is of everybody who applied then, so that an alarm ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from credit_platform.features.decided import MARK, with_decided
from credit_platform.governance.promotion_history import champion_table
from credit_platform.lakehouse import StoredTable
from credit_platform.modelling.splits import split
from credit_platform.monitoring.decisions.marks import mark_of
from credit_platform.monitoring.decisions.schema import decisions_key, feature_column
from credit_platform.monitoring.drift import decided_population as people
from credit_platform.monitoring.drift import evidently_report
from credit_platform.monitoring.drift.decided_population import decided_population
from credit_platform.monitoring.drift.drift import Level
from credit_platform.monitoring.drift.evidently_page import EvidentlyPage
from credit_platform.monitoring.drift.freezing import decided_months, read_references, reference_of_training
from credit_platform.monitoring.drift.page import decisions_of, render_drift_page
from credit_platform.monitoring.drift.reference import DECISION, NONE, Reference
from credit_platform.portfolios.keys import applicants_key, model_key, scorer_key
from credit_platform.scoring.rule import ACCEPTED
from credit_platform_tests.records import scorer_record
from credit_platform_tests.small_scorer import save_small_scorer
from credit_platform_tests.unit.monitoring.drift.home import PORTFOLIO, Home

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 10), date(2026, 10, 10), date(2026, 11, 10)
LARGER = 1.8
"""What later applicants ask for, times what those of training did."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home.made(tmp_path / "mes données é")
    yield made
    made.store.close()


def moved(home: Home, seed: int, n: int = 450) -> pl.DataFrame:
    """Applicants of after the change: they ask for more, which some features are made of."""
    numbers = [name for name in home.scorer.fitted.features if home.rows.schema[name] == pl.Float64]
    amounts = [name for name in numbers if "amount" in name or "instalment" in name]
    assert len(amounts) >= 3, "or this would not be an alarm"
    return home.rows.sample(n, seed=seed).with_columns(pl.col(name) * LARGER for name in amounts)


def refitted(home: Home, folder: Path, months: tuple[str, ...], *, version: str = "f") -> StoredTable:
    """A model of the raw files and of the accepted of these months, in force instead of the one before."""
    decisions = home.lakehouse.scan(decisions_key(PORTFOLIO.name)).collect()
    granted = decisions.filter(
        pl.col("decision") == ACCEPTED, pl.col("day").dt.strftime("%Y-%m").is_in(months), pl.col("row") % 2 == 0
    )
    key, features = PORTFOLIO.applicant_key, [one.name for one in PORTFOLIO.features]
    marks = [mark_of(*row) for row in granted.select("log", "row", "decided_at").iter_rows()]
    decided = granted.select(
        (-pl.col("row")).alias(key),
        (pl.col("row") % 7 == 0).cast(pl.Int64).alias(PORTFOLIO.target),
        *(pl.col(feature_column(name)).alias(name) for name in features),
        pl.Series(MARK, marks),
    )
    home.rows = with_decided(home.rows.lazy(), decided.lazy()).collect()
    trained = home.lakehouse.write(applicants_key(PORTFOLIO.name), home.rows)
    members = split(home.rows, PORTFOLIO, seed=7)
    home.lakehouse.write(model_key(PORTFOLIO.name, "split"), members)
    out_of_fold = members.filter(pl.col("fold") >= 0).with_columns(probability=pl.lit(0.25))
    home.lakehouse.write(model_key(PORTFOLIO.name, "calibration"), out_of_fold)
    home.rows = home.rows.head(1000)
    home.scorer = save_small_scorer(folder / "refit", "linear_svm")
    record = scorer_record(home.scorer.digest, folder / "refit", threshold=home.scorer.threshold)
    summary = {**record.to_summary(), "table_version": trained.version, "feature_version": version}
    home.lakehouse.write(scorer_key(PORTFOLIO.name), home.rows.head(1), summary=summary)
    return home.lakehouse.read(scorer_key(PORTFOLIO.name))


def test_an_alarm_ends_with_the_refit_that_learnt_of_those_who_come(home: Home, tmp_path: Path) -> None:
    home.log(moved(home, 1), OCTOBER, "a")
    alarmed = home.all()
    assert alarmed is not None
    assert alarmed.drift.level is Level.RETRAIN
    model = refitted(home, tmp_path, ("2026-10",))
    home.log(moved(home, 2), NOVEMBER, "b")
    newest = home.all()
    assert newest is not None
    assert newest.drift.model == home.scorer.digest
    assert (newest.drift.level, newest.drift.drifted) == (Level.STABLE, 0)
    assert home.reference_record().models[home.scorer.digest] == {NONE: 450}, "the refused among them"
    assert "everybody decided about in 2026-10" in home.reference_record().message
    assert decided_months(home.lakehouse, PORTFOLIO) == {home.scorer.digest: ("2026-10",)}
    html = render_drift_page(PORTFOLIO, newest.drift, newest.reference, subject=decisions_of(("2026-10",)))
    assert "applicants of 2026-10, who were decided about while its loans were granted" in html
    assert "training applicants" not in html
    assert_old_ways_alarm(home, model)


def assert_old_ways_alarm(home: Home, model: StoredTable) -> None:
    """Held against the raw files the same people would still be another population."""
    of_training = reference_of_training(home.lakehouse, PORTFOLIO, model)
    assert of_training.rows(NONE) == 803, "nobody who was decided about is among them"
    assert champion_table(home.lakehouse, PORTFOLIO.name) is None
    now = read_references(home.lakehouse, PORTFOLIO)[home.scorer.digest]
    assert now.rows(NONE) == 450
    assert acceptance(now) != acceptance(of_training)


def acceptance(reference: Reference) -> float:
    counts = reference.part(reference.counts[NONE], DECISION)
    return float(counts[1] / counts.sum())


def test_it_is_of_the_newest_months_that_loans_were_learnt_of(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "ENOUGH", 400)
    home.log(moved(home, 1), SEPTEMBER, "a")
    home.log(moved(home, 2), OCTOBER, "b")
    home.log(moved(home, 3), NOVEMBER, "c")
    home.all()
    refitted(home, tmp_path, ("2026-09", "2026-10"))
    home.freeze()
    assert decided_months(home.lakehouse, PORTFOLIO) == {home.scorer.digest: ("2026-10",)}


def test_whoever_it_learnt_of_counts_with_the_score_of_a_model_that_had_not_seen_them(
    home: Home, tmp_path: Path
) -> None:
    home.log(moved(home, 1), OCTOBER, "a")
    home.all()
    model = refitted(home, tmp_path, ("2026-10",))
    applicants = home.lakehouse.scan(applicants_key(PORTFOLIO.name))
    found = decided_population(home.lakehouse, PORTFOLIO, home.scorer, model, applicants)
    assert found is not None
    rows = found.strata[NONE]
    learnt = rows.filter(pl.col("target").is_not_null())
    assert learnt["probability"].unique().to_list() == [0.25]
    assert rows.filter(pl.col("target").is_null())["probability"].n_unique() > 100


def test_evidently_compares_with_the_same_people(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(
        path: Path, before: pl.DataFrame, now: pl.DataFrame, names: list[str], *, synthetic: bool
    ) -> EvidentlyPage:
        assert not synthetic
        known = "target" in before.columns and before["target"].null_count() < before.height
        sizes = (before.height, now.height)
        return EvidentlyPage(path=path, features=tuple(names), rows=sizes, drifted=0, with_target=known)

    monkeypatch.setattr(evidently_report, "write_evidently_page", write)
    home.log(moved(home, 1), OCTOBER, "a")
    home.all()
    refitted(home, tmp_path, ("2026-10",))
    home.log(moved(home, 2, 300), NOVEMBER, "b")
    home.all()
    told = evidently_report.write_report(home.lakehouse, PORTFOLIO, tmp_path / "page.html").record
    assert "Evidently compared 300 decisions of 28 days with 450 applicants of 2026-10" in told.message


@pytest.mark.parametrize("why", ["too few", "other definitions", "raw files only"])
def test_where_nobody_can_stand_for_them_training_applicants_do(home: Home, tmp_path: Path, why: str) -> None:
    home.log(moved(home, 1, 60 if why == "too few" else 450), OCTOBER, "a")
    home.all()
    months = () if why == "raw files only" else ("2026-10",)
    refitted(home, tmp_path, months, version="other" if why == "other definitions" else "f")
    home.freeze()
    assert decided_months(home.lakehouse, PORTFOLIO) == {}
    assert home.reference_record().models[home.scorer.digest] == {NONE: 803}
    assert "rests on training applicants" in home.reference_record().message


def test_days_of_a_broken_feed_are_left_out(home: Home, tmp_path: Path) -> None:
    home.log(moved(home, 1), OCTOBER, "a")
    name = next(iter(home.scorer.fitted.features))
    broken = moved(home, 2).with_columns(pl.lit(None, dtype=home.rows.schema[name]).alias(name))
    home.log(broken, OCTOBER + timedelta(days=1), "b")
    home.all()
    assert people.broken_days(home.lakehouse, PORTFOLIO) == [OCTOBER + timedelta(days=1)]
    refitted(home, tmp_path, ("2026-10",))
    home.freeze()
    assert home.reference_record().models[home.scorer.digest] == {NONE: 450}
