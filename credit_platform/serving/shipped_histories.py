"""The histories of known applicants that travel with a scorer, and how a person is taken out of them again.

What is here: `plan_histories` (what a Bento gets), `erase_from_bentos` and the list of those who were erased, to which
`remember_erasure` adds; carrying out a list again is `erasures.py`.
What to add here: another choice about what of a person may travel.
What must not be here: the file itself (`credit_platform.scoring.stored_histories`), and dagster: the command line
erases people, too.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from credit_platform.errors import ScorerError, ServiceError, TableNotFoundError
from credit_platform.features import feature_version
from credit_platform.features.decided import of_raw_files
from credit_platform.features.trained_on import read_trained_on
from credit_platform.files.durable import replace_synced
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.artefact_changes import change, change_text, text_of
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios import all_portfolios
from credit_platform.portfolios.keys import applicants_key, bento_key, erased_artefact, is_histories
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.folder import canonical_json
from credit_platform.scoring.stored_histories import (
    FOLDER,
    PERSONAL,
    SYNTHETIC,
    HistoriesFacts,
    erase_applicant,
    erasure_mark,
    history_features,
    knows_applicant,
    write_histories,
)
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings
from credit_platform.values import Fault, identify

ERASED_FOLDER: Final = "erased_applicants"
"""Folder of the home with the lists of those who were erased."""


@dataclass(frozen=True, kw_only=True)
class HistoriesPlan:
    """What will be shipped with a scorer."""

    portfolio: Portfolio
    frame: pl.LazyFrame
    facts: HistoriesFacts
    """Their `digest` goes into the version of the Bento."""
    erased: frozenset[str]

    def write(self, source: Path) -> HistoriesFacts:
        """Write the folder below `source`, where the scorer's lies, whole or not at all."""
        target = source / FOLDER
        fresh = source / f".{FOLDER}.{uuid.uuid4().hex}"
        try:
            facts = write_histories(fresh, self.portfolio, self.frame, self.facts, erased=self.erased)
            shutil.rmtree(target, ignore_errors=True)
            replace_synced(fresh, target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return facts

    def is_in(self, source: Path) -> bool:
        """Whether just these rows lie below `source` already."""
        folder = source / FOLDER
        return folder.is_dir() and HistoriesFacts.read(folder).digest == self.facts.digest


def plan_histories(scorer: Scorer, settings: Settings) -> HistoriesPlan | None:
    """The histories that belong to a scorer: of the very version of the feature table that it was trained on.

    None when there is nothing to ship: the portfolio has no histories, the settings say no, or the scorer was trained
    on no stored table.

    Raises:
        ServiceError: the table is gone, or is not the one that the scorer was trained on.
    """
    portfolio = scorer.portfolio
    key = applicants_key(portfolio.name)
    version = scorer.provenance.get("data_versions", {}).get(key)
    if not settings.ship_histories or not history_features(portfolio) or version is None:
        return None
    try:
        stored = read_trained_on(Lakehouse(settings.lakehouse_root), key, int(version))
    except TableNotFoundError as error:
        raise _unavailable(f"{key} version {version}, which the scorer was trained on, is gone.") from error
    expected = scorer.metadata.get("data_hash", stored.version.content_hash)
    # One that stands for it since somebody was erased has another number, and is meant to hold other rows.
    if stored.version.version == int(version) and stored.version.content_hash != expected:
        raise _unavailable(f"{key} version {version} holds other rows than the scorer was trained on.")
    erased = erased_applicants(settings, portfolio.name)
    facts = HistoriesFacts(
        portfolio=portfolio.name,
        feature_version=feature_version(portfolio),
        table=key,
        table_version=stored.version.version,
        content_hash=stored.version.content_hash,
        licence=SYNTHETIC if stored.version.synthetic else PERSONAL,
        applicants=0,
        digest="",
    )
    # The content says more than the number of the version: the same rows in a new version are the same Bento.
    state = [facts.portfolio, facts.feature_version, facts.content_hash, facts.licence, sorted(erased)]
    facts = replace(facts, digest=hashlib.sha256(canonical_json(state)).hexdigest())
    # What decided applicants sent is theirs to send again: only what raw files hold is stored for anybody.
    return HistoriesPlan(portfolio=portfolio, frame=of_raw_files(stored.frame), facts=facts, erased=erased)


def _unavailable(what: str) -> ServiceError:
    return ServiceError(
        what, "Run the portfolio again, or build without stored histories: CREDIT_PLATFORM_SHIP_HISTORIES=false."
    )


def erased_applicants(settings: Settings, portfolio: str) -> frozenset[str]:
    """Marks of the applicants who are not to be shipped again."""
    shelf = Shelf.of(settings)
    kept = text_of(shelf.store, erased_artefact(portfolio)) if shelf.is_used else ""
    before = settings.home / ERASED_FOLDER / f"{portfolio}.txt"  # of before artefacts had keys, or restored
    told = before.read_text(encoding="utf-8") if before.is_file() else ""
    # Behind each mark stands when it was.
    lines = [*kept.splitlines(), *told.splitlines()]
    return frozenset(mark for line in lines if (mark := line.partition(" ")[0].strip()))


def erase_from_bentos(
    settings: Settings, applicant: str, *, dry_run: bool = False, remember: bool = True
) -> list[Path]:
    """Erase a person from all stored histories and from every Bento in the home, and remember it for the next ones.

    A key that is a whole number is one in any spelling.

    Services that run from those Bentos no longer know the applicant from then on; on another host, from when they are
    started again. What was copied elsewhere (a container image) is not reached. With `dry_run` nothing is erased and
    nothing remembered.

    Returns:
        Folders of the Bentos in which the person was (or is), also of those that are stored and not in this home now.
    """
    if remember and not dry_run:
        remember_erasure(settings, applicant)
    names = {portfolio.name: _name(portfolio, applicant) for portfolio in all_portfolios()}

    def found(folder: Path) -> bool:
        name = names.get(_portfolio_of(folder), applicant)
        return knows_applicant(folder, name) if dry_run else erase_applicant(folder, name)

    shelf = Shelf.of(settings)
    stored = {key for key in shelf.all_keys() if is_histories(key) and _in_stored(shelf, key, found, dry_run=dry_run)}
    folders = (settings.home / "bentos" / "bentos").glob(f"*/*/src/{FOLDER}")
    return sorted({*_bentos_with(settings, shelf, stored), *(each.parents[1] for each in folders if found(each))})


def _bentos_with(settings: Settings, shelf: Shelf, stored: Collection[str]) -> Iterator[Path]:
    """Where Bentos with one of these histories lie in a home, by the tables that name them."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    for key in {bento_key(key.partition("/")[0]) for key in stored}:
        for version in lakehouse.versions(key):
            record = BentoRecord.of(lakehouse.read(key, version.version))
            if record.key is not None and record.place.histories_key in stored:
                yield record.folder(shelf)


def _in_stored(shelf: Shelf, key: str, found: Callable[[Path], bool], *, dry_run: bool) -> bool:
    return found(shelf.store.local(key)) if dry_run else change(shelf.store, key, found)


def remember_erasure(settings: Settings, applicant: str) -> None:
    """Note that a person was erased now, in the list of every portfolio: older backups are held against these."""
    remember_marks(settings, marks_of(applicant), datetime.now(UTC))


def marks_of(applicant: str) -> dict[str, str]:
    """What stands for a person in the list of each portfolio, by its name."""
    return {one.name: erasure_mark(one.name, _name(one, applicant)) for one in all_portfolios()}


def remember_marks(settings: Settings, marks: Mapping[str, str], at: datetime) -> None:
    """Note in the lists of portfolios that whoever these marks stand for was erased at this time."""
    for portfolio, mark in marks.items():
        _remember(settings, portfolio, mark, at)


def histories_folders(settings: Settings) -> list[tuple[str, Path]]:
    """Folders of histories of a home, stored or in a Bento, each with its portfolio ("" where it does not say)."""
    shelf = Shelf.of(settings)
    stored = [shelf.store.local(key) for key in shelf.all_keys() if is_histories(key)]
    folders = [*stored, *sorted((settings.home / "bentos" / "bentos").glob(f"*/*/src/{FOLDER}"))]
    return [(_portfolio_of(folder), folder) for folder in folders]


def _portfolio_of(folder: Path) -> str:
    """Whose histories lie in a folder; "" where it does not say, from which people are erased all the same."""
    try:
        return HistoriesFacts.read(folder).portfolio
    except ScorerError:
        return ""


def _name(portfolio: Portfolio, applicant: str) -> str:
    """The applicant as the portfolio's tables know him, or as he was named when they cannot know him."""
    name = identify(portfolio, applicant)
    return applicant if isinstance(name, Fault) else name


def _remember(settings: Settings, portfolio: str, mark: str, at: datetime) -> None:
    change_text(Shelf.of(settings).store, erased_artefact(portfolio), lambda text: f"{text}{mark} {at.isoformat()}\n")
