"""What is stored of a Bento and of scored applicants, and where a Bento's scorer lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from credit_platform.lakehouse import TableVersion
from credit_platform.scoring.rule import DecisionRule
from credit_platform.scoring.stored_histories import HistoriesFacts
from credit_platform.serving.bentos import BuiltBento
from credit_platform.serving.records import BentoRecord, ScoredApplicants, bento_rows
from credit_platform_tests.small_scorer import save_small_scorer

FACTS = HistoriesFacts(
    portfolio="p",
    feature_version="f",
    table="p/features/applicants",
    table_version=3,
    content_hash="c",
    licence="synthetic",
    applicants=7,
    digest="h",
)


def test_a_bento_is_recorded_with_what_it_knows_of_histories(tmp_path: Path) -> None:
    built = BuiltBento(
        tag="p_scoring:1",
        path=tmp_path / "b é",
        key="p/bentos/1",
        promoted_at=None,
        promoted_by="run-1",
        bytes=5,
        source_digest="c" * 64,
        scorer_digest="d",
        histories=FACTS,
        reused=False,
        seconds=1.0,
    )
    record = BentoRecord.made(built, "fp")
    assert BentoRecord.from_summary(record.to_summary()) == record
    assert bento_rows(record, 5).row(0) == ("p_scoring:1", "p/bentos/1", "d", 5)
    assert (record.place.key, record.place.histories_key) == ("p/bentos/1", "p/histories/h")
    without = BentoRecord.made(replace(built, histories=None, promoted_by=None), "fp")
    assert set(without.to_summary()) == {"tag", "key", "digest", "source_digest", "fingerprint"}


def test_scored_applicants_say_by_which_rule_they_were_decided(tmp_path: Path) -> None:
    scorer = save_small_scorer(tmp_path / "scorer")
    at = datetime.now(UTC)
    applicants = TableVersion(
        key="p/features/applicants", version=2, timestamp=at, rows=2, bytes=1, columns=1, content_hash="c"
    )
    scored = pl.DataFrame({"decision": ["accepted", "refused"], "probability_of_default": [0.1, 0.5]})
    record = ScoredApplicants.made(scorer, scored, applicants)
    assert record.rule == DecisionRule(threshold=scorer.threshold, review=scorer.review)
    assert (record.applicants, record.accepted_share) == (2, 0.5)
    assert (record.table, record.table_version) == (applicants.key, 2)
    assert record.to_summary()["review"] is None
    assert ScoredApplicants.from_summary(record.to_summary()) == record
    nobody = ScoredApplicants.made(scorer, scored.clear(), applicants)
    assert (nobody.applicants, nobody.accepted_share, nobody.mean_probability_of_default) == (0, None, None)
