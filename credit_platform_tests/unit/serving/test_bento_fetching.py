"""A pod gets the Bento that its digest names, or none."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ArtefactError, CreditPlatformError, ScorerError, ServiceError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.artefact_changes import change
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import bento_key
from credit_platform.scoring.folder import read_manifest, write_folder
from credit_platform.scoring.parts import SCORER_FILE
from credit_platform.scoring.served_source import check_source, record_promotion, recorded
from credit_platform.scoring.stored_histories import (
    FOLDER,
    HistoriesFacts,
    erase_applicant,
    knows_applicant,
    write_histories,
)
from credit_platform.serving.bento_fetching import fetch_bento, promoted_digest
from credit_platform.serving.bento_places import BentoPlace, keep_bento
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_tables
from credit_platform_tests.unit.serving.test_bento_places import FACTS

AT = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home é")


def promote(settings: Settings, version: str, histories: HistoriesFacts | None = None) -> BentoRecord:
    """A Bento that was built, stored and recorded; nothing of it stays in the home."""
    shelf, digest = Shelf.of(settings), None if histories is None else histories.digest
    place = BentoPlace(tag=f"toy_scoring:{version}", histories=digest, promoted_at=AT)
    folder = place.folder(shelf.home)
    (folder / "src" / "bento").mkdir(parents=True)
    (folder / "bento.yaml").write_text("{}")
    (folder / "src" / "bento" / "service.py").write_text(f"SERVICE = {version!r}\n")
    write_folder(folder / "src" / "scorer", {SCORER_FILE: b"{}"}, b"{}")
    if histories:
        write_histories(folder / "src" / FOLDER, PORTFOLIO, toy_tables(8)[1].lazy(), histories)
    source_digest = record_promotion(folder / "src", AT)
    record = BentoRecord(
        tag=place.tag,
        key=keep_bento(shelf, place),
        promoted_at=AT,
        digest=read_manifest(folder / "src" / "scorer")[1],
        stored_histories=histories,
        source_digest=source_digest,
        fingerprint="f",
    )
    write(settings, record)
    folder.rename(settings.home / f"was {version}")
    return record


def write(settings: Settings, record: BentoRecord) -> None:
    lakehouse = Lakehouse(settings.lakehouse_root)
    lakehouse.write(bento_key("toy"), pl.DataFrame({"tag": [record.tag]}), summary=record.to_summary())


def source_digest(record: BentoRecord) -> str:
    assert record.source_digest is not None
    return record.source_digest


def test_each_digest_gets_its_own_also_when_another_was_promoted_since(settings: Settings, tmp_path: Path) -> None:
    first, second = promote(settings, "1"), promote(settings, "2")
    target = tmp_path / "pod é" / "bento"
    for record in (first, second, first):
        assert fetch_bento(settings, "toy", source_digest(record), target) == record
        check_source(target / "src", record.source_digest)
        assert recorded(target / "src")["promoted_at"] == AT
    assert [path.name for path in target.parent.iterdir()] == ["bento"], "neither home nor cache is left"


def test_a_scorer_means_the_bento_it_was_promoted_with_last(settings: Settings, tmp_path: Path) -> None:
    first, second = promote(settings, "1"), promote(settings, "2")
    assert first.digest == second.digest
    assert fetch_bento(settings, "toy", first.digest, tmp_path / "bento") == second


def test_who_was_erased_is_in_no_pod_that_starts_after(settings: Settings, tmp_path: Path) -> None:
    record, target = promote(settings, "1", FACTS), tmp_path / "bento"
    fetch_bento(settings, "toy", source_digest(record), target)
    assert knows_applicant(target / "src" / FOLDER, "3")
    assert record.place.histories_key is not None
    change(Shelf.of(settings).store, record.place.histories_key, lambda folder: erase_applicant(folder, "3"))
    fetch_bento(settings, "toy", source_digest(record), target)
    assert not knows_applicant(target / "src" / FOLDER, "3")
    assert knows_applicant(target / "src" / FOLDER, "4")


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        ("", "No digest says which Bento"),
        ("latest", "'latest' is no digest"),
        ("A" * 64, "is no digest"),
        ("0" * 64, f"No promoted Bento of toy has the digest {'0' * 64}"),
    ],
)
@pytest.mark.parametrize("used", [True, False])
def test_nothing_else_is_fetched_in_its_place(
    settings: Settings, tmp_path: Path, digest: str, said: str, used: bool
) -> None:
    if used:
        promote(settings, "1")
    with pytest.raises(ServiceError, match=re.escape(said)):
        fetch_bento(settings, "toy", digest, tmp_path / "bento")
    assert not (tmp_path / "bento").exists()


def altered_scorer(settings: Settings, record: BentoRecord) -> None:
    write(settings, replace(record, digest="1" * 64))


def altered_code(settings: Settings, record: BentoRecord) -> None:
    """By somebody who can write the store, digests and all."""

    def edit(folder: Path) -> bool:
        (folder / "src" / "bento" / "service.py").write_text("SERVICE = 'evil'\n")
        return True

    assert record.key is not None
    change(Shelf.of(settings).store, record.key, edit)


def altered_file(settings: Settings, record: BentoRecord) -> None:
    file = next(Path(settings.artefact_root).rglob("service.py*"), None)
    assert file is not None, "the store keeps files by their names"
    file.chmod(0o600)
    file.write_text("SERVICE = 'evil'\n")


def removed(settings: Settings, record: BentoRecord) -> None:
    assert record.key is not None
    Shelf.of(settings).store.delete(record.key)


def lost_histories(settings: Settings, record: BentoRecord) -> None:
    """Which it never had, and which are stored nowhere."""
    write(settings, replace(record, stored_histories=FACTS))


@pytest.mark.parametrize("damage", [altered_scorer, altered_code, altered_file, removed, lost_histories])
def test_what_is_not_what_was_promoted_is_not_put_there(settings: Settings, tmp_path: Path, damage: object) -> None:
    record = promote(settings, "1")
    assert callable(damage)
    damage(settings, record)
    (tmp_path / "bento").mkdir()
    (tmp_path / "bento" / "mine").touch()
    with pytest.raises(CreditPlatformError) as raised:
        fetch_bento(settings, "toy", source_digest(record), tmp_path / "bento")
    assert isinstance(raised.value, ArtefactError | ScorerError)
    assert [path.name for path in (tmp_path / "bento").iterdir()] == ["mine"], "what lay there is left"


def test_one_of_before_keys_says_what_to_do(settings: Settings, tmp_path: Path) -> None:
    record = promote(settings, "1")
    write(settings, replace(record, key=None, path="somewhere"))
    with pytest.raises(ArtefactError, match="before artefacts were stored by key"):
        fetch_bento(settings, "toy", source_digest(record), tmp_path / "bento")


def test_before_the_first_deployment_it_is_what_is_promoted_now(settings: Settings) -> None:
    with pytest.raises(ServiceError, match="No model of toy is promoted"):
        promoted_digest(settings, "toy")
    first, second = promote(settings, "1"), promote(settings, "2")
    assert promoted_digest(settings, "toy") == second.source_digest
    write(settings, first)  # as a rollback does
    assert promoted_digest(settings, "toy") == first.source_digest
    write(settings, replace(first, source_digest=None))
    assert promoted_digest(settings, "toy") == first.digest
