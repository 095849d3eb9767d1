"""Scoring a file of applications, piece by piece: millions of rows in the memory of one piece.

What is here: `score_file`, from CSV or Parquet to CSV or Parquet, with the rows that cannot be scored kept aside.
What to add here: another format.
What must not be here: which scorer and which histories (`serving/file_scoring.py`), progress bars (`cli/score.py`),
rules and scoring of a piece (`file_rows.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from credit_platform.errors import RawFileError, RequestError
from credit_platform.files import literal
from credit_platform.files.csv_text import CsvFile, check_text, open_csv, read_names, uneven_line
from credit_platform.files.durable import replace_synced
from credit_platform.files.names import require_file, require_place
from credit_platform.files.parquet import count_rows, flat_names, require_parquet
from credit_platform.files.scratch import scratch_folder
from credit_platform.files.spreadsheet import write_csv
from credit_platform.scoring.decision import Language
from credit_platform.scoring.file_rows import ROW, Aggregates, FileRows
from credit_platform.scoring.header import Ignored
from credit_platform.scoring.score_table import rows_at_once
from credit_platform.scoring.scorer import Scorer

SCRATCH = ".scoring-"
"""How folders begin in which a scoring prepares its result, beside it."""
_FORMATS = (".csv", ".parquet")
_PACKED = (".gz", ".zip")


@dataclass(frozen=True, kw_only=True)
class FileScored:
    """What became of the rows of a file."""

    rows: int
    scored: int
    rejected: int
    with_histories: int
    """Scored rows whose applicant has a history in what was given."""
    rejected_path: Path | None
    """File of the rejected rows; None when there is none."""


def score_file(
    scorer: Scorer,
    source: Path,
    target: Path,
    *,
    aggregates: Aggregates | None = None,
    ignore: Collection[Ignored] = (),
    stored: str | None = None,
    language: Language = "en",
    sentences: bool = False,
    verbatim: bool = False,
    protected: Sequence[Path] = (),
    piece: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> FileScored:
    """Score every row of `source` and write the decisions to `target`, in the same order.

    Where the portfolio has histories, the column `histories` says of each row where they came from: `given`, `stored`,
    `none known` (they were looked for) or `not looked up`.

    The columns are those of an application, and the applicant key, which is carried over; it is optional unless there
    are histories. Rows that break the contract go to `<target>__rejected` beside it, with the rule they broke; rows in
    = rows scored + rows rejected. A target that exists is replaced, at the end and at once.

    Args:
        scorer: what decides.
        source: CSV or Parquet file, by its suffix; a CSV may be packed (`.csv.gz`, `.zip`).
        target: CSV or Parquet file to write.
        aggregates: features of the applicants' histories, by feature group (`features.build_group`); tables sorted by
            applicant are read once where the file is sorted, too. By default nobody's histories are looked at.
        stored: table and version that the aggregates were taken from, when they were not given as files.
        ignore: kinds of columns to leave unread instead of refusing the file: protected attributes, the outcome.
        language: of the reasons.
        sentences: whether to add the column `sentences`, the reasons as each applicant is told them, for letters.
        verbatim: whether texts in a CSV stay as they are that a spreadsheet would compute (`files/spreadsheet.py`).
        protected: files that were read for this, too, and folders in which nothing may be written.
        piece: rows held in memory; by default what fits into some hundred megabytes.
        progress: told the number of rows done after each piece.

    Raises:
        RequestError: a suffix is none of these, `target` cannot be written, or columns are unknown, protected or
            missing; they are named.
        RawFileError: the file as a whole is broken (as in ingestion: a short or long line, cut off, not UTF-8, no rows,
            nested columns); the line or column is named, nothing is scored.
    """
    aside = target.with_name(f"{target.stem}__rejected{target.suffix}")
    _check_names(source, target)
    for path in (target, aside):
        require_place(path)
    check_overwriting((source, *protected), (target, aside))
    batch = FileRows(scorer, language, aggregates, stored=stored, sentences=sentences)
    known = scorer.portfolio.table(scorer.portfolio.training_table).column_names
    rows = 0
    with scratch_folder(target.parent, SCRATCH) as folder:
        scored, rejected = _Parts(target, folder, verbatim=verbatim), _Parts(aside, folder, verbatim=verbatim)
        file = _open(source, folder, known)
        for part in _pieces(file, batch, ignore, piece or rows_at_once(scorer)):
            numbered = part.with_row_index(ROW, offset=rows)
            kept, refused = batch.split(numbered)
            scored.add(batch.decide(kept))
            rejected.add(refused)
            rows += part.height
            progress(rows)
        scored.finish()
        if rejected.rows:
            rejected.finish()
        else:
            aside.unlink(missing_ok=True)
    return FileScored(
        rows=rows,
        scored=scored.rows,
        rejected=rejected.rows,
        with_histories=batch.with_histories,
        rejected_path=aside if rejected.rows else None,
    )


def _check_names(source: Path, target: Path) -> None:
    for path, packed in ((source, True), (target, False)):
        ending = path.suffix.lower()
        if ending not in _FORMATS and not (packed and ending in _PACKED):
            also = ", or a packed CSV: .csv.gz, .zip" if packed else ""
            raise RequestError(
                f"{path} is no CSV or Parquet file.", f"Name one that ends in .csv or .parquet{also}.", ""
            )


def check_overwriting(read: Sequence[Path], written: Sequence[Path]) -> None:
    """Refuse to write to what is read: a file of `read`, by whatever name, or one that lies in a folder of `read`.

    Raises:
        RequestError: both are named.
    """
    for path, source in itertools.product(written, read):
        same = path.exists() and source.exists() and path.samefile(source)
        inside = source.is_dir() and path.absolute().resolve().is_relative_to(source.resolve())
        if same or inside:
            what = f"{path} would be written over what the decisions are made of: {source}."
            raise RequestError(what, "Name another file for the decisions.", "")


@dataclass(frozen=True)
class _Applications:
    """A file of applications, before its rows are read."""

    source: Path
    scan: pl.LazyFrame
    names: Sequence[str]
    count: Callable[[], int]
    """Judges the file as a whole and gives the number of its rows."""
    csv: CsvFile | None = None
    """The text, where it is one."""


def _open(source: Path, staging: Path, known: Collection[str]) -> _Applications:
    require_file(source)
    if source.suffix.lower() == ".parquet":
        require_parquet(source)
        scan = literal.scan_parquet(source)
        with _reading(source):
            names: Sequence[str] = flat_names(source, scan.collect_schema())
        return _Applications(source, scan, names, lambda: count_rows(source, scan))
    file = open_csv(source, staging)
    names = read_names(file, known)
    # As text: a type that is inferred would depend on the other rows.
    text = literal.scan_csv(file.path, schema=dict.fromkeys(names, pl.String))
    return _Applications(source, text, names, lambda: check_text(file, len(names)).records - 1, file)


def _pieces(file: _Applications, batch: FileRows, ignore: Collection[Ignored], rows: int) -> Iterator[pl.DataFrame]:
    """Rows of a file whose bytes have proved to be sound, piece by piece."""
    wanted = batch.check_header(file.names, ignore)
    found = 0
    expected = file.count()
    with _reading(file.source, file.csv, len(file.names)):
        for part in file.scan.select(wanted).collect_batches(chunk_size=rows, maintain_order=True):
            found += part.height
            yield part
    if file.csv is not None and found != expected:  # separators are as many as there must be, and yet quotes hide some
        raise uneven_line(file.csv, len(file.names))


@contextmanager
def _reading(source: Path, csv: CsvFile | None = None, width: int = 0) -> Iterator[None]:
    """Turn what the reader raises into an error about the file; about a line, where a text was found sound before."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        if csv is not None:
            raise uneven_line(csv, width) from error
        first = str(error).splitlines()[0]
        raise RawFileError(f"File {source} cannot be read: {first}", "Give a whole CSV or Parquet file.") from error


class _Parts:
    """A file that is written in pieces and put in its place at the end."""

    def __init__(self, target: Path, folder: Path, *, verbatim: bool) -> None:
        self._target = target
        self._folder = folder
        self._verbatim = verbatim
        self.rows = 0
        self._parts: list[Path] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Write one piece; an empty one only gives the columns."""
        if frame.is_empty() and self._parts:
            return
        part = self._folder / f"{self._target.stem}-{len(self._parts):06d}.parquet"
        frame.write_parquet(literal.exact(part))
        self._parts.append(part)
        self.rows += frame.height

    def finish(self) -> None:
        """Join the pieces and put the result in its place."""
        whole = self._folder / f"whole-{self._target.name}"
        scan = literal.scan_parquet(self._parts)
        if self._target.suffix.lower() == ".csv":
            write_csv(scan, whole, verbatim=self._verbatim)
        else:
            scan.sink_parquet(literal.exact(whole))
        replace_synced(whole, self._target)
