"""Erasures that were carried out, so that they can be carried out again on what is older than they are.

What is here: lists of marks (`read_marks`, `lists_of`, `write_lists`, `merge`), `erased_places` of a decision log, and
`erase_again` over the log and the stored histories of a home.
What to add here: another place in which a person must not come back.
What must not be here: erasing somebody for the first time (`shipped_histories.py`, `monitoring/decision_log`), and
where lists come from (`local/backup`).

A list names nobody: a mark is a SHA-256 of portfolio and applicant, followed by when they were erased. So an erasure
takes the decisions from before it, and none that the same person asked for later. Older lists have no time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, or_, select, tuple_

from credit_platform.files.durable import make_folder, write_synced
from credit_platform.lakehouse.artefact_changes import text_of
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.decision_log import Act, DecisionStore
from credit_platform.monitoring.decision_log.removal import remove
from credit_platform.monitoring.decision_log.schema import DECISIONS, REMOVALS, REMOVED
from credit_platform.portfolios import all_portfolios, portfolio_names
from credit_platform.portfolios.keys import erased_artefact
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.stored_histories import erasure_mark, known_applicants
from credit_platform.serving.shipped_histories import ERASED_FOLDER, erase_from_bentos, histories_folders
from credit_platform.settings import Settings
from credit_platform.values import Fault, identify

Marks = Mapping[str, datetime | None]
"""When somebody was erased last, by mark; None where that was not noted."""
Place = tuple[str, int]
"""Writer and sequence number of a row in a decision log."""
ARTEFACTS: Final = "artefacts"
"""Folder of a home with what is stored by key, where no setting names another place."""
_MARK: Final = re.compile(r"[0-9a-f]{64}")
_TOGETHER: Final = 200
"""Conditions of one statement."""


@dataclass(frozen=True, kw_only=True)
class ErasedAgain:
    """What carrying out erasures again took."""

    decisions: int
    histories: int
    """Applicants who were taken out of stored histories."""


def read_marks(text: str) -> dict[str, datetime | None]:
    """Marks of a list; what is no mark is passed over."""
    found: dict[str, datetime | None] = {}
    for line in text.splitlines():
        mark, _, at = line.strip().partition(" ")
        if _MARK.fullmatch(mark):
            found = merge(found, {mark: _moment(at)})
    return found


def merge(*lists: Marks) -> dict[str, datetime | None]:
    """All marks of several lists, each with its latest time."""
    found: dict[str, datetime | None] = {}
    for marks in lists:
        for mark, at in marks.items():
            known = found.get(mark)
            found[mark] = at if known is None or (at is not None and at > known) else known
    return found


def lists_of(home: Path) -> dict[str, dict[str, datetime | None]]:
    """The lists that lie in a home, by portfolio.

    Raises:
        OSError: one cannot be read.
    """
    files = sorted((home / ERASED_FOLDER).glob("*.txt"))
    found = {file.stem: read_marks(file.read_text(encoding="utf-8")) for file in files}
    artefacts = home / ARTEFACTS
    kept = kept_lists(Shelf(home, str(artefacts), artefacts)) if artefacts.is_dir() else {}
    return {name: merge(found.get(name, {}), kept.get(name, {})) for name in sorted({*found, *kept})}


def kept_lists(shelf: Shelf) -> dict[str, dict[str, datetime | None]]:
    """The lists that are stored by key, by portfolio.

    Raises:
        ArtefactError: one was altered.
        StorageError: the store cannot be read.
    """
    if not shelf.is_used:
        return {}
    texts = ((portfolio, text_of(shelf.store, erased_artefact(portfolio))) for portfolio in portfolio_names())
    return {portfolio: read_marks(text) for portfolio, text in texts if text}


def write_lists(home: Path, lists: Mapping[str, Marks]) -> None:
    """Put lists into a home, beside those that are stored by key: whoever stands in either is not shipped again.

    Raises:
        OSError: one cannot be written.
    """
    for portfolio, marks in lists.items():
        folder = home / ERASED_FOLDER
        make_folder(folder)
        lines = (f"{mark} {at.isoformat()}\n" if at else f"{mark}\n" for mark, at in sorted(marks.items()))
        write_synced(folder / f"{portfolio}.txt", "".join(lines).encode(), mode=0o600)


def erased_places(store: DecisionStore) -> list[Place]:
    """Places of the decisions that a log erased; of those it only knows where in their chains they stood.

    Raises:
        DecisionLogError: the log cannot be read.
    """
    joined = REMOVED.join(REMOVALS, REMOVED.c.removal_id == REMOVALS.c.id)
    query = select(REMOVED.c.writer, REMOVED.c.sequence).select_from(joined).where(REMOVALS.c.kind == "erasure")
    with store.session(reading=True) as connection:
        return [(row.writer, row.sequence) for row in connection.execute(query)]


def erase_again(
    settings: Settings, store: DecisionStore | None, marks: Marks, places: Iterable[Place], act: Act, *, before: Marks
) -> ErasedAgain:
    """Take out of a decision log and of a home's stored histories whoever was erased; again costs nothing.

    Args:
        settings: whose Bentos.
        store: the decision log; None where there is none.
        marks: of everybody who was erased.
        places: rows of the log that another copy of it erased.
        act: who carries it out and why, for the record in the log.
        before: marks that were known when the log was as it is: of these, those without a time were carried out on it.

    Raises:
        DecisionLogError: the log cannot be reached.
        ScorerError: stored histories cannot be read.
    """
    due = {mark: at for mark, at in marks.items() if at is not None or mark not in before}
    decisions = 0
    if store is not None:
        batches = _batches([*_of_marks(store, due), *_of_places(places)])
        decisions = sum(remove(store, or_(*batch), act, kind="erasure") for batch in batches)
    return ErasedAgain(decisions=decisions, histories=_out_of_histories(settings, marks))


def _of_marks(store: DecisionStore, due: Marks) -> Iterator[ColumnElement[bool]]:
    """Which decisions are about somebody on the list, and from before the erasure."""
    if not due:
        return
    query = select(DECISIONS.c.portfolio, DECISIONS.c.applicant_id).distinct()
    with store.session(reading=True) as connection:
        people = connection.execute(query.where(DECISIONS.c.applicant_id.is_not(None))).all()
    known = {portfolio.name: portfolio for portfolio in all_portfolios()}
    for person in people:
        for at in _erased_at(known, due, person.portfolio, person.applicant_id):
            about = (DECISIONS.c.portfolio == person.portfolio) & (DECISIONS.c.applicant_id == person.applicant_id)
            yield about if at is None else about & (DECISIONS.c.decided_at < at)


def _erased_at(known: Mapping[str, Portfolio], due: Marks, portfolio: str, applicant: str) -> Iterator[datetime | None]:
    """Every erasure of this person."""
    names = {applicant}
    if portfolio in known and not isinstance(name := identify(known[portfolio], applicant), Fault):
        names.add(name)
    yield from (due[mark] for mark in sorted(erasure_mark(portfolio, name) for name in names) if mark in due)
    # Before each portfolio had a list, a person of any of them was on those of portfolios with histories.
    others = (erasure_mark(other, applicant) for other in known if other != portfolio)
    yield from (None for mark in others if mark in due and due[mark] is None)


def _of_places(places: Iterable[Place]) -> Iterator[ColumnElement[bool]]:
    for batch in _batches(sorted(places)):
        yield tuple_(DECISIONS.c.writer, DECISIONS.c.sequence).in_(batch)


def _out_of_histories(settings: Settings, marks: Marks) -> int:
    people = {
        applicant
        for portfolio, folder in histories_folders(settings)
        for applicant in (known_applicants(folder) if marks else ())
        if erasure_mark(portfolio, applicant) in marks
    }
    for applicant in sorted(people):
        erase_from_bentos(settings, applicant, remember=False)
    return len(people)


T = TypeVar("T")


def _batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + _TOGETHER] for at in range(0, len(values), _TOGETHER))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
