"""Scorers, Bentos and histories of superseded models go after the period; whatever somebody may go back to stays."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from credit_platform.governance.expiry import Remover, expired, removals, remove_expired
from credit_platform.governance.superseded import StoredModel, superseded
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import bento_artefact, histories_artefact, scorer_artefact
from credit_platform.portfolios.retention import Period, Retention
from credit_platform.scoring.stored_histories import HistoriesFacts
from credit_platform.settings import Settings
from credit_platform_tests.records import promoted_model, scorer_record
from credit_platform_tests.small_scorer import save_small_scorer

GERMAN = get_portfolio("german_credit")
NAME = GERMAN.name
SCORER, CHAMPION, BENTO = f"{NAME}/models/scorer", f"{NAME}/serving/promoted_model", f"{NAME}/serving/bento"
MODELS = tuple(letter * 64 for letter in "abcd")
"""Champions one after another."""
SOON = datetime.now(UTC) + timedelta(days=GERMAN.retention.models.days - 1)
LATER = datetime.now(UTC) + timedelta(days=GERMAN.retention.models.days + 1)
REMOVER = Remover(person="K. Auditor", reason="the period is over")


def histories(digest: str) -> dict[str, object]:
    """What a Bento says of the known applicants inside."""
    facts = HistoriesFacts(
        portfolio=NAME,
        feature_version="f",
        table=f"{NAME}/features/applicants",
        table_version=0,
        content_hash="c",
        licence="synthetic",
        applicants=1,
        digest=digest,
    )
    return asdict(facts)


@pytest.fixture(params=["folder", "bucket"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    home = tmp_path / "société 1"
    if request.param == "folder":
        return Settings(home=home)
    bucket = request.getfixturevalue("s3").new_bucket()
    return Settings(home=home, artefact_url=f"s3://{bucket}/à part", artefact_cache=tmp_path / "cache")


@pytest.fixture
def lakehouse(settings: Settings) -> Lakehouse:
    """Four champions with scorer and Bento; the first two share their histories. Each Bento lies in the home, too."""
    made, store = Lakehouse(settings.lakehouse_root), Shelf.of(settings).store
    for digest in MODELS:
        rows = pl.DataFrame({"digest": [digest]})
        made.write(SCORER, rows, summary=scorer_record(digest).to_summary())
        made.write(CHAMPION, rows, summary=promoted_model(digest).to_summary())
        shared = "e" * 64 if digest in MODELS[:2] else digest
        made.write(BENTO, rows, summary={"digest": digest, "stored_histories": histories(shared)})
        for key in (scorer_artefact(NAME, digest), histories_artefact(NAME, shared)):
            store.put(key, b"x")
        store.put(bento_artefact(NAME, f"{digest[:12]}-0000"), b"x")
        folder = settings.home / "bentos" / "bentos" / f"{NAME}_scoring" / f"{digest[:12]}-0000"
        folder.mkdir(parents=True)
        (folder / "bento.yaml").write_text("x")
    store.put(f"{NAME}/reports/quality_report.html", b"x")
    store.put(f"{NAME}/erased_applicants.txt", b"x")
    store.put(scorer_artefact("home_credit", "a" * 64), b"x")
    return made


def going(
    lakehouse: Lakehouse, settings: Settings, now: datetime, *, pins: dict[str, tuple[int]] | None = None, by: str = ""
) -> set[str]:
    """Kind and first letter of what may go."""
    decided = {digest for digest in MODELS if digest[0] in by}
    shelf = Shelf.of(settings)
    found = superseded(lakehouse, GERMAN, shelf, pins=pins or {}, decided_by=decided, now=now)
    return {short(one) for one in found}


def short(one: StoredModel) -> str:
    kind = "home" if one.folder else one.name.split("/")[1]
    return f"{kind} {one.name.rpartition('/')[2][0]}"


def all_of(*letters: str) -> set[str]:
    return {f"{kind} {letter}" for kind in ("scorers", "bentos", "home") for letter in letters}


def test_what_nobody_goes_back_to_goes_after_the_period(lakehouse: Lakehouse, settings: Settings) -> None:
    assert going(lakehouse, settings, SOON) == set()
    # `c` is what a rollback returns to, `d` the champion.
    assert going(lakehouse, settings, LATER) == {*all_of("a", "b"), "histories e"}


def test_a_decision_that_can_be_replayed_and_a_pin_keep_a_model(lakehouse: Lakehouse, settings: Settings) -> None:
    assert going(lakehouse, settings, LATER, by="a") == all_of("b")
    for key in (SCORER, CHAMPION, BENTO):
        assert going(lakehouse, settings, LATER, pins={key: (1,)}) == all_of("a")


def test_the_newest_scorer_and_a_rollback_keep_theirs(lakehouse: Lakehouse, settings: Settings) -> None:
    newest = "f" * 64
    lakehouse.write(SCORER, pl.DataFrame({"digest": [newest]}), summary=scorer_record(newest).to_summary())
    restored = replace(promoted_model("b" * 64), restored_version=1).to_summary()
    Shelf.of(settings).store.put(scorer_artefact(NAME, newest), b"x")
    lakehouse.write(CHAMPION, pl.DataFrame({"digest": ["b"]}), summary=restored)
    # From `b`, a rollback returns to `a`; `c` and `d` were superseded.
    found = going(lakehouse, settings, LATER)
    assert found == {*all_of("c"), "histories c"}  # the newest Bento is still that of `d`


def test_it_goes_once_and_who_did_it_is_written_down(lakehouse: Lakehouse, settings: Settings) -> None:
    shelf = Shelf.of(settings)
    before = shelf.all_keys()
    dry = expired(lakehouse, GERMAN, settings, pins={}, decided_by=set(), registry=None, now=LATER)
    assert shelf.all_keys() == before
    done = [
        remove_expired(lakehouse, GERMAN, settings, REMOVER, pins={}, decided_by=set(), registry=None, now=LATER)
        for _ in range(3)
    ]
    assert [len(one.models) for one in done] == [len(dry.models), 0, 0] == [7, 0, 0]
    left = {key for key in shelf.all_keys() if key not in before} | set(before) - set(shelf.all_keys())
    assert left == {one.name for one in dry.models if one.folder is None}
    assert sorted(path.name[0] for path in settings.home.glob("bentos/bentos/*/*")) == ["c", "d"]
    assert removals(lakehouse, NAME)[0].models == tuple(one.name for one in dry.models)
    assert (removals(lakehouse, NAME)[0].person, len(removals(lakehouse, NAME))) == ("K. Auditor", 1)


def test_a_shadow_stays(settings: Settings, tmp_path: Path) -> None:
    lakehouse, shelf = Lakehouse(settings.lakehouse_root), Shelf.of(settings)
    digest = save_small_scorer(tmp_path / "shadow").digest
    shelf.store.put(scorer_artefact(NAME, digest), tmp_path / "shadow")
    for shadow, kept in ((None, False), ("challenger", False), (str(tmp_path / "shadow"), True)):
        with_shadow = settings.model_copy(update={"shadow_scorer": shadow})
        found = expired(lakehouse, GERMAN, with_shadow, pins={}, decided_by=set(), registry=None, now=LATER)
        assert (found.models == ()) is kept


def test_what_no_table_knows_counts_from_when_it_was_stored(settings: Settings) -> None:
    """The tables were removed, or a run was killed before it wrote one."""
    shelf, lakehouse = Shelf.of(settings), Lakehouse(settings.lakehouse_root)
    shelf.store.put(scorer_artefact(NAME, "a" * 64), b"x")
    shelf.store.put(histories_artefact(NAME, "a" * 64), b"x")
    before_keys = settings.home / "scorers" / NAME / ("b" * 16)
    before_keys.mkdir(parents=True)
    assert going(lakehouse, settings, SOON) == set()
    assert going(lakehouse, settings, LATER) == {"scorers a", "histories a", "home b"}
    long_ago = (datetime.now(UTC) - timedelta(days=4000)).timestamp()
    os.utime(before_keys, (long_ago, long_ago))
    assert going(lakehouse, settings, datetime.now(UTC)) == {"home b"}
    shutil.rmtree(before_keys)
    assert going(lakehouse, settings, datetime.now(UTC)) == set()


def test_a_model_is_kept_as_long_as_its_decisions() -> None:
    with pytest.raises(ValueError, match="at least as long as the decisions"):
        Retention(models=Period(days=729, ground="g"))
