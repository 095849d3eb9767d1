"""How tables, charts and sizes look on an asset page of the Dagster UI."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.lakehouse import TableVersion
from credit_platform.tables.column_rules import ColumnRules

PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 12
_KIB = 1024


def markdown_table(frame: pl.DataFrame, *, digits: int = 4) -> dg.MarkdownMetadataValue:
    """Show `frame` as a Markdown table; floats are rounded to `digits` decimals."""
    rows = [[_cell(value, digits) for value in row] for row in frame.iter_rows()]
    lines = [_line(frame.columns), _line(["---"] * frame.width), *(_line(row) for row in rows)]
    return dg.MetadataValue.md("\n".join(lines))


def preview(frame: pl.LazyFrame) -> dg.MarkdownMetadataValue:
    """Show the first rows and columns of a stored table."""
    names = frame.collect_schema().names()
    head = frame.select(names[:PREVIEW_COLUMNS]).head(PREVIEW_ROWS).collect()
    return markdown_table(head)


def image(png: bytes) -> dg.MarkdownMetadataValue:
    """Show a PNG picture inline."""
    return dg.MetadataValue.md(f"![chart](data:image/png;base64,{base64.b64encode(png).decode()})")


def columns_schema(
    frame: pl.LazyFrame,
    describe: Callable[[str], str | None],
    rules_of: Callable[[str], ColumnRules | None] = lambda _: None,
) -> dg.TableSchema:
    """Column names and types of a stored table, with what `describe` says of each, its unit and its rules."""
    return dg.TableSchema(
        columns=[
            _column(name, str(dtype), describe(name), rules_of(name)) for name, dtype in frame.collect_schema().items()
        ]
    )


def _column(name: str, kind: str, description: str | None, rules: ColumnRules | None) -> dg.TableColumn:
    if rules is None:
        return dg.TableColumn(name=name, type=kind, description=description)
    constraints = dg.TableColumnConstraints(nullable=rules.nullable, unique=rules.unique, other=list(rules.others))
    told = f"{description or ''} Unit: {rules.unit}.".strip() if rules.unit else description
    return dg.TableColumn(name=name, type=kind, description=told, constraints=constraints)


def size(value: int) -> str:
    """Bytes in the unit that reads best."""
    amount, unit = float(value), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if amount < _KIB:
            break
        amount, unit = amount / _KIB, larger
    return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"


def relative_to_home(path: Path | str, home: Path) -> str:
    """How a file is named in what is kept: below the home by its place there, so that it is true in a copy of it."""
    if "://" in str(path):
        return str(path)
    whole, inside = Path(path).resolve(), home.resolve()
    return whole.relative_to(inside).as_posix() if whole.is_relative_to(inside) else str(path)


def version_metadata(version: TableVersion) -> dict[str, Any]:
    """What every materialisation carries: rows, size, version and hash of what was stored."""
    return {
        "dagster/row_count": version.rows,
        "version": version.version,
        "bytes": version.bytes,
        "size": size(version.bytes),
        "content_hash": version.content_hash,
        "synthetic": version.synthetic,
    }


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object, digits: int) -> str:
    if value is None:
        return ""
    text = f"{value:.{digits}f}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
