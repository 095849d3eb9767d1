"""A Bento is stored without what changes in it, and put together again out of what is stored."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from credit_platform.errors import ArtefactError
from credit_platform.lakehouse.artefact_changes import change
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.scoring.folder import PROMOTION
from credit_platform.scoring.served_source import check_source, record_promotion, recorded
from credit_platform.scoring.stored_histories import (
    FOLDER,
    ROWS,
    HistoriesFacts,
    erase_applicant,
    known_applicants,
    knows_applicant,
    rows_state,
    write_histories,
)
from credit_platform.serving.bento_places import BentoPlace, bring_bento, forget_erased, keep_bento
from credit_platform.settings import Settings
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_tables

FACTS = HistoriesFacts(
    portfolio="toy",
    feature_version="f",
    table="toy/features/applicants",
    table_version=0,
    content_hash="c",
    licence="synthetic",
    applicants=0,
    digest="d" * 64,
)
AT = "2026-01-01T00:00:00+00:00"
PLACE = BentoPlace(tag="toy_scoring:1-2", histories=FACTS.digest, promoted_at=AT)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A home with a Bento in it that is stored."""
    made = Shelf.of(Settings(home=tmp_path / "home é"))
    source = PLACE.folder(made.home) / "src"
    (source / "bento").mkdir(parents=True)
    (source / "bento" / "service.py").write_text("SERVICE = 1\n")
    write_histories(source / FOLDER, PORTFOLIO, toy_tables(8)[1].lazy(), FACTS)
    record_promotion(source, AT)
    assert keep_bento(made, PLACE) == PLACE.key == "toy/bentos/1-2"
    return made


def test_what_changes_is_not_stored_with_the_code(shelf: Shelf) -> None:
    names = {member.name for member in shelf.store.stat(PLACE.key).members}
    assert names == {"src/bento/service.py", "src/bento/__pycache__"}
    assert shelf.all_keys() == [PLACE.key, PLACE.histories_key]


def test_it_is_put_together_again(shelf: Shelf) -> None:
    folder = PLACE.folder(shelf.home)
    digest = recorded(folder / "src")["source_digest"]
    shutil.rmtree(shelf.home / "bentos")
    assert bring_bento(shelf, PLACE) == folder
    assert check_source(folder / "src", digest)
    assert recorded(folder / "src")["promoted_at"] == AT
    assert HistoriesFacts.read(folder / "src" / FOLDER).digest == FACTS.digest
    assert knows_applicant(folder / "src" / FOLDER, "5")
    assert [path.name for path in (shelf.home / "bentos").iterdir()] == ["bentos"]


def test_what_is_there_is_left_for_its_check_to_judge(shelf: Shelf) -> None:
    altered = PLACE.folder(shelf.home) / "src" / "bento" / "service.py"
    altered.write_text("SERVICE = 2\n")
    bring_bento(shelf, PLACE)
    assert altered.read_text() == "SERVICE = 2\n"


def test_who_was_erased_from_what_is_stored_is_not_served_from_a_copy(shelf: Shelf) -> None:
    """As after an erasure on another host."""
    assert PLACE.histories_key is not None
    rows = PLACE.folder(shelf.home) / "src" / FOLDER
    assert change(shelf.store, PLACE.histories_key, lambda folder: erase_applicant(folder, "5"))
    assert knows_applicant(rows, "5")
    bring_bento(shelf, PLACE)
    assert not knows_applicant(rows, "5")
    assert knows_applicant(rows, "6")
    bring_bento(shelf, PLACE)  # nothing more to do


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_who_was_erased_elsewhere_is_forgotten_under_a_service_that_runs(
    kind: str, shelf: Shelf, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The rows of a service stay the file that it opened; others keep theirs; asked again there is nothing to do."""
    bucket = request.getfixturevalue("s3").new_bucket() if kind == "bucket" else None
    root = str(tmp_path / "shared é") if bucket is None else f"s3://{bucket}/shared é"
    first, second = (Shelf(tmp_path / name, root, tmp_path / f"cache of {name}") for name in ("one", "two é"))
    for each in (first, second):
        shutil.copytree(shelf.home / "bentos", each.home / "bentos")
    keep_bento(first, PLACE)
    rows = PLACE.folder(second.home) / "src" / FOLDER
    assert forget_erased(second, "toy") == 0
    key = PLACE.histories_key
    assert key is not None
    everybody = set(known_applicants(rows))
    with closing(sqlite3.connect(rows / ROWS)) as service:
        for number, applicant in enumerate(("5", "6"), start=1):
            assert change(first.store, key, partial(erase_applicant, applicant=applicant))
            bring_bento(second, PLACE)  # as whoever rolls back does, while the service runs
            assert forget_erased(second, "toy") == 0
            assert forget_erased(second, "other") == 0
            left = {name for (name,) in service.execute("SELECT key FROM applicant")}
            assert left == everybody - set(("5", "6")[:number])
    assert rows_state(rows)[0] == "whole"
    assert change(first.store, key, lambda folder: erase_applicant(folder, "7"))
    assert forget_erased(second, "toy") == 1
    assert not knows_applicant(rows, "7")
    (rows / ROWS).write_bytes(b"damaged")
    assert change(first.store, key, lambda folder: erase_applicant(folder, "4"))
    assert forget_erased(second, "toy") == 0  # `verify` tells of it
    bring_bento(second, PLACE)
    assert rows_state(rows)[0] == "whole"
    assert not knows_applicant(rows, "4")


def test_one_that_is_stored_nowhere_is_told(shelf: Shelf) -> None:
    gone = BentoPlace(tag="toy_scoring:3-4", histories=None, promoted_at=None)
    with pytest.raises(ArtefactError, match="Nothing is stored as toy/bentos/3-4"):
        bring_bento(shelf, gone)
    assert not gone.folder(shelf.home).exists()
    (shelf.store.local(PLACE.key) / "src" / "bento" / "service.py").write_text("SERVICE = 3\n")
    shutil.rmtree(shelf.home / "bentos")
    with pytest.raises(ArtefactError, match="not as it was stored"):
        bring_bento(shelf, PLACE)


def test_without_a_date_none_is_written(shelf: Shelf) -> None:
    shutil.rmtree(shelf.home / "bentos")
    folder = bring_bento(shelf, BentoPlace(tag=PLACE.tag, histories=None, promoted_at=None))
    assert "promoted_at" not in (folder / "src" / PROMOTION).read_text()
    assert not (folder / "src" / FOLDER).exists()
