"""Figures keep their source; both renderings say the same; nothing becomes markup that was text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import RecordError
from credit_platform.governance.document import (
    Bullets,
    Document,
    Facts,
    Figure,
    Grid,
    Paragraph,
    Picture,
    Section,
    resolve,
    text,
    words,
)
from credit_platform.lakehouse import StoredTable, TableVersion


def stored() -> StoredTable:
    version = TableVersion(
        key="p/models/scorer",
        version=3,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        rows=2,
        bytes=1,
        columns=2,
        content_hash="abcdef0123456789",
    )
    frame = pl.LazyFrame({"name": ["a|b", "<c>"], "psi": [0.123456, None]})
    summary = {"metrics": {"auc": 0.79123, "none": None}, "list": [{"x": 1.5}], "names": ["u", "v"], "empty": []}
    return StoredTable(frame=frame, summary=summary, version=version)


FACTS = Facts({"scorer": stored()})


def document() -> Document:
    columns = {"name": ("Name", "text"), "psi": ("PSI", "decimal")}
    return Document(
        name="doc",
        title="Title & more",
        sections=(
            Section(
                "First",
                (
                    text(
                        "AUC {} of {}.",
                        FACTS.summary("scorer", "metrics.auc"),
                        FACTS.version("scorer", "rows", "whole"),
                    ),
                    Bullets((Paragraph(("one",)), text("x is {}", FACTS.summary("scorer", "list.0.x", "one")))),
                    FACTS.grid("scorer", columns),
                    Picture("picture.png", "a picture"),
                ),
            ),
        ),
    )


def test_a_figure_knows_where_it_comes_from_and_can_be_walked_back() -> None:
    frame = document().to_frame()

    assert frame["text"].to_list() == ["0.791", "2", "1.5", "a|b", "0.123", "<c>", "not measured"]
    assert frame["path"].to_list()[:5] == [
        "summary.metrics.auc",
        "version.rows",
        "summary.list.0.x",
        "rows.0.name",
        "rows.0.psi",
    ]
    assert frame["table"].unique().to_list() == ["p/models/scorer"]
    assert frame["version"].unique().to_list() == [3]
    for row in frame.iter_rows(named=True):
        assert resolve(row, stored()) == json.loads(row["value"])


def test_markdown_and_html_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"PNG")

    markdown, html = (path.read_text() for path in document().write(tmp_path))

    assert markdown.startswith("# Title & more\n\n## First\n\nAUC 0.791 of 2.\n\n- one\n- x is 1.5\n\n| Name | PSI |\n")
    assert "| a\\|b | 0.123 |\n| <c> | not measured |\n" in markdown
    assert "![a picture](picture.png)" in markdown
    assert "<title>Title &amp; more</title>" in html
    assert "&lt;c&gt;" in html
    assert '<data value="0.79123" title="p/models/scorer version 3, summary.metrics.auc">0.791</data>' in html
    assert 'src="data:image/png;base64,UE5H"' in html
    assert "http" not in html


@pytest.mark.parametrize(
    ("style", "value", "shown"),
    [
        ("decimal", 1234.5678, "1,234.568"),
        ("percent", 0.1234, "12.3%"),
        ("signed", 0.5, "+0.500"),
        ("tiny", 1e-12, "1.0e-12"),
        ("whole", 1000, "1,000"),
        ("fine", None, "not measured"),
        ("text", ["a", "b"], "a, b"),
        ("text", [], "none"),
        ("text", None, ""),
        ("digest", "abcdef0123456789", "abcdef012345"),
        ("yes_no", True, "yes"),
    ],
)
def test_how_values_are_written(style: str, value: object, shown: str) -> None:
    version = stored().version
    facts = Facts({"t": StoredTable(frame=pl.LazyFrame(), summary={"v": value}, version=version)})
    assert facts.summary("t", "v", style).text == shown


def test_what_is_not_there_is_not_shown() -> None:
    assert FACTS.has("scorer", "metrics.auc")
    assert not FACTS.has("scorer", "metrics.none")
    assert not FACTS.has("scorer", "metrics.auc.deeper")
    with pytest.raises(RecordError):
        FACTS.summary("scorer", "metrics.missing")


def test_rows_can_be_chosen() -> None:
    grid = FACTS.grid("scorer", {"name": ("Name", "text")}, where=pl.col("psi").is_null(), most=5)
    assert isinstance(grid, Grid)
    figure = grid.rows[0][0]
    assert isinstance(figure, Figure)
    assert (figure.text, figure.path) == ("<c>", "rows.1.name")


def test_places_and_figures_must_match() -> None:
    with pytest.raises(ValueError, match="0 figures for 1 places"):
        text("{} is missing")


def test_words() -> None:
    assert words(["a"]) == "a"
    assert words(["a", "b", "c"]) == "a, b and c"
