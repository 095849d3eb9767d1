"""What the file that describes the columns says, held against the contract of a table.

What is here: `description_findings`, and the hash by which a changed description is noticed.
What to add here: another thing that such a file says and a contract knows.
What must not be here: anything that fails; a description is for people, and people mistype.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path

from credit_platform.portfolios.source_table import DescriptionFile, SourceTable
from credit_platform.quality.findings import Finding, Severity

_MOST_BYTES = 10_000_000
"""More is no list of columns."""
_NAMED = 10


def description_findings(table: SourceTable, folder: Path) -> list[Finding]:
    """Columns that the description in `folder` names and the contract of `table` lacks, and the reverse.

    Names are compared without surrounding blanks, and with the known slips of the file put right. Notes only: no file
    is worse for what is written about it. Empty where the table has no such file, or the file is not there.
    """
    path = _path(table, folder)
    if path is None or table.described_in is None:
        return []
    described = _described(table.described_in, path, table.name)
    if described is None:
        wanted = f"the columns {table.described_in.table_column} and {table.described_in.name_column}"
        return [_note(f"{path.name} was not compared with the contract: it is no comma-separated file with {wanted}")]
    known = set(table.column_names) - set(table.described_in.left_out)
    told = (
        (described - known - set(table.described_in.left_out), "describes columns that the contract of {} lacks"),
        (known - described, "does not describe columns that the contract of {} has"),
    )
    return [
        _note(f"{path.name} {what.format(table.name)}: {_listed(sorted(names))}", len(names))
        for names, what in told
        if names
    ]


def description_hashes(table: SourceTable, folder: Path) -> dict[str, str]:
    """SHA-256 of the description of `table` in `folder`, by file name; empty where there is none."""
    path = _path(table, folder)
    return {} if path is None else {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}


def _path(table: SourceTable, folder: Path) -> Path | None:
    if table.described_in is None:
        return None
    path = folder / table.described_in.file_name
    return path if path.is_file() and path.stat().st_size <= _MOST_BYTES else None


def _described(file: DescriptionFile, path: Path, table: str) -> set[str] | None:
    """Names of the columns of `table`, or None when the file is no such list."""
    rows = csv.DictReader(_text(path).splitlines())
    if not {file.table_column, file.name_column} <= set(rows.fieldnames or ()):
        return None
    labels = file.tables[table]
    names: set[str] = set()
    for row in rows:
        name = (row[file.name_column] or "").strip()
        if (row[file.table_column] or "").strip() in labels and name:
            names.add(file.slips.get(name, name))
    return names


def _text(path: Path) -> str:
    """The text of the file: UTF-8, or else the Windows code page in which such lists are often saved."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _listed(names: Iterable[str]) -> str:
    named = list(names)
    rest = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + rest


def _note(message: str, columns: int = 0) -> Finding:
    return Finding(
        severity=Severity.INFO, rule="description", column=None, rows=columns, share=0.0, message=f"{message}."
    )
