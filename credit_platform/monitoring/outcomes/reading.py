"""Reading every file of outcomes: rows that keep the contract, and rows set aside with the rule they broke.

What is here: `read_outcomes` and what it returns.
What to add here: a rule on single rows that a `Column` cannot say.
What must not be here: parsing and the contract's rules (`quality/ingest.py`); matching (`matching.py`).

A row that is set aside keeps its file, its line and what it says of the loan, but not of whom: the file has that, and
what is stored must not name anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.files.csv_text import open_csv
from credit_platform.lakehouse.csv_files import scan_csv_text
from credit_platform.monitoring.outcomes.contract import OPTIONAL, OUTCOMES, SYNTHETIC, contract_of
from credit_platform.quality import Ingested, ingest
from credit_platform.quality.quarantine import LINE, RULE
from credit_platform.quality.rules import SEPARATOR
from credit_platform.values import POLARS_TYPES

_DATES = ("decided_on", "observed_at")
UNIDENTIFIED = "whose:neither a request nor an applicant with a day"


@dataclass(frozen=True, kw_only=True)
class OutcomeRows:
    """All files, read."""

    rows: pl.DataFrame
    """Columns of `ROWS`: rows that keep the contract."""
    rejected: pl.DataFrame
    """Columns of `REJECTED`: rows that do not, with the rules they broke as `reason`."""
    hashes: dict[str, str]
    """SHA-256 of each file, by name."""

    @property
    def rows_in(self) -> int:
        """Rows of all files."""
        return self.rows.height + self.rejected.height


def read_outcomes(files: Iterable[Path], staging: Path) -> OutcomeRows:
    """Read `files` under the contract.

    Args:
        files: CSV files, also packed.
        staging: a folder (`Lakehouse.staging`) in which a file may be unpacked.

    Raises:
        RawFileError: a file as a whole is broken, or changed while it was read; the message names it and the cure.
    """
    parts = [_read_file(path, staging / f"outcomes_{number}") for number, path in enumerate(files)]
    rows = pl.concat([pl.DataFrame(schema=ROWS), *(kept for kept, _, _ in parts)])
    rejected = pl.concat([pl.DataFrame(schema=REJECTED), *(wrong for _, wrong, _ in parts)])
    return OutcomeRows(rows=rows, rejected=rejected, hashes=dict(pair for _, _, pair in parts))


def _read_file(path: Path, staging: Path) -> tuple[pl.DataFrame, pl.DataFrame, tuple[str, str]]:
    staging.mkdir(parents=True, exist_ok=True)
    table = contract_of(open_csv(path, staging), path.name)
    ingested = ingest(table, path, {}, staging=staging)
    rejected = _completed(ingested.rejected.collect()).with_columns(pl.col(RULE).alias("reason"))
    kept = _completed(ingested.kept.collect()).with_columns(_lines(ingested, rejected))
    wrong = pl.concat_str(
        *(pl.when(broken).then(pl.lit(name)) for name, broken in _row_rules().items()),
        separator=SEPARATOR,
        ignore_nulls=True,
    )
    judged = kept.with_columns(wrong.alias("reason"), pl.lit(path.name).alias("file"))
    aside = [judged.filter(pl.col("reason") != ""), rejected.with_columns(pl.lit(path.name).alias("file"))]
    right = judged.filter(pl.col("reason") == "").with_columns(_date(name).alias(name) for name in _DATES)
    return (
        right.select(pl.col(name).cast(kind) for name, kind in ROWS.items()),
        pl.concat([part.select(_rejected_columns()) for part in aside]).sort("line"),
        (path.name, ingested.raw_file.sha256),
    )


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """With the columns that the file leaves out, as nulls."""
    missing = [column for column in OUTCOMES.columns if column.name in OPTIONAL and column.name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=POLARS_TYPES[column.type]).alias(column.name) for column in missing)


def _lines(ingested: Ingested, rejected: pl.DataFrame) -> pl.Series:
    """The line of each row that was kept: rows are kept in the order of the file, the rejected ones left out."""
    every = scan_csv_text(ingested.raw_file, ingested.table, LINE).select(LINE).collect().to_series()
    return every.filter(~every.is_in(rejected[LINE].implode()))


def _row_rules() -> dict[str, pl.Expr]:
    dates = {f"date:{name}": _date(name).is_null() & pl.col(name).is_not_null() for name in _DATES}
    named = pl.col("request_id").is_not_null() | (
        pl.col("applicant_id").is_not_null() & pl.col("decided_on").is_not_null()
    )
    return {**dates, UNIDENTIFIED: ~named}


def _date(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().str.to_date("%Y-%m-%d", strict=False)


def _rejected_columns() -> list[pl.Expr]:
    """What a rejected row keeps, as text: no column that says of whom it speaks."""
    return [pl.col(name).cast(kind) for name, kind in REJECTED.items()]


def digest_of(hashes: dict[str, str]) -> str:
    """One digest of all files, names included."""
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in sorted(hashes.items())).encode()).hexdigest()


ROWS: dict[str, Any] = {
    "file": pl.String,
    "line": pl.Int64,
    "request_id": pl.String,
    "applicant_id": pl.String,
    "decided_on": pl.Date,
    "observed_at": pl.Date,
    "months_on_book": pl.Int64,
    "defaulted": pl.Boolean,
    "loss": pl.Float64,
    SYNTHETIC: pl.Boolean,
}
"""Columns of rows that keep the contract."""
REJECTED: dict[str, Any] = {
    "file": pl.String,
    "line": pl.Int64,
    "reason": pl.String,
    "observed_at": pl.String,
    "months_on_book": pl.String,
    "defaulted": pl.String,
    "loss": pl.String,
    SYNTHETIC: pl.String,
}
"""Columns of rows that cannot count, as text; without whom they speak of."""
