"""Scoring a file of applications, piece by piece: millions of rows in the memory of one piece.

What is here: `score_file`, from CSV or Parquet to CSV or Parquet, with the rows that cannot be scored kept aside.
What to add here: another format.
What must not be here: progress bars (`cli/score.py`), rules and scoring of a piece (`file_rows.py`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from credit_platform.errors import RequestError, ScorerError
from credit_platform.scoring.decision import Language
from credit_platform.scoring.file_rows import ROW, Aggregates, FileRows
from credit_platform.scoring.score_table import rows_at_once
from credit_platform.scoring.scorer import Scorer

_FORMATS = (".csv", ".parquet")


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
    stored: str | None = None,
    language: Language = "en",
    sentences: bool = False,
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
        source: CSV or Parquet file, by its suffix.
        target: CSV or Parquet file to write.
        aggregates: features of the applicants' histories, by feature group (`features.build_group`); tables sorted by
            applicant are read once where the file is sorted, too. By default nobody's histories are looked at.
        stored: table and version that the aggregates were taken from, when they were not given as files.
        language: of the reasons.
        sentences: whether to add the column `sentences`, the reasons as each applicant is told them, for letters.
        piece: rows held in memory; by default what fits into some hundred megabytes.
        progress: told the number of rows done after each piece.

    Raises:
        RequestError: a suffix is none of these, or a column is unknown, protected or missing; the column is named.
        ScorerError: the file cannot be read.
    """
    for path in (source, target):
        if path.suffix not in _FORMATS:
            raise RequestError(f"{path} is no CSV or Parquet file.", "Name a file that ends in .csv or .parquet.", "")
    batch = FileRows(scorer, language, aggregates, stored=stored, sentences=sentences)
    aside = target.with_name(f"{target.stem}__rejected{target.suffix}")
    rows = 0
    with _Parts(target) as scored, _Parts(aside) as rejected:
        for part in _pieces(source, batch, piece or rows_at_once(scorer)):
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


def _pieces(source: Path, batch: FileRows, rows: int) -> Iterator[pl.DataFrame]:
    try:
        scan = pl.scan_csv(source, infer_schema=False) if source.suffix == ".csv" else pl.scan_parquet(source)
        batch.check_header(scan.collect_schema().names())
        yield from scan.collect_batches(chunk_size=rows, maintain_order=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        first = str(error).splitlines()[0]
        raise ScorerError(f"{source} cannot be read: {first}", "Give a whole CSV or Parquet file.") from error


class _Parts:
    """A file that is written in pieces and put in its place at the end."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self.rows = 0
        target.parent.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=".scoring-", dir=target.parent))
        self._parts: list[Path] = []

    def __enter__(self) -> _Parts:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, frame: pl.DataFrame) -> None:
        """Write one piece; an empty one only gives the columns."""
        if frame.is_empty() and self._parts:
            return
        part = self._folder / f"{len(self._parts):06d}.parquet"
        frame.write_parquet(part)
        self._parts.append(part)
        self.rows += frame.height

    def finish(self) -> None:
        """Join the pieces and put the result in its place."""
        whole = self._folder / f"whole{self._target.suffix}"
        scan = pl.scan_parquet(self._parts)
        if self._target.suffix == ".csv":
            scan.sink_csv(whole)
        else:
            scan.sink_parquet(whole)
        whole.replace(self._target)
