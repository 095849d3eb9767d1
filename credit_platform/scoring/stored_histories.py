"""Feature values of known applicants' histories, in a file that answers for one applicant at a time.

What is here: `write_histories`, `StoredHistories` which looks an applicant up, and `erase_applicant`.
What to add here: another fact that goes with the rows (`HistoriesFacts`).
What must not be here: where the rows come from (`serving/shipped_histories.py`), and features of the
application: those are computed from each request.

`applicants.db` is an SQLite file with one compressed row of float64 per applicant: a look-up reads a page or two,
nothing is loaded at the start, and one person can be erased from it while a service reads (ADR 0007); `facts.json`.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import threading
import zlib
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from credit_platform.errors import ScorerError
from credit_platform.features import is_version_of
from credit_platform.files import literal
from credit_platform.files.durable import write_synced
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.values import Fault, has_number_as_key, identify

FOLDER = "stored_histories"
"""Name of the folder, beside the scorer's."""
FACTS, ROWS = "facts.json", "applicants.db"
SYNTHETIC, PERSONAL = "synthetic", "personal data of the lender's applicants"
ROWS_DIGEST = "rows.sha256"
"""File with the SHA-256 of `ROWS`, as written or as the last erasure left it."""
_AGAIN = "Build the Bento again."
_BATCH = 2_000
_THREADS = 2
_FAST = 1
"""zlib level: the next ones take twice the time for a tenth less space."""
_NUMBERS = np.dtype("<f8")


@dataclass(frozen=True, kw_only=True)
class HistoriesFacts:
    """What the stored rows are."""

    portfolio: str
    feature_version: str
    table: str
    """Key of the feature table they were taken from."""
    table_version: int
    content_hash: str
    """Of that version."""
    licence: str
    """`synthetic`, or that this is personal data."""
    applicants: int
    """Rows when the file was written; later erasures are not counted."""
    digest: str
    """Of all that determines the rows; equal digests mean equal rows, erasures since then left aside."""

    @classmethod
    def read(cls, folder: Path) -> HistoriesFacts:
        """Read what `write_histories` wrote.

        Raises:
            ScorerError: there is no such file, or it is damaged.
        """
        path = folder / FACTS
        try:
            return cls(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise ScorerError(f"{path} cannot be read: {error}.", _AGAIN) from error


def history_features(portfolio: Portfolio) -> tuple[str, ...]:
    """Names of the features that come from other tables than the application's, in the order of the feature table."""
    groups = [group for group in portfolio.feature_groups if group.table != portfolio.training_table]
    return tuple(feature.name for group in groups for feature in group.all_features)


def erasure_mark(portfolio: str, applicant: str) -> str:
    """What is remembered of a person who was erased: a SHA-256, so that the list of them names nobody in clear.

    `applicant` is the one name of the person (`values.identify`).
    """
    return hashlib.sha256(f"{portfolio}\0{applicant}".encode()).hexdigest()


def write_histories(
    folder: Path, portfolio: Portfolio, frame: pl.LazyFrame, facts: HistoriesFacts, *, erased: Collection[str] = ()
) -> HistoriesFacts:
    """Write the histories of all applicants of a feature table into a new folder, in the memory of a few of them.

    Args:
        folder: does not exist yet.
        portfolio: what the features are declared by.
        frame: applicant key and at least `history_features`; one row per applicant, in any order.
        facts: what to record; `applicants` is counted here.
        erased: marks (`erasure_mark`) of those who must not be in it.

    Returns:
        The facts as recorded.

    Raises:
        ScorerError: an applicant is there twice.
    """
    folder.mkdir(parents=True)
    connection = sqlite3.connect(folder / ROWS)
    try:
        # Nobody reads it yet, and a killed writer's folder is thrown away.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE applicant (key TEXT NOT NULL, numbers BLOB NOT NULL, texts TEXT)")
        rows = _packed_rows(portfolio, frame, frozenset(erased))
        connection.executemany("INSERT INTO applicant VALUES (?, ?, ?)", rows)
        connection.execute("CREATE UNIQUE INDEX applicant_key ON applicant (key)")
        (count,) = connection.execute("SELECT count(*) FROM applicant").fetchone()
        connection.commit()
        # Whoever erases somebody has to be able to; a service opens the file for reading only.
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.IntegrityError as error:
        raise ScorerError(f"{facts.table} has an applicant twice.", "Look at its check `key`.") from error
    finally:
        connection.close()
    written = HistoriesFacts(**{**asdict(facts), "applicants": count})
    (folder / FACTS).write_text(json.dumps(asdict(written), indent=1), encoding="utf-8")
    _note_rows(folder)
    return written


def rows_state(folder: Path) -> tuple[Literal["whole", "unverified", "damaged"], str]:
    """Whether the rows in a folder are those that were written, erasures aside, and a sentence about it."""
    noted = folder / ROWS_DIGEST
    if not (folder / ROWS).is_file():
        return "damaged", f"{ROWS} is missing. {_AGAIN}"
    if not noted.is_file():
        return "unverified", "They carry no digest: made before there was one, or an erasure was cut short."
    if noted.read_text(encoding="utf-8").strip() != _rows_digest(folder):
        return "damaged", f"{ROWS} was altered after it was written. {_AGAIN}"
    return "whole", "The rows are as they were written, erasures aside."


def _note_rows(folder: Path) -> None:
    write_synced(folder / ROWS_DIGEST, f"{_rows_digest(folder)}\n".encode())


def _rows_digest(folder: Path) -> str:
    with (folder / ROWS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def erase_applicant(folder: Path, applicant: str) -> bool:
    """`erase_applicants` for one; whether there was a row."""
    return erase_applicants(folder, [applicant]) > 0


def erase_applicants(folder: Path, applicants: Collection[str]) -> int:
    """Erase rows, their bytes on disk as well; a service that reads the file no longer finds them. How many went."""
    had_digest = rows_state(folder)[0] == "whole"
    # Without one while the rows change: cut short in between, they are unverified and not taken for damaged.
    (folder / ROWS_DIGEST).unlink(missing_ok=True)
    address = literal.sqlite_uri(folder / ROWS, {"mode": "rw"})
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        with connection:
            gone = connection.executemany("DELETE FROM applicant WHERE key = ?", [(one,) for one in applicants])
    if had_digest:
        _note_rows(folder)
    return max(gone.rowcount, 0)


def knows_applicant(folder: Path, applicant: str) -> bool:
    """Whether `erase_applicant` would find a row."""
    connection = sqlite3.connect(literal.sqlite_uri(folder / ROWS, {"mode": "ro"}), uri=True, timeout=10)
    try:
        return connection.execute("SELECT 1 FROM applicant WHERE key = ?", (applicant,)).fetchone() is not None
    finally:
        connection.close()


def known_applicants(folder: Path) -> list[str]:
    """Keys of everybody whose rows lie in a folder.

    Raises:
        ScorerError: the file is damaged.
    """
    try:
        connection = sqlite3.connect(literal.sqlite_uri(folder / ROWS, {"mode": "ro"}), uri=True, timeout=10)
        try:
            return [key for (key,) in connection.execute("SELECT key FROM applicant")]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ScorerError(f"{folder / ROWS} cannot be read: {error}.", _AGAIN) from error


class StoredHistories:
    """Looks up the features of an applicant's histories; without a folder nobody is known. For use by many threads."""

    def __init__(self, portfolio: Portfolio, folder: Path | None = None) -> None:
        """Open what lies in `folder`; a folder that does not exist knows nobody.

        Raises:
            ScorerError: it was made by other feature definitions, for another portfolio, or it is damaged.
        """
        self.facts: HistoriesFacts | None = None
        self._portfolio = portfolio
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._numbers, self._texts = _by_kind(portfolio)
        if folder is None or not folder.is_dir():
            return
        self.facts = HistoriesFacts.read(folder)
        same = is_version_of(portfolio, self.facts.feature_version)
        if self.facts.portfolio != portfolio.name or not same:
            raise ScorerError(f"{folder} was made by other feature definitions than the scorer.", _AGAIN)
        self._path = folder / ROWS
        try:
            address = literal.sqlite_uri(self._path, {"mode": "ro"})
            self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        self._known = self._select("SELECT count(*) FROM applicant")[0]

    def __len__(self) -> int:
        """Number of known applicants when the file was opened."""
        return 0 if self._connection is None else int(self._known)

    def knows(self, applicant_id: str | None) -> bool:
        """Whether `find` finds something.

        Raises:
            ScorerError: the file is damaged.
        """
        name = self._name(applicant_id)
        return name is not None and self._select("SELECT 1 FROM applicant WHERE key = ?", name) is not None

    def find(self, applicant_id: str | None) -> Mapping[str, Any] | None:
        """Feature values of an applicant's histories, to the last bit; None when the applicant is not known.

        Raises:
            ScorerError: the file is damaged.
        """
        name = self._name(applicant_id)
        row = None if name is None else self._select("SELECT numbers, texts FROM applicant WHERE key = ?", name)
        return None if row is None else self._unpacked(*row)

    def _name(self, applicant_id: str | None) -> str | None:
        """The key of an applicant; None when nobody can be known by it."""
        if self._connection is None or applicant_id is None:
            return None
        name = identify(self._portfolio, applicant_id)
        return None if isinstance(name, Fault) else name

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()

    def _unpacked(self, numbers: bytes, texts: str | None) -> dict[str, Any]:
        try:
            values = np.frombuffer(zlib.decompress(numbers), _NUMBERS).tolist()
            pairs = zip(self._numbers, values, strict=True)
            found = {name: None if math.isnan(value) else value for name, value in pairs}
        except (zlib.error, ValueError) as error:  # the checksum of zlib is in each row
            raise self._damaged(error) from error
        if self._texts:
            found.update(zip(self._texts, json.loads(texts or "[]"), strict=True))
        return found

    def _select(self, query: str, *values: str) -> Any:
        assert self._connection is not None  # noqa: S101  # callers have looked
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> ScorerError:
        return ScorerError(f"{self._path} cannot be read: {error}.", _AGAIN)


def _is_erased(portfolio: Portfolio, applicant: str, erased: frozenset[str]) -> bool:
    """Whether the list names this person, also as a float: older lists hold names as they were typed."""
    spellings = (applicant, f"{applicant}.0") if has_number_as_key(portfolio) else (applicant,)
    return any(erasure_mark(portfolio.name, name) in erased for name in spellings)


def _by_kind(portfolio: Portfolio) -> tuple[list[str], list[str]]:
    """Numeric and categorical features of histories."""
    kinds = {feature.name: feature.kind for feature in portfolio.features}
    names = history_features(portfolio)
    texts = [name for name in names if kinds[name] is FeatureKind.CATEGORICAL]
    return [name for name in names if kinds[name] is not FeatureKind.CATEGORICAL], texts


def _packed_rows(
    portfolio: Portfolio, frame: pl.LazyFrame, erased: frozenset[str]
) -> Iterator[tuple[str, bytes, str | None]]:
    """Rows of the file: key, numbers with NaN for null (a feature is finite or null), texts as JSON."""
    numbers, texts = _by_kind(portfolio)
    key = pl.col(portfolio.applicant_key).cast(pl.String)
    columns = [key, *(pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in numbers), *texts]
    with ThreadPoolExecutor(_THREADS) as pool:
        for batch in frame.select(columns).collect_batches(chunk_size=_BATCH, maintain_order=True):
            matrix = np.ascontiguousarray(batch.select(numbers).to_numpy().astype(_NUMBERS, copy=False))
            packed = pool.map(lambda row: zlib.compress(row.tobytes(), _FAST), matrix)
            words = (json.dumps(row) for row in batch.select(texts).rows()) if texts else [None] * batch.height
            for applicant, blob, text in zip(batch[portfolio.applicant_key].to_list(), packed, words, strict=True):
                if not erased or not _is_erased(portfolio, applicant, erased):
                    yield applicant, blob, text
