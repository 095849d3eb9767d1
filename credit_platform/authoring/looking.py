"""What a CSV file of loans holds: types, nulls, categories, and which columns are key, outcome and protected.

What is here: `look`, and the `Seen` columns that it returns.
What to add here: another kind of column that can be told by its name or values.
What must not be here: writing, and rules about rows (`quality`): what is guessed here a person reads and mends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from credit_platform.errors import RawFileError, SettingError
from credit_platform.files.literal import read_csv
from credit_platform.portfolios.source_table import EMPTY_NUMBERS, EMPTY_TEXTS, ColumnType

KEY = "applicant_id"
"""Name of the key where the file has none, or none with a name."""
MOST_CATEGORIES = 50
_DELIMITERS = ",;\t|"
_ENOUGH_NUMBERS = 0.95
"""Share of cells that are numbers, from which on a column is one of numbers with wrong cells in it."""
_UNSAFE = re.compile(r"[\s,;{}()=]+")
"""What Delta Lake refuses in the name of a column."""
_OUTCOME = re.compile(r"default|target|bad|dlq|delinq|lost|label|outcome|arrear|défaut|impay", re.IGNORECASE)
_IS_KEY = re.compile(r"(^|[^a-z])(id|key|number|no|nr|loan|num)([^a-z]|$)|ID$|Id$|_id", re.IGNORECASE)
_PROTECTED = {
    "sex": re.compile(r"(^|[^a-z])(sex|sexe|gender|genre)([^a-z]|$)", re.IGNORECASE),
    "nationality": re.compile(r"nation|foreign|citizen|étrang", re.IGNORECASE),
    "family status": re.compile(r"marital|family_?status|married|civil", re.IGNORECASE),
    "origin": re.compile(r"(^|[^a-z])(race|ethnic\w*|religion)([^a-z]|$)", re.IGNORECASE),
}
_AGE = re.compile(r"(^|[^a-z])(age|âge|birth\w*)([^a-z]|$)|Age$|^age", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class SeenColumn:
    """A column as the file shows it."""

    name: str
    type: ColumnType
    nulls: int
    distinct: int
    minimum: float | None = None
    median: float | str | None = None
    """Of numbers; the most frequent text."""
    categories: tuple[str, ...] | None = None
    protected: str | None = None
    audited: str | None = None

    @property
    def is_used(self) -> bool:
        """Whether a feature can be made of it: it differs, a model may see it, and it is no free text."""
        told = self.type.is_numeric or self.categories is not None
        return told and self.protected is None and self.distinct > 1


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A file as it was read."""

    columns: tuple[SeenColumn, ...]
    key: str
    target: str
    frame: pl.DataFrame
    """Every cell as its text, under names that Delta Lake takes."""
    defaults: int
    notes: tuple[str, ...]
    """What was guessed or changed, for a person."""

    @property
    def applicant_columns(self) -> tuple[SeenColumn, ...]:
        """Those that are neither key nor outcome."""
        return tuple(column for column in self.columns if column.name not in (self.key, self.target))


def look(file: Path, *, target: str | None = None, key: str | None = None) -> Seen:
    """Read a CSV file and guess what its columns are.

    Args:
        file: with a header, in UTF-8; commas, semicolons, tabs or bars between the cells.
        target: column of the outcome, 1 = default; guessed where it is not given.
        key: column that names the loan; guessed likewise.

    Raises:
        RawFileError: it cannot be read as such a file.
        SettingError: the outcome cannot be guessed, or is not 0 or 1.
    """
    frame, notes = _named(_cells(file))
    columns = [_seen(frame[name], notes) for name in frame.columns]
    outcome = _target(columns, frame, target)
    frame, columns, identity = _with_key(frame, columns, key, outcome, notes)
    defaults = int((frame[outcome].str.strip_chars() == "1").sum())
    notes.append(
        f"{outcome} is the outcome: 1 is taken for a default, which {defaults:,} of {frame.height:,} rows say. "
        f"{identity} names the loan."
    )
    marked = tuple(one if one.name in (identity, outcome) else _marked(one, notes) for one in columns)
    return Seen(columns=marked, key=identity, target=outcome, frame=frame, defaults=defaults, notes=tuple(notes))


def _cells(file: Path) -> pl.DataFrame:
    try:
        with file.open(encoding="utf-8-sig") as lines:
            header = lines.readline()
    except (OSError, UnicodeDecodeError) as error:
        raise RawFileError(f"{file} cannot be read: {error}.", "Give a CSV file in UTF-8.") from error
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        frame = read_csv(file, separator=delimiter, infer_schema=False).with_columns(pl.all().fill_null(""))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RawFileError(f"{file} is no CSV file: {error}.", "Give one with a header and equal rows.") from error
    if frame.width < 2 or frame.is_empty():  # noqa: PLR2004  # an outcome and something that tells of it
        raise RawFileError(f"{file} has {frame.height} rows of {frame.width} columns.", "Give a file of loans.")
    return frame


def _named(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Names that Delta Lake takes, and what was changed."""
    names, notes = list[str](), list[str]()
    for place, given in enumerate(frame.columns):
        name = _UNSAFE.sub("_", given.strip()).strip("_")
        name = name or (KEY if place == 0 else f"column_{place + 1}")
        while name in names:
            name += "_"
        names.append(name)
        if name != given:
            notes.append(f"Column {place + 1}, {given!r}, is called {name} in the copy.")
    return frame.rename(dict(zip(frame.columns, names, strict=True))), notes


def _seen(cells: pl.Series, notes: list[str]) -> SeenColumn:
    bare = cells.str.strip_chars()
    filled = bare.filter(~bare.is_in(EMPTY_NUMBERS))
    numbers = filled.cast(pl.Float64, strict=False)
    wrong = filled.filter(numbers.is_null())
    if filled.len() and wrong.len() <= (1 - _ENOUGH_NUMBERS) * filled.len():
        if wrong.len():
            notes.append(
                f"{wrong.len():,} cells of {cells.name} are no numbers ({wrong[0]!r}): such rows are set aside."
            )
        return _number(cells, numbers.drop_nulls())
    texts = cells.filter(~cells.is_in(EMPTY_TEXTS))
    values = texts.value_counts(sort=True)
    few = values.height <= MOST_CATEGORIES and values.height < max(2, cells.len() / 2)
    return SeenColumn(
        name=cells.name,
        type=ColumnType.STRING,
        nulls=cells.len() - texts.len(),
        distinct=values.height,
        median=None if values.is_empty() else values[0, 0],
        categories=tuple(sorted(values[cells.name])) if few and values.height else None,
    )


def _number(cells: pl.Series, numbers: pl.Series) -> SeenColumn:
    whole = bool((numbers == numbers.round(0)).all())
    least, most = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]  # numbers, and at least one
    narrow = ColumnType.INT32.bounds[0] < least and most < ColumnType.INT32.bounds[1]
    kind = (ColumnType.INT32 if narrow else ColumnType.INT64) if whole else ColumnType.FLOAT64
    median = float(numbers.median())  # type: ignore[arg-type]  # as above
    return SeenColumn(
        name=cells.name,
        type=kind,
        nulls=cells.len() - numbers.len(),
        distinct=numbers.n_unique(),
        minimum=least,
        median=round(median) if whole else median,
    )


def _target(columns: Sequence[SeenColumn], frame: pl.DataFrame, given: str | None) -> str:
    binary = [one.name for one in columns if one.nulls == 0 and _is_binary(frame[one.name])]
    if given is not None:
        if given not in frame.columns:
            raise SettingError(f"There is no column {given!r}.", f"Name one of: {', '.join(frame.columns)}.")
        if given not in binary:
            raise SettingError(f"{given} is not 0 or 1 in every row.", "Make a column that is 1 for a default, else 0.")
        return given
    likely = [name for name in binary if _OUTCOME.search(name)] or binary
    if len(likely) != 1:
        which = f"could be {', '.join(likely)}" if likely else "is nowhere: no column is 0 or 1 in every row"
        raise SettingError(f"The outcome {which}.", "Name the column with --target; 1 must be a default.")
    return likely[0]


def _is_binary(cells: pl.Series) -> bool:
    return set(cells.str.strip_chars().unique()) == {"0", "1"}


def _with_key(
    frame: pl.DataFrame, columns: list[SeenColumn], given: str | None, target: str, notes: list[str]
) -> tuple[pl.DataFrame, list[SeenColumn], str]:
    able = [
        one.name
        for one in columns
        if one.name != target and one.nulls == 0 and one.type is not ColumnType.FLOAT64 and one.distinct == frame.height
    ]
    if given is not None:
        if given not in able:
            raise SettingError(f"{given} does not name each row once.", "Name another with --key, or leave it out.")
        return frame, columns, given
    likely = [name for name in able if name == KEY or _IS_KEY.search(name)] or [
        n for n in able if n == frame.columns[0]
    ]
    if likely:
        return frame, columns, likely[0]
    name = KEY
    while name in frame.columns:
        name += "_"
    notes.append(f"No column names the loan: the copy numbers the rows from 1, as {name}.")
    numbered = frame.with_row_index(name, offset=1).with_columns(pl.col(name).cast(pl.String))
    rows = frame.height
    made = SeenColumn(name=name, type=ColumnType.INT32, nulls=0, distinct=rows, minimum=1, median=rows // 2)
    return numbered, [made, *columns], name


def _marked(column: SeenColumn, notes: list[str]) -> SeenColumn:
    """What the name says of a person that a model must not see, or that the audit watches."""
    attribute = next((what for what, name in _PROTECTED.items() if name.search(column.name)), None)
    if attribute is not None:
        notes.append(f"{column.name} seems to reveal {attribute}: no feature reads it, and the audit does.")
        return replace(column, protected=attribute)
    if column.type.is_numeric and _AGE.search(column.name):
        notes.append(f"{column.name} seems to be an age: a feature reads it, and the audit watches it.")
        return replace(column, audited="age")
    if not column.is_used:
        why = "has one value" if column.distinct <= 1 else f"is a text with {column.distinct:,} values"
        notes.append(f"{column.name} {why}: no feature reads it.")
    return column
