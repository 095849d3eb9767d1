"""The contract of a file that says what became of loans; the same for every portfolio.

What is here: `OUTCOMES`, which columns a file may leave out, where the files lie, and `contract_of` one file.
What to add here: a column, optional where older files lack it.
What must not be here: rules that need a decision (`matching.py`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from credit_platform.files.csv_text import CsvFile, listed, read_names
from credit_platform.files.csv_text import broken as broken_file
from credit_platform.lakehouse.raw_files import OUTCOMES as FOLDER
from credit_platform.lakehouse.raw_files import outcomes_mirror
from credit_platform.portfolios.keys import rejected_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable
from credit_platform.settings import Settings

ENDINGS = (".csv", ".csv.gz", ".csv.zip", ".zip")
SYNTHETIC = "synthetic"
"""Column with which a file of made-up outcomes says so, row by row: the mark cannot be lost on the way."""
_MOST_MONTHS = 600

OUTCOMES = SourceTable(
    name="outcomes",
    file_name="outcomes.csv",
    description="What became of granted loans, as observed on a day: a row per loan and observation.",
    columns=(
        Column(
            name="request_id",
            type=ColumnType.STRING,
            nullable=True,
            description="Id of the request that was decided, as the service answered it; or the next two columns.",
        ),
        Column(
            name="applicant_id",
            type=ColumnType.STRING,
            nullable=True,
            description="Whom the decision was about, as the client named them; with the day of the decision.",
        ),
        Column(
            name="decided_on",
            type=ColumnType.STRING,
            nullable=True,
            description="Day of the decision in the portfolio's timezone, as 2026-11-30.",
        ),
        Column(
            name="observed_at",
            type=ColumnType.STRING,
            description="Day on which the lender looked at the loan, as 2026-11-30.",
        ),
        Column(
            name="months_on_book",
            type=ColumnType.INT16,
            unit="months",
            minimum=0,
            maximum=_MOST_MONTHS,
            description="Age of the loan on that day; of a default, the age at which it came where that is known.",
        ),
        Column(
            name="defaulted",
            type=ColumnType.INT8,
            allowed=(0, 1),
            description="Whether the loan has defaulted by that day: 1 = default, 0 = not. A default stays one.",
        ),
        Column(
            name="loss",
            type=ColumnType.FLOAT64,
            nullable=True,
            minimum=0,
            description="Lost so far, in the currency of the portfolio; empty where it is not known.",
        ),
        Column(
            name=SYNTHETIC,
            type=ColumnType.INT8,
            nullable=True,
            allowed=(0, 1),
            description="1 where a simulation made the row up; absent or empty in a lender's own files.",
        ),
    ),
    max_rejected_share=0.05,
)
NAME = OUTCOMES.name
"""Name of the table of outcomes."""
REJECTED = rejected_name(NAME)
"""Name of the table of rows that count for no decision."""
OPTIONAL = ("request_id", "applicant_id", "decided_on", "loss", SYNTHETIC)
"""Columns that a file may leave out; what it leaves out is null."""


def outcome_folder(settings: Settings, portfolio: Portfolio) -> Path:
    """Folder into which files of outcomes are dropped, or of the copies of those in a store; it may not exist."""
    return settings.raw_folder(portfolio.name) / FOLDER


def outcome_files(settings: Settings, portfolio: Portfolio) -> list[Path]:
    """The files, by name; whatever begins with a dot is still being copied, or none of them.

    Of files in an object store they are copies, which are made equal to them first.

    Raises:
        StorageError: the object store cannot be read.
        RawFileError: its files are replaced again and again while they are copied.
    """
    mirror = outcomes_mirror(settings, portfolio)
    folder = outcome_folder(settings, portfolio) if mirror is None else mirror.refresh()
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.name[0] != "." and path.name.lower().endswith(ENDINGS))


def contract_of(file: CsvFile, name: str) -> SourceTable:
    """The contract of one file: `OUTCOMES` without the optional columns that its header leaves out.

    Raises:
        RawFileError: a column that is needed is not there.
    """
    header = read_names(file, OUTCOMES.column_names)
    left_out = {column for column in OPTIONAL if column not in header}
    if "request_id" in left_out and {"applicant_id", "decided_on"} & left_out:
        raise broken_file(
            file,
            "does not say whose outcomes they are",
            f"Its header must have request_id, or applicant_id and decided_on, beside {listed(_needed())}.",
        )
    kept = tuple(column for column in OUTCOMES.columns if column.name not in left_out)
    return replace(OUTCOMES, file_name=name, columns=kept)


def _needed() -> tuple[str, ...]:
    return tuple(name for name in OUTCOMES.column_names if name not in OPTIONAL)
