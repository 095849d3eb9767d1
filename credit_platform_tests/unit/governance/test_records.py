"""What a champion's record says of its scorer, of older ones, and to the gate; where documents are."""

from __future__ import annotations

from pathlib import Path

from credit_platform.governance.decision import Contender
from credit_platform.governance.records import DocumentsRecord, PromotedModel, RegisteredModel, StrongestAlone, promoted
from credit_platform.governance.registration import version_tags
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import applicants_key, model_key
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.records import METRICS, promoted_model, scorer_record, threshold_record


def test_a_champion_is_its_scorer_and_more() -> None:
    scorer = scorer_record("d", "somewhere", threshold=0.3)
    champion = PromotedModel.made(scorer, RegisteredModel(model="m", version="4", digest="d"), "2026-11-30")
    added = {"model": "m", "version": "4", "promoted_at": "2026-11-30"}
    assert champion.to_summary() == {**scorer.to_summary(), **added}
    assert champion.rule == scorer.rule
    assert champion.contender == Contender(name="xgboost", version="4", digest="d")


def test_a_champion_of_before_its_date_was_recorded_is_read() -> None:
    old = promoted_model()
    assert PromotedModel.from_summary(old.to_summary()) == old
    assert (old.promoted_at, old.restored_version) == (None, None)
    assert promoted(None) is None


def test_an_interval_that_was_not_measured_then_is_none() -> None:
    assert StrongestAlone(feature="a", auc=0.7).interval is None


def test_documents_are_found_by_key_and_those_of_before_keys_in_the_home_of_today(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path))
    shelf.store.put("p/reports/models/0/a.md", b"# A")
    record = DocumentsRecord(digest="d", key="p/reports/models/0", files=("a.md",))
    assert DocumentsRecord.from_summary(record.to_summary()).path("a.md", shelf).read_bytes() == b"# A"
    left = "/à lire/reports/p/models/0123456789ab"
    before = DocumentsRecord(digest="d", folder=left, files=("a.md",))
    assert DocumentsRecord.from_summary(before.to_summary()).path("a.md", shelf) == (
        tmp_path / "reports" / "p" / "models" / "0123456789ab" / "a.md"
    )


def test_the_registry_is_told_the_rule_and_the_figures(finished: FinishedRun) -> None:
    name, lakehouse = finished.portfolio.name, Lakehouse(finished.settings.lakehouse_root)
    made, applicants = (lakehouse.read(key).version for key in (model_key(name, "scorer"), applicants_key(name)))
    tags = version_tags(scorer_record(threshold=0.25), threshold_record(0.25), made=made, applicants=applicants)
    assert tags["threshold"] == "0.2500"
    assert tags["auc"] == tags["holdout_auc"] == f"{METRICS['auc']:.4f}"
    assert tags["data_hash"] == applicants.content_hash
    assert tags["synthetic"] == "false"
