"""Scoring a file of applications, piece by piece: millions of rows in the memory of one piece.

What is here: `score_file`, from CSV or Parquet to CSV or Parquet, with the rows that cannot be scored kept aside.
What to add here: another format, another column of the result.
What must not be here: progress bars (`cli/score.py`), and rules other than those of the contract.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from credit_platform.errors import RequestError, ScorerError
from credit_platform.features import build_features
from credit_platform.features.reading import POLARS_DTYPES
from credit_platform.portfolios.portfolio import Column, Portfolio
from credit_platform.scoring.decision import Decision, Language
from credit_platform.scoring.scorer import Scorer

ROWS_AT_ONCE = 50_000
RULE = "rule"
ROW = "row"
_FORMATS = (".csv", ".parquet")


@dataclass(frozen=True, kw_only=True)
class FileScored:
    """What became of the rows of a file."""

    rows: int
    scored: int
    rejected: int
    rejected_path: Path | None
    """File of the rejected rows; None when there is none."""


def score_file(
    scorer: Scorer,
    source: Path,
    target: Path,
    *,
    language: Language = "en",
    rows_at_once: int = ROWS_AT_ONCE,
    progress: Callable[[int], None] = lambda _: None,
) -> FileScored:
    """Score every row of `source` and write the decisions to `target`, in the same order.

    The columns are those of an application, and optionally the applicant key, which is carried over. Histories are not
    read: their features are missing. Rows that break the contract go to `<target>__rejected` beside it, with the rule
    they broke; rows in = rows scored + rows rejected. A target that exists is replaced, at the end and at once.

    Args:
        scorer: what decides.
        source: CSV or Parquet file, by its suffix.
        target: CSV or Parquet file to write.
        language: of the reasons.
        rows_at_once: rows held in memory.
        progress: told the number of rows done after each piece.

    Raises:
        RequestError: a suffix is none of these, or a column is unknown, protected or missing; the column is named.
        ScorerError: the file cannot be read.
    """
    for path in (source, target):
        if path.suffix not in _FORMATS:
            raise RequestError(f"{path} is no CSV or Parquet file.", "Name a file that ends in .csv or .parquet.", "")
    batch = _Batch(scorer, language)
    aside = target.with_name(f"{target.stem}__rejected{target.suffix}")
    rows = 0
    with _Parts(target) as scored, _Parts(aside) as rejected:
        for piece in _pieces(source, batch, rows_at_once):
            numbered = piece.with_row_index(ROW, offset=rows)
            kept, refused = batch.split(numbered)
            scored.add(batch.decide(kept))
            rejected.add(refused)
            rows += piece.height
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
        rejected_path=aside if rejected.rows else None,
    )


def _pieces(source: Path, batch: _Batch, rows_at_once: int) -> Iterator[pl.DataFrame]:
    try:
        scan = pl.scan_csv(source, infer_schema=False) if source.suffix == ".csv" else pl.scan_parquet(source)
        batch.check_header(scan.collect_schema().names())
        yield from scan.collect_batches(chunk_size=rows_at_once, maintain_order=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        first = str(error).splitlines()[0]
        raise ScorerError(f"{source} cannot be read: {first}", "Give a whole CSV or Parquet file.") from error


class _Batch:
    """Checks and scores pieces of a file."""

    def __init__(self, scorer: Scorer, language: Language) -> None:
        portfolio = scorer.portfolio
        self._scorer = scorer
        self._language = language
        self._key = portfolio.applicant_key
        table = portfolio.table(portfolio.training_table)
        self._columns = {c.name: c for c in portfolio.application_columns if c.protected is None}
        self._protected = {c.name for c in portfolio.application_columns if c.protected is not None}
        self._types = {c.name: POLARS_DTYPES[c.type]() for c in table.columns}
        self._required = _required(scorer)
        others = [t for t in portfolio.tables if t.name != portfolio.training_table]
        self._empty = {
            t.name: pl.LazyFrame(schema={c.name: POLARS_DTYPES[c.type]() for c in t.columns}) for t in others
        }

    def check_header(self, names: list[str]) -> None:
        """Refuse columns that must not be there, and miss those that must."""
        for name in names:
            if name in self._protected:
                raise RequestError(f"{name} is a protected attribute.", "Leave the column out.", name)
            if name != self._key and name not in self._columns:
                raise RequestError(f"{name} is no column of an application.", "Leave it out, or correct it.", name)
        for name in self._required:
            if name not in names:
                raise RequestError(f"The column {name} is missing.", "Add it to the file.", name)

    def split(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows to score, typed, and rows at fault as they came, with the rule."""
        given = [column for name, column in self._columns.items() if name in rows.columns]
        typed = rows.with_columns(_typed(column, rows.schema[column.name]) for column in given)
        faults = [_fault(column, required=column.name in self._required) for column in given]
        both = typed.with_columns(pl.Series(name, rows[name]).alias(f"{name}\n") for name in (c.name for c in given))
        rule = both.select(pl.coalesce(*faults, pl.lit(None, pl.String)).alias(RULE))[RULE]
        broken = rule.is_not_null()
        refused = rows.filter(broken).with_columns(rule.filter(broken))
        return typed.filter(~broken), refused

    def decide(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Decisions about typed rows."""
        portfolio = self._scorer.portfolio
        # The row number stands for the applicant: keys of a file may repeat, or not be there.
        number = pl.int_range(pl.len()).cast(self._types[self._key])
        given = rows.select(name for name in self._columns if name in rows.columns)
        absent = {n: t for n, t in self._types.items() if n not in given.columns and n != self._key}
        table = given.select(
            number.alias(self._key),
            pl.all(),
            *(pl.lit(None, dtype).alias(name) for name, dtype in absent.items()),
        ).select(list(self._types))
        tables = {portfolio.training_table: table.lazy(), **self._empty}
        features = build_features(portfolio, tables).collect().sort(self._key)
        decisions = self._scorer.decide(features, language=self._language) if features.height else []
        carried = rows.select(name for name in (ROW, self._key) if name in rows.columns)
        return pl.concat([carried, _decision_columns(decisions)], how="horizontal")


def _required(scorer: Scorer) -> frozenset[str]:
    portfolio: Portfolio = scorer.portfolio
    if portfolio.express_columns and scorer.bears_missing:
        wanted = set(portfolio.express_columns)
    else:
        wanted = {c.name for c in portfolio.application_columns}
    columns = portfolio.application_columns
    return frozenset(c.name for c in columns if c.name in wanted and not c.nullable and c.protected is None)


def _typed(column: Column, given: pl.DataType) -> pl.Expr:
    wanted = POLARS_DTYPES[column.type]()
    value = pl.col(column.name)
    if column.type.is_integer and given.is_float():
        # A fraction must not be cut off in silence.
        value = pl.when(value == value.floor()).then(value)
    return value.cast(wanted, strict=False)


def _fault(column: Column, *, required: bool) -> pl.Expr:
    """Rule that a value breaks, or null; the value as it came is beside the typed one."""
    name = column.name
    value, came = pl.col(name), pl.col(f"{name}\n")
    is_sentinel = pl.lit(value=False) if column.sentinel is None else (value == column.sentinel).fill_null(value=False)
    rules = [(value.is_null() & came.is_not_null(), "wrong type")]
    if required:
        rules.append((came.is_null(), "missing"))
    if column.allowed is not None:
        rules.append((~value.is_in(list(column.allowed)) & ~is_sentinel, "not allowed"))
    if column.type.is_numeric and not column.type.is_integer:
        rules.append((~value.is_finite(), "not a finite number"))
    if column.minimum is not None:
        rules.append(((value < column.minimum) & ~is_sentinel, f"below {column.minimum:g}"))
    if column.maximum is not None:
        rules.append(((value > column.maximum) & ~is_sentinel, f"above {column.maximum:g}"))
    return pl.coalesce(*(pl.when(broken).then(pl.lit(f"{name}: {words}")) for broken, words in rules))


def _decision_columns(decisions: list[Decision]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "probability_of_default": [d.probability_of_default for d in decisions],
            "decision": [d.decision for d in decisions],
            "points": [d.points for d in decisions],
            "reasons": ["; ".join(reason.code for reason in d.reasons) for d in decisions],
            "model_version": [d.model.version for d in decisions],
        },
        schema={
            "probability_of_default": pl.Float64,
            "decision": pl.String,
            "points": pl.Int64,
            "reasons": pl.String,
            "model_version": pl.String,
        },
    )


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
