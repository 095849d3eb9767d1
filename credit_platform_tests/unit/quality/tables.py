"""Small declared tables and files that the quality tests share."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.portfolios.source_table import Column, ColumnType, ForeignKey, SourceTable

LOANS = SourceTable(
    name="loans",
    file_name="loans.csv",
    description="Loans of a test.",
    primary_key=("id",),
    foreign_keys=(ForeignKey(column="customer", parent="customers", parent_column="customer_id"),),
    max_rejected_share=0.3,
    columns=(
        Column(name="id", type=ColumnType.INT32, description="Number of the loan."),
        Column(name="customer", type=ColumnType.INT32, description="Who has the loan.", nullable=True),
        Column(
            name="amount", type=ColumnType.FLOAT64, description="", unit="DM", minimum=0, maximum=1e6, nullable=True
        ),
        Column(name="purpose", type=ColumnType.STRING, description="", allowed=("car", "tv")),
        Column(name="days", type=ColumnType.INT32, description="Days since.", maximum=0, sentinel=365243),
    ),
)
HEADER = "id,customer,amount,purpose,days"
GOOD = ["1,10,2.5,car,-3", "2,11,,tv,365243", "3,,7,car,0"]
ROWS = [(1, 10, 2.5, "car", -3), (2, 11, None, "tv", 365243), (3, None, 7.0, "car", 0)]

EVENTS = SourceTable(
    name="events",
    file_name="events.csv",
    description="A history without a key.",
    columns=(
        Column(name="value", type=ColumnType.FLOAT64, description="", nullable=True),
        Column(name="kind", type=ColumnType.STRING, description="", nullable=True),
    ),
)


def write(folder: Path, *lines: str, end: str = "\n") -> Path:
    """Write `lines` below the header of `LOANS`, each with a line end."""
    path = folder / "loans.csv"
    path.write_bytes("".join(line + end for line in (HEADER, *lines)).encode())
    return path


def frame(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Rows with the types of `LOANS`."""
    schema = {"id": pl.Int32, "customer": pl.Int32, "amount": pl.Float64, "purpose": pl.String, "days": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")
