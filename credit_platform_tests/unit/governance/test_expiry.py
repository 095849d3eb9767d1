"""What a portfolio may keep no longer goes, what is in force or needed stays; who had it removed is kept."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from credit_platform.accounts import account
from credit_platform.errors import TableNotFoundError
from credit_platform.governance.expiry import Remover, expired, period_of, removals, remove_expired
from credit_platform.lakehouse import Lakehouse, refused_key
from credit_platform.lakehouse.versions import CommitInfo
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.records import promoted_model, scorer_record

GERMAN = get_portfolio("german_credit")
NAME = GERMAN.name
RAW, FEATURES = f"{NAME}/raw/applications", f"{NAME}/features/applicants"
SCORER, CHAMPION, BENTO = f"{NAME}/models/scorer", f"{NAME}/serving/promoted_model", f"{NAME}/serving/bento"
CARD, FAIRNESS = f"{NAME}/governance/model_card", f"{NAME}/governance/fairness"
REFUSED = refused_key(RAW)
REMOVER = Remover(person="K. Auditor", reason="the period is over")
SOON = datetime.now(UTC) + timedelta(days=30)
SIX_YEARS = datetime.now(UTC) + timedelta(days=6 * 365)
ELEVEN_YEARS = datetime.now(UTC) + timedelta(days=11 * 365)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "société 1")


@pytest.fixture
def lakehouse(settings: Settings, tmp_path: Path) -> Lakehouse:
    """Three champions one after another, each with raw rows, features, a scorer and papers; one refused file."""
    made = Lakehouse(settings.lakehouse_root)
    for number, digest in enumerate(("a" * 64, "b" * 64, "c" * 64)):
        rows = pl.DataFrame({"number": [number]})
        for key in (RAW, FEATURES, FAIRNESS):
            made.write(key, rows)
        record = replace(scorer_record(digest, tmp_path / digest), table_version=number)
        made.write(SCORER, rows, summary=record.to_summary())
        made.write(CARD, rows, summary={"digest": digest})
        made.write(
            CHAMPION,
            rows,
            summary=replace(promoted_model(digest, tmp_path / digest), table_version=number).to_summary(),
        )
        made.write(BENTO, rows, summary={"digest": digest})
        folder = settings.reports_folder(NAME) / "models" / digest[:12]
        folder.mkdir(parents=True)
        (folder / "model_card.html").write_text("card", encoding="utf-8")
    for number in range(2):
        made.write(REFUSED, pl.DataFrame({"number": [number]}), info=CommitInfo(portfolio=NAME))
    (settings.reports_folder(NAME) / "roc.png").write_bytes(b"png")
    return made


def left(lakehouse: Lakehouse, key: str) -> list[int]:
    return [version.version for version in lakehouse.versions(key)]


def folders(settings: Settings) -> list[str]:
    return sorted(path.name[0] for path in (settings.reports_folder(NAME) / "models").iterdir())


def remove(lakehouse: Lakehouse, settings: Settings, now: datetime) -> int:
    return remove_expired(
        lakehouse, GERMAN, settings, REMOVER, pins={}, decided_by=set(), registry=None, now=now
    ).versions


def test_within_the_periods_nothing_goes(lakehouse: Lakehouse, settings: Settings) -> None:
    assert not expired(lakehouse, GERMAN, settings, pins={}, decided_by=set(), registry=None, now=SOON)
    assert remove(lakehouse, settings, SOON) == 0
    assert removals(lakehouse, NAME) == []
    assert left(lakehouse, REFUSED) == [1, 0]


def test_after_five_years_tables_about_people_go_but_for_what_is_in_force(
    lakehouse: Lakehouse, settings: Settings
) -> None:
    planned = expired(lakehouse, GERMAN, settings, pins={}, decided_by=set(), registry=None, now=SIX_YEARS)
    assert left(lakehouse, RAW) == [2, 1, 0]
    assert [remove(lakehouse, settings, SIX_YEARS) for _ in range(3)] == [planned.versions, 0, 0]
    assert (left(lakehouse, RAW), left(lakehouse, FEATURES), left(lakehouse, SCORER)) == ([2], [2], [2])
    assert left(lakehouse, REFUSED) == []  # what was refused is in force for nobody
    assert (left(lakehouse, FAIRNESS), left(lakehouse, CHAMPION)) == ([2, 1, 0], [2, 1, 0])
    assert folders(settings) == ["a", "b", "c"]
    assert lakehouse.scan(RAW).collect().item() == 2


def test_after_ten_years_papers_go_and_what_a_rollback_returns_to_stays(
    lakehouse: Lakehouse, settings: Settings
) -> None:
    assert remove(lakehouse, settings, ELEVEN_YEARS) > 0
    assert (left(lakehouse, FAIRNESS), left(lakehouse, CARD)) == ([2], [2])
    assert (left(lakehouse, CHAMPION), left(lakehouse, BENTO)) == ([2, 1], [2, 1])
    assert folders(settings) == ["b", "c"]
    assert (settings.reports_folder(NAME) / "roc.png").is_file()  # no run has written another one since
    assert [remove(lakehouse, settings, ELEVEN_YEARS) for _ in range(2)] == [0, 0]


def test_a_file_that_newer_runs_left_alone_goes(lakehouse: Lakehouse, settings: Settings) -> None:
    old = settings.reports_folder(NAME) / "roc.png"
    long_ago = (datetime.now(UTC) - timedelta(days=4000)).timestamp()
    os.utime(old, (long_ago, long_ago))
    assert [
        one.name for one in expired(lakehouse, GERMAN, settings, pins={}, decided_by=set(), registry=None).reports
    ] == ["roc.png"]


def test_who_had_it_removed_is_kept_with_what_went(lakehouse: Lakehouse, settings: Settings) -> None:
    remove(lakehouse, settings, ELEVEN_YEARS)
    (record,) = removals(lakehouse, NAME)
    assert (record.person, record.account, record.reason) == ("K. Auditor", account(), "the period is over")
    assert record.tables[RAW] == (1, 0)
    assert record.reports == ("models/aaaaaaaaaaaa",)
    notes = [commit.get("credit_platform_removed_by") for commit in lakehouse._reader.history(RAW)]
    assert {"person": "K. Auditor", "account": account(), "reason": "the period is over"} in notes


def test_a_pin_keeps_what_is_too_old_and_must_name_something(lakehouse: Lakehouse, settings: Settings) -> None:
    remove_expired(
        lakehouse, GERMAN, settings, REMOVER, pins={RAW: (0,)}, decided_by=set(), registry=None, now=SIX_YEARS
    )
    assert left(lakehouse, RAW) == [2, 0]
    with pytest.raises(TableNotFoundError, match="Nothing was removed"):
        expired(lakehouse, GERMAN, settings, pins={RAW: (9,)}, decided_by=set(), registry=None, now=SIX_YEARS)


def test_a_removal_that_was_killed_is_completed_by_the_next(
    lakehouse: Lakehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("credit_platform.lakehouse.vacuum.Remains.remove", killed)
        with pytest.raises(KeyboardInterrupt):
            remove(lakehouse, settings, SIX_YEARS)
    remove(lakehouse, settings, SIX_YEARS)
    assert left(lakehouse, RAW) == [2]
    assert len([*Path(settings.lakehouse_root, RAW).glob("*.parquet")]) == 1


def test_a_refused_table_takes_new_versions_after_its_last_one_went(lakehouse: Lakehouse, settings: Settings) -> None:
    remove(lakehouse, settings, SIX_YEARS)
    assert lakehouse.latest(REFUSED) is None
    with pytest.raises(TableNotFoundError):
        lakehouse.scan(REFUSED)
    again = lakehouse.write(REFUSED, pl.DataFrame({"number": [7]}))
    assert left(lakehouse, REFUSED) == [again.version]


def test_periods_follow_what_a_table_holds() -> None:
    about_people = [RAW, REFUSED, FEATURES, SCORER, f"{NAME}/serving/scored_applicants", f"{NAME}/monitoring/decisions"]
    assert {period_of(GERMAN, key).days for key in about_people} == {1825}
    assert {period_of(GERMAN, key).days for key in (CHAMPION, CARD, FAIRNESS, f"{NAME}/quality/report")} == {3650}
