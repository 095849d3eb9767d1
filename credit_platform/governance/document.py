"""Documents whose every figure comes from a stored table.

What is here: `Facts`, which takes figures out of stored tables and remembers where each came from; the parts of which a
document is made; and rendering to Markdown and HTML from one structure, so that both say the same.
What to add here: another kind of part, in both templates.
What must not be here: what a particular document says (`model_card.py`, `validation_report.py`), measuring anything.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from credit_platform import presented
from credit_platform.lakehouse import StoredTable
from credit_platform.lakehouse.records import value_at


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A value in a document and the place it was taken from."""

    text: str
    value: Any
    table: str
    """Key of the stored table."""
    version: int
    path: str
    """`summary.<name>.<name>` in the summary, or `rows.<number>.<column>` in the rows of the stored order."""


Part = str | Figure


@dataclass(frozen=True)
class Paragraph:
    """Words and figures in a row."""

    parts: tuple[Part, ...]
    kind: str = "paragraph"


@dataclass(frozen=True)
class Bullets:
    """A list of paragraphs."""

    items: tuple[Paragraph, ...]
    kind: str = "bullets"


@dataclass(frozen=True)
class Grid:
    """A table of words and figures."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Part, ...], ...]
    kind: str = "grid"


@dataclass(frozen=True)
class Picture:
    """A PNG file beside the document."""

    file: str
    alt: str
    kind: str = "picture"


Block = Paragraph | Bullets | Grid | Picture


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document as data."""

    name: str
    """Name of its files, without ending."""
    title: str
    sections: tuple[Section, ...]
    about: tuple[tuple[str, Paragraph], ...] = ()
    """What the document is of, at its head: name and what stands for it, such as owner, version, date."""

    def figures(self) -> Iterator[Figure]:
        """Every figure, in reading order."""
        for _, paragraph in self.about:
            yield from (part for part in paragraph.parts if isinstance(part, Figure))
        for section in self.sections:
            for block in section.blocks:
                yield from (part for part in _parts(block) if isinstance(part, Figure))

    @property
    def has_figures(self) -> bool:
        """Whether any of its numbers is a figure of a stored table."""
        return next(self.figures(), None) is not None

    def to_frame(self) -> pl.DataFrame:
        """A row per figure: document, text, value (JSON), table, version, path."""
        rows = [
            {
                "document": self.name,
                "text": figure.text,
                "value": json.dumps(figure.value, default=str),
                "table": figure.table,
                "version": figure.version,
                "path": figure.path,
            }
            for figure in self.figures()
        ]
        return pl.DataFrame(rows, schema=_FIGURES)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write `<name>.md` and `<name>.html` into `folder`; pictures that lie there are put into the HTML itself."""
        folder.mkdir(parents=True, exist_ok=True)
        markdown, html = folder / f"{self.name}.md", folder / f"{self.name}.html"
        markdown.write_text(self.render("document.md.j2"), encoding="utf-8")
        html.write_text(self.render("document.html.j2", folder), encoding="utf-8")
        return markdown, html

    def render(self, template: str, folder: Path | None = None) -> str:
        """The document by one of the templates; pictures are read from `folder`."""
        environment = _environment()
        environment.filters["data_uri"] = lambda file: _data_uri(folder, file)
        text = environment.get_template(template).render(document=self)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


class Facts:
    """Figures out of stored tables."""

    def __init__(self, tables: Mapping[str, StoredTable]) -> None:
        """Take figures from `tables`, addressed by short names such as `scorer`."""
        self._tables = dict(tables)
        self._frames: dict[str, pl.DataFrame] = {}

    def summary(self, table: str, path: str, style: str = "decimal") -> Figure:
        """A value of the summary, such as `holdout_metrics.auc`.

        Raises:
            RecordError: the summary has no such value.
        """
        return self._figure(table, f"summary.{path}", value_at(self._tables[table], path), style)

    def has(self, table: str, path: str) -> bool:
        """Whether the summary has such a value, and it is not null."""
        value: Any = self._tables[table].summary
        for step in path.split("."):
            if not isinstance(value, Mapping) or value.get(step) is None:
                return False
            value = value[step]
        return True

    def rows(self, table: str) -> pl.DataFrame:
        """The rows of a table in stored order, with their number as `_row`."""
        if table not in self._frames:
            self._frames[table] = self._tables[table].frame.collect().with_row_index("_row")
        return self._frames[table]

    def cell(self, table: str, row: int, column: str, style: str = "decimal") -> Figure:
        """One cell, by row number in stored order."""
        return self._figure(table, f"rows.{row}.{column}", self.rows(table)[column][row], style)

    def grid(
        self,
        table: str,
        columns: Mapping[str, tuple[str, str]],
        *,
        where: pl.Expr | None = None,
        most: int | None = None,
    ) -> Grid:
        """Rows of a table as a grid.

        Args:
            table: short name.
            columns: column to heading and style, in the order shown.
            where: rows to show; all by default.
            most: rows to show at most.
        """
        rows = self.rows(table) if where is None else self.rows(table).filter(where)
        numbers = rows["_row"].to_list()[:most]
        cells = tuple(
            tuple(self.cell(table, number, column, style) for column, (_, style) in columns.items())
            for number in numbers
        )
        return Grid(tuple(heading for heading, _ in columns.values()), cells)

    def version(self, table: str, name: str, style: str = "text") -> Figure:
        """A field of the table's version record, such as `content_hash` or `rows`."""
        version = self._tables[table].version
        return self._figure(table, f"version.{name}", getattr(version, name), style)

    def _figure(self, table: str, path: str, value: Any, style: str) -> Figure:
        version = self._tables[table].version
        return Figure(text=STYLES[style](value), value=value, table=version.key, version=version.version, path=path)


def text(template: str, *figures: Figure) -> Paragraph:
    """A paragraph: each `{}` of `template` is replaced by the next figure.

    Raises:
        ValueError: the number of `{}` is not that of the figures.
    """
    pieces = template.split("{}")
    if len(pieces) != len(figures) + 1:
        raise ValueError(f"{len(figures)} figures for {len(pieces) - 1} places in {template!r}.")
    parts: list[Part] = [pieces[0]]
    for figure, piece in zip(figures, pieces[1:], strict=True):
        parts += [figure, piece]
    return Paragraph(tuple(part for part in parts if part != ""))


def resolve(figure: Mapping[str, Any], stored: StoredTable) -> Any:
    """The value that a recorded figure (`Document.to_frame`) has in its stored table: for whoever checks a document."""
    kind, _, rest = str(figure["path"]).partition(".")
    if kind == "version":
        return getattr(stored.version, rest)
    if kind == "rows":
        row, _, column = rest.partition(".")
        return stored.frame.collect()[column][int(row)]
    return value_at(stored, rest)


def _number(places: int) -> Callable[[Any], str]:
    return lambda value: presented.decimal(value, places)


def _named(name: Callable[[str], str]) -> Callable[[Any], str]:
    """A style for names: one, several, or none."""
    return lambda value: presented.listed([name(one) for one in value]) if isinstance(value, list) else name(str(value))


STYLES: Mapping[str, Callable[[Any], str]] = {
    "decimal": _number(3),
    "fine": _number(4),
    "whole": _number(0),
    "one": _number(1),
    "percent": presented.percent,
    "signed": presented.signed,
    "tiny": presented.tiny,
    "text": lambda value: presented.listed(value) if isinstance(value, list) else "" if value is None else str(value),
    "digest": presented.digest,
    "moment": presented.moment,
    "candidate": _named(presented.candidate),
    "feature": _named(presented.feature),
    "method": _named(presented.method),
    "plain": _named(presented.plain),
    "none_refused": lambda _: "nobody was refused",
    "yes_no": lambda value: "yes" if value else "no",
}
"""How a value is written, by name."""


def _parts(block: Block) -> Iterator[Part]:
    if isinstance(block, Paragraph):
        yield from block.parts
    elif isinstance(block, Bullets):
        for item in block.items:
            yield from item.parts
    elif isinstance(block, Grid):
        for row in block.rows:
            yield from row


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("credit_platform.governance"),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default_for_string=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["anchor"] = lambda title: re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
    environment.tests["figure"] = lambda part: isinstance(part, Figure)
    environment.filters["cell"] = lambda part: _plain(part).replace("|", "\\|").replace("\n", " ")
    environment.filters["plain"] = _plain
    return environment


def _plain(part: Part) -> str:
    return part.text if isinstance(part, Figure) else part


def _data_uri(folder: Path | None, file: str) -> str:
    if folder is None or not (folder / file).is_file():
        return ""
    return "data:image/png;base64," + base64.b64encode((folder / file).read_bytes()).decode()


def words(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


_FIGURES: dict[str, Any] = {
    "document": pl.String,
    "text": pl.String,
    "value": pl.String,
    "table": pl.String,
    "version": pl.Int64,
    "path": pl.String,
}
