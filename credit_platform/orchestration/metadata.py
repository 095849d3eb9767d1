"""How tables, charts and sizes look on an asset page of the Dagster UI."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.lakehouse import TableVersion

PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 12


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


def columns_schema(frame: pl.LazyFrame, describe: Callable[[str], str | None]) -> dg.TableSchema:
    """Column names and types of a stored table, with what `describe` says of each."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=name, type=str(dtype), description=describe(name))
            for name, dtype in frame.collect_schema().items()
        ]
    )


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
