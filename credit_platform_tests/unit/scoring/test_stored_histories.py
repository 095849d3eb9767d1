"""Stored histories: what is written is found to the last bit, and who is erased is gone from the disk."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ScorerError
from credit_platform.features import feature_version
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring.stored_histories import (
    FACTS,
    ROWS,
    SYNTHETIC,
    HistoriesFacts,
    StoredHistories,
    erase_applicant,
    erasure_mark,
    history_features,
    write_histories,
)
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_tables

FEATURES = toy_tables()[1]
FACTS_OF_TOY = HistoriesFacts(
    portfolio=PORTFOLIO.name,
    feature_version=feature_version(PORTFOLIO),
    table="toy/features/applicants",
    table_version=3,
    content_hash="abc",
    licence=SYNTHETIC,
    applicants=0,
    digest="d1",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "stored_histories"
    write_histories(path, PORTFOLIO, FEATURES.lazy(), FACTS_OF_TOY)
    return path


def test_every_applicant_is_found_to_the_last_bit(folder: Path) -> None:
    stored = StoredHistories(PORTFOLIO, folder)
    names = history_features(PORTFOLIO)
    assert "loans__kind__first" in names
    assert "income" not in names
    assert len(stored) == FEATURES.height
    assert stored.facts == replace(FACTS_OF_TOY, applicants=FEATURES.height)
    for row in FEATURES.to_dicts():
        person = str(row["person"])
        assert stored.knows(person)
        assert stored.find(person) == {name: row[name] for name in names}
    stored.close()


@pytest.mark.parametrize("spelt", ["1", "01", "1.0", " 1", "+1", "10e-1"])
def test_a_number_is_one_applicant_in_any_spelling(folder: Path, spelt: str) -> None:
    stored = StoredHistories(PORTFOLIO, folder)
    assert stored.knows(spelt)
    assert stored.find(spelt) == stored.find("1")


@pytest.mark.parametrize("stranger", [None, "", "60", "1'--", "1.5", "1 0", "A-1", "1e300"])
def test_who_is_not_there_is_not_known(folder: Path, stranger: str | None) -> None:
    stored = StoredHistories(PORTFOLIO, folder)
    assert (stored.find(stranger), stored.knows(stranger)) == (None, False)


def test_without_a_folder_nobody_is_known(tmp_path: Path) -> None:
    for nothing in (StoredHistories(PORTFOLIO), StoredHistories(PORTFOLIO, tmp_path / "absent")):
        assert (len(nothing), nothing.find("1"), nothing.knows("1"), nothing.facts) == (0, None, False, None)
        nothing.close()


def test_an_erased_applicant_is_gone_from_the_file_while_it_is_open(folder: Path) -> None:
    stored = StoredHistories(PORTFOLIO, folder)
    with sqlite3.connect(folder / ROWS) as connection:
        (blob,) = connection.execute("SELECT numbers FROM applicant WHERE key = '7'").fetchone()
    assert blob in (folder / ROWS).read_bytes()
    assert erase_applicant(folder, "7")
    assert not erase_applicant(folder, "7")
    assert (stored.find("7"), stored.knows("7")) == (None, False)
    assert stored.find("8") is not None
    assert blob not in (folder / ROWS).read_bytes()
    assert len(StoredHistories(PORTFOLIO, folder)) == FEATURES.height - 1


def test_who_was_erased_is_not_written_again(tmp_path: Path) -> None:
    marks = {erasure_mark(PORTFOLIO.name, "7"), erasure_mark("another", "8")}
    facts = write_histories(tmp_path / "new", PORTFOLIO, FEATURES.lazy(), FACTS_OF_TOY, erased=marks)
    stored = StoredHistories(PORTFOLIO, tmp_path / "new")
    assert facts.applicants == len(stored) == FEATURES.height - 1
    assert (stored.knows("7"), stored.knows("8")) == (False, True)


def test_an_applicant_who_is_there_twice_is_refused(tmp_path: Path) -> None:
    twice = pl.concat([FEATURES, FEATURES.head(1)]).lazy()
    with pytest.raises(ScorerError, match="an applicant twice"):
        write_histories(tmp_path / "new", PORTFOLIO, twice, FACTS_OF_TOY)


def test_it_must_fit_the_definitions_and_the_portfolio(folder: Path) -> None:
    with pytest.raises(ScorerError, match="other feature definitions"):
        StoredHistories(get_portfolio("home_credit"), folder)


def test_damage_is_named(folder: Path) -> None:
    with sqlite3.connect(folder / ROWS) as connection:
        connection.execute("UPDATE applicant SET numbers = zeroblob(length(numbers)) WHERE key = '7'")
    stored = StoredHistories(PORTFOLIO, folder)
    with pytest.raises(ScorerError, match=r"applicants\.db cannot be read"):
        stored.find("7")
    assert stored.find("8") is not None
    (folder / ROWS).write_bytes(b"no database")
    with pytest.raises(ScorerError, match=r"applicants\.db cannot be read"):
        StoredHistories(PORTFOLIO, folder)
    (folder / ROWS).unlink()
    with pytest.raises(ScorerError, match=r"applicants\.db cannot be read"):
        StoredHistories(PORTFOLIO, folder)
    (folder / FACTS).write_text("{}")
    with pytest.raises(ScorerError, match=r"facts\.json cannot be read"):
        StoredHistories(PORTFOLIO, folder)


def test_many_threads_look_up_at_once(folder: Path) -> None:
    stored = StoredHistories(PORTFOLIO, folder)
    expected = {str(row["person"]): row["loans__debt__sum"] for row in FEATURES.to_dicts()}
    wrong: list[str] = []

    def look_up() -> None:
        for person, value in expected.items():
            found = stored.find(person)
            if found is None or found["loans__debt__sum"] != value:
                wrong.append(person)

    threads = [threading.Thread(target=look_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
