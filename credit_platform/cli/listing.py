r"""How records are shown: as a table or in blocks on a screen, as TSV in a pipe or file, as JSON for programs.

What is here: `Listing`, its `Field`s, and `show_listing`, which chooses.
What to add here: a form of a value that several commands show.
What must not be here: what a command lists.

On a terminal no word and no id is cut or broken: where the rows are too wide for a table, each is a block of its own,
and the terminal wraps what is longer than a line, so that it can be copied whole. Where standard output is no terminal
it carries the records alone, in the values of JSON: one line each below a line of names, separated by tabs (backslash,
tab and line ends of a text as `\\`, `\t`, `\n`, `\r`). What else is said goes to standard error then.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from types import NoneType
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from credit_platform.cli.invoked import as_typed

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Row = Mapping[str, Any]

_AROUND = 3
"""Letters that the lines and blanks of a table take for each column, and one more at the end."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Field:
    """One field of every record."""

    name: str
    """In JSON, and at the head of its column of TSV."""
    heading: str
    """On a screen."""
    shown: Callable[[Any], str] = str
    """A value that is not None on a screen; in JSON and TSV it is as it is."""
    is_sentence: bool = False
    """Whether it stands below the table, since a column would break it."""

    def text_of(self, row: Row) -> str:
        """The value as a screen shows it, empty where there is none."""
        value = row[self.name]
        if isinstance(value, bool) and self.shown is str:
            return "yes" if value else "no"
        return "" if value is None else self.shown(value)


@dataclass(frozen=True)
class Listing:
    """Records to show."""

    title: str
    fields: tuple[Field, ...]
    rows: Sequence[Row]
    notes: tuple[str, ...] = ()
    """Sentences about all of them, after the last."""
    is_wide: bool = False
    """Whether a narrow screen shows the first columns and names the others, in place of blocks."""


def show_listing(listing: Listing, *, as_json: bool = False, console: Console | None = None) -> None:
    """Print records in the form that fits where standard output goes."""
    screen = console or Console()
    if as_json:
        write_json([_plain(row, listing) for row in listing.rows], screen)
        tell_beside(listing.notes)
        return
    if not screen.is_terminal:
        write(tsv(listing), screen)
        tell_beside(listing.notes)
        return
    show_on_screen(listing, screen)


def write_json(value: object, screen: Console) -> None:
    """Print JSON for programs."""
    write(json.dumps(value, indent=2, ensure_ascii=False) + "\n", screen)


def write(text: str, screen: Console) -> None:
    """Print text as it is: Rich would make blanks of tabs."""
    screen.file.write(text)
    screen.file.flush()


def tell_beside(notes: Sequence[str]) -> None:
    """Print sentences to standard error: what reads standard output gets records alone."""
    for note in notes:
        Console(stderr=True).print(as_typed(note), markup=False, highlight=False, soft_wrap=True)


def tell(text: str, *, as_json: bool = False) -> None:
    """Print a sentence beside records: on a screen to standard output, else to standard error."""
    screen = Console()
    if as_json or not screen.is_terminal:
        tell_beside((text,))
    else:
        screen.print(as_typed(text), markup=False, highlight=False, soft_wrap=True)


def tsv(listing: Listing) -> str:
    """The records as lines of values with tabs between, below a line of names; texts that no spreadsheet computes."""
    import polars as pl

    from credit_platform.files.spreadsheet import harmless

    names = [field.name for field in listing.fields]
    cells = {name: [_cell(plain_value(row[name])) for row in listing.rows] for name in names}
    frame = harmless(pl.LazyFrame(cells, schema=dict.fromkeys(names, pl.String))).collect()
    return "".join("\t".join(line) + "\n" for line in [frame.columns, *frame.iter_rows()])


def moment(value: datetime) -> str:
    """A moment to the second; headings say that it is UTC."""
    return value.strftime("%Y-%m-%d %H:%M:%S")


def thousands(value: int) -> str:
    """A count with commas."""
    return f"{value:,}"


def fixed(digits: int) -> Callable[[float], str]:
    """A number with so many digits after the point."""
    return f"{{:.{digits}f}}".format


def show_on_screen(listing: Listing, screen: Console) -> None:
    """Print records for people, wherever standard output goes: what a command tells beside other things."""
    say = partial(screen.print, markup=False, highlight=False, soft_wrap=True)
    if listing.rows:
        _show_rows(listing, screen, say)
    else:
        say(f"{listing.title}: none")
    for note in listing.notes:
        say(as_typed(note))


def _show_rows(listing: Listing, screen: Console, say: Callable[[str], None]) -> None:
    # What no record has takes no room.
    shown = [field for field in listing.fields if any(field.text_of(row) for row in listing.rows)]
    columns = [field for field in shown if not field.is_sentence]
    fitting = _fitting(columns, listing, screen.width)
    if fitting == columns or (listing.is_wide and fitting):
        _show_table(listing, fitting, screen)
        _show_sentences(listing, [field for field in shown if field.is_sentence], columns[0], say)
    else:
        _show_blocks(listing, shown, say)
        fitting = columns
    if left_out := [field.name for field in columns if field not in fitting]:
        say(f"{len(left_out)} more columns: {', '.join(left_out)}. All of them: --json, or in a pipe.")


def _fitting(columns: Sequence[Field], listing: Listing, width: int) -> list[Field]:
    """As many of the first fields as make a table of that width, no word of it broken."""
    count = 0
    while count < len(columns) and _fit(columns[: count + 1], listing, width):
        count += 1
    return list(columns[:count])


def _show_table(listing: Listing, columns: Sequence[Field], screen: Console) -> None:
    screen.print(listing.title, style="bold", markup=False, highlight=False, soft_wrap=True)  # as wide as it is
    table = Table()
    for field in columns:
        numbers = all(type(row[field.name]) in (int, float, NoneType) for row in listing.rows)
        table.add_column(Text(field.heading), justify="right" if numbers else "left", no_wrap=True)
    for row in listing.rows:
        table.add_row(*(Text(field.text_of(row)) for field in columns))
    screen.print(table)


def _show_sentences(listing: Listing, sentences: Sequence[Field], first: Field, say: Callable[[str], None]) -> None:
    for row in listing.rows:
        for field in sentences:
            if text := field.text_of(row):
                say(f"{first.heading} {first.text_of(row)}: {text}")


def _show_blocks(listing: Listing, fields: Sequence[Field], say: Callable[[str], None]) -> None:
    say(listing.title)
    wide = max(cell_len(field.heading) for field in fields)
    for row in listing.rows:
        say("")
        for field in fields:
            text = field.text_of(row)
            if text:
                say(f"  {field.heading}{' ' * (wide - cell_len(field.heading))}  {text}")
    say("")


def _fit(columns: Sequence[Field], listing: Listing, width: int) -> bool:
    texts = [[one.heading, *_texts(one, listing)] for one in columns]
    widths = [max(map(cell_len, column)) for column in texts]
    one_line = not any("\n" in text for column in texts for text in column)
    return one_line and sum(widths) + _AROUND * len(columns) + 1 <= width


def _texts(field: Field, listing: Listing) -> list[str]:
    return [field.text_of(row) for row in listing.rows]


def _plain(row: Row, listing: Listing) -> dict[str, Any]:
    return {field.name: plain_value(row[field.name]) for field in listing.fields}


def plain_value(value: Any) -> Any:
    """A value as JSON has it; a number that JSON does not have by its name."""
    match value:
        case date() | time():
            return value.isoformat()
        case float() if not math.isfinite(value):
            return str(value)
        case tuple() | list() | set() | frozenset():
            return [plain_value(one) for one in value]
        case dict():
            return {name: plain_value(one) for name, one in value.items()}
        case None | str() | bool() | int() | float():
            return value
    return str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return ", ".join(map(_cell, value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value).translate(_ESCAPES)
